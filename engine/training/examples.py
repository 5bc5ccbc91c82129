"""What each stage of a recipe learns from: pairs of its origins, with negatives and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.recipe import Origin, Stage
from engine.training.corpus import Corpus
from engine.training.general_set import Encoder
from engine.training.hard_negatives import Bm25, example_of, mine
from engine.training.hidden import Hidden
from engine.training.pairs import Example, JudgedQuery, LabelledPassage, normalised
from engine.training.training_set import TrainingSet, WeakPair
from engine.training_records import ORIGINS

MADE_AT_ONCE = 2000
"""Pairs that are made of titles or headings for a stage that names no number."""

SCORED = frozenset({"margin_mse", "kl"})
"""Losses that repeat the cross-encoder's scores."""

Score = Callable[[str, Sequence[str]], Sequence[float]]
"""The cross-encoder: a query's scores with passages, higher is more relevant."""
MakePairs = Callable[[Origin, int, int], Sequence[WeakPair]]
"""Makes pairs of an origin out of the library: how many at most, and the seed."""


def no_pairs(_origin: Origin, _n: int, _seed: int) -> Sequence[WeakPair]:
    """Where nothing can be made of the library."""
    return ()


@dataclass(frozen=True, slots=True)
class Material:
    """What stages draw from."""

    learnt: tuple[JudgedQuery, ...]
    """The judged queries of the training side, their passages as the corpus has them."""
    data: TrainingSet
    hidden: Hidden
    """What must not be learnt."""
    corpus: Corpus
    base: Encoder
    """The model that is to be tuned, which made the corpus's vectors."""
    lexical: Bm25
    seed: int
    make: MakePairs = no_pairs
    score: Score | None = None


def stage_pairs(material: Material, stage: Stage, number: int) -> list[JudgedQuery]:
    """The queries of a stage with those positives that it learns, at most as many as it wants.

    What else is relevant to a query is among its undecided documents: it is no negative.

    Args:
        material: what to draw from.
        stage: which origins, and how many pairs.
        number: of the stage, from 0; another one draws others.
    """
    judged = [
        query
        for query in (_of_origins(query, stage.origins) for query in material.learnt)
        if query.positives
    ]
    weak = _as_queries(_weak(material, stage), material.learnt)
    found = [*judged, *weak]
    n_pairs = sum(len(query.positives) for query in found)
    if not stage.max_pairs or n_pairs <= stage.max_pairs:
        return found
    generator = np.random.default_rng((material.seed, number))
    drawn = set(generator.choice(n_pairs, stage.max_pairs, replace=False).tolist())
    return [query for query in _drawn(found, drawn) if query.positives]


def stage_examples(
    material: Material,
    stage: Stage,
    queries: Sequence[JudgedQuery],
    advance: Callable[[int], None],
) -> tuple[Example, ...]:
    """The stage's pairs with their negatives, and scores where its loss wants them.

    `advance` is told how many queries are done; it may raise to stop.
    """
    scored = _scored_already(material, stage) if stage.loss in SCORED else {}
    ready = [
        scored[key]
        for query in queries
        for positive in query.positives
        if (key := (normalised(query.text), positive.text)) in scored
    ]
    left = [
        replace(
            query,
            positives=tuple(
                p for p in query.positives if (normalised(query.text), p.text) not in scored
            ),
        )
        for query in queries
    ]
    left = [query for query in left if query.positives]
    if not left:
        return tuple(ready)
    if not stage.negatives:
        return (*ready, *(example_of(query, p) for query in left for p in query.positives))
    vectors = material.base.encode_queries([query.text for query in left])
    examples = mine(
        left,
        vectors,
        positive_scores(left, vectors, material.corpus, material.base),
        material.corpus,
        stage.negatives,
        material.seed,
        advance,
        material.hidden,
        material.data.negatives,
        material.lexical,
    )
    if stage.loss in SCORED and material.score is not None:
        examples = [_scored(example, material.score, advance) for example in examples]
    return (*ready, *examples)


def positive_scores(
    queries: Sequence[JudgedQuery],
    vectors: NDArray[np.float32],
    corpus: Corpus,
    base: Encoder,
) -> NDArray[np.float32]:
    """`(n_positives,)` cosine of each positive with its query, in order.

    Of a passage that the corpus does not have as it is, its document's best one stands; only what
    is of no document of the corpus is encoded.
    """
    row_of = {text: row for row, text in enumerate(corpus.texts)}
    rows_of = corpus.rows_by_document()
    others = sorted(
        {
            p.text
            for query in queries
            for p in query.positives
            if p.text not in row_of and p.document not in rows_of
        }
    )
    encoded = dict(zip(others, base.encode_passages(others), strict=True)) if others else {}

    def score(positive: LabelledPassage, vector: NDArray[np.float32]) -> float:
        if positive.text in row_of:
            return float(corpus.vectors[row_of[positive.text]] @ vector)
        if positive.document in rows_of:
            return float((corpus.vectors[rows_of[positive.document]] @ vector).max())
        return float(encoded[positive.text] @ vector)

    return np.array(
        [
            score(positive, vector)
            for query, vector in zip(queries, vectors, strict=True)
            for positive in query.positives
        ],
        np.float32,
    )


def in_words(origins: Iterable[Origin]) -> str:
    """Origins as a sentence has them."""
    return ", ".join(ORIGINS[origin].lower() for origin in origins)


def _of_origins(query: JudgedQuery, origins: Sequence[Origin]) -> JudgedQuery:
    kept = tuple(p for p in query.positives if p.origin in origins)
    others = tuple(p.document for p in query.positives if p.origin not in origins)
    return replace(query, positives=kept, undecided=(*query.undecided, *others))


def _weak(material: Material, stage: Stage) -> list[WeakPair]:
    """Weak pairs of a stage's origins that share nothing with what is hidden."""
    pairs = [pair for pair in material.data.weak if pair.origin in stage.origins]
    stored = {pair.origin for pair in pairs}
    for origin in stage.origins:
        if origin in ("title", "heading") and origin not in stored:
            n = stage.max_pairs or MADE_AT_ONCE
            pairs += material.make(origin, n, material.seed)
    hidden = material.hidden
    return [pair for pair in pairs if not hidden.knows(pair.query, pair.document, pair.text)]


def _as_queries(pairs: Sequence[WeakPair], judged: Sequence[JudgedQuery]) -> list[JudgedQuery]:
    """Weak pairs by query; of what was judged for the same wording, only that it is no negative."""
    known = {normalised(query.text): query for query in judged}
    by_query: dict[str, list[WeakPair]] = {}
    for pair in pairs:
        by_query.setdefault(normalised(pair.query), []).append(pair)
    queries = []
    for number, (wording, found) in enumerate(by_query.items()):
        of_text = {pair.text: pair for pair in found}
        same = known.get(wording)
        queries.append(
            JudgedQuery(
                id=f"weak:{number}",
                text=found[0].query,
                positives=tuple(
                    LabelledPassage(p.document, p.text, 2, p.origin, p.weight)
                    for p in of_text.values()
                ),
                negatives=tuple(
                    LabelledPassage("", text, 0)
                    for text in dict.fromkeys(t for p in found for t in p.negatives)
                ),
                undecided=tuple(same.grades) if same else (),
            )
        )
    return queries


def _drawn(queries: Sequence[JudgedQuery], drawn: set[int]) -> Iterable[JudgedQuery]:
    """The queries with those of their positives whose number was drawn."""
    first = 0
    for query in queries:
        numbered = enumerate(query.positives, first)
        kept = tuple(p for number, p in numbered if number in drawn)
        others = tuple(p.document for p in query.positives if p not in kept)
        first += len(query.positives)
        yield replace(query, positives=kept, undecided=(*query.undecided, *others))


def _scored_already(material: Material, stage: Stage) -> Mapping[tuple[str, str], Example]:
    """Examples of pairs that the cross-encoder scored with their negatives, by query and text."""
    found = {}
    for pair in material.data.weak:
        if pair.origin not in stage.origins or not pair.scores or not pair.negatives:
            continue
        kept = [
            (text, score)
            for text, score in zip(pair.negatives, pair.scores[1:], strict=False)
            if not material.hidden.knows_passage(text)
        ][: max(stage.negatives, 1)]
        if not kept:
            continue
        found[normalised(pair.query), pair.text] = Example(
            query_id=f"weak:{normalised(pair.query)}",
            query=pair.query,
            document=pair.document,
            positive=pair.text,
            negatives=tuple(text for text, _ in kept),
            weight=pair.weight,
            scores=(pair.scores[0], *(score for _, score in kept)),
        )
    return found


def _scored(example: Example, score: Score, advance: Callable[[int], None]) -> Example:
    advance(0)
    scores = score(example.query, [example.positive, *example.negatives])
    return replace(example, scores=tuple(float(value) for value in scores))
