"""Decides what a tuning learns from, what the best is chosen by, and what it is tested with."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import numpy as np

from engine.errors import NotEnoughData
from engine.recipe import Recipe, Stage
from engine.records import GateRules
from engine.training import gate
from engine.training.corpus import Corpus
from engine.training.examples import (
    MakePairs,
    Material,
    Score,
    in_words,
    no_pairs,
    positive_scores,
    stage_examples,
    stage_pairs,
)
from engine.training.general_set import Encoder, GeneralSet
from engine.training.hard_negatives import Bm25, mine
from engine.training.hidden import Hidden
from engine.training.locate import locate
from engine.training.pairs import Example, JudgedQuery
from engine.training.split import split_by_query
from engine.training.stages import Stages
from engine.training.train import threads
from engine.training.train_messages import Probe, StageOrder, TrainOrder
from engine.training.training_set import TrainingSet

MIN_QUERIES = 20
"""Queries with a positive that tuning takes at least: half of them train, half of them test."""

MIN_VALIDATION = 10
"""With fewer queries the choice of a checkpoint would be luck: then all are trained on, and the
model is kept as it is after the last step."""

_PROBE_QUERIES = 100
_PROBE_NEGATIVES = 5
"""Hard negatives a query."""
_PROBE_RANDOM_PASSAGES = 200


@dataclass(frozen=True, slots=True)
class TuneSpec:
    """What to tune on what."""

    weights: Path
    """Folder of the model to tune, in sentence-transformers layout."""
    target: Path
    """Folder to be made for the tuned model, in the same layout; its parent exists."""
    checkpoints: Path
    """Folder that exists, for the trainer's checkpoints."""
    data: TrainingSet
    corpus: Corpus
    recipe: Recipe = field(default_factory=Recipe)
    rules: GateRules = gate.RULES
    general: GeneralSet | None = None
    """What the model knew before; None leaves out what depends on it."""
    make: MakePairs = no_pairs
    score: Score | None = None


class Plan(msgspec.Struct, frozen=True):
    """What is learnt from, chosen by and tested with; they share nothing."""

    order: TrainOrder
    held_out: tuple[JudgedQuery, ...]
    notes: tuple[str, ...]
    """What is worth knowing of it, in words."""

    @property
    def n_examples(self) -> int:
        """Pairs of all stages."""
        return sum(len(stage.examples) for stage in self.order.stages)


def missing(n_queries: int) -> str:
    """What is missing before tuning is allowed, in words; empty where there is enough.

    Args:
        n_queries: queries with at least one positive.
    """
    more = MIN_QUERIES - n_queries
    if more <= 0:
        return ""
    return (
        f"Tuning needs {MIN_QUERIES} searches with at least one result that you marked as "
        f"relevant; there are {n_queries}, so {more} more to go."
    )


def planned(spec: TuneSpec, base: Encoder, stages: Stages) -> Plan:
    """Find the judged passages, split by query, and choose what every stage learns from.

    Raises NotEnoughData.
    """
    stages.begin("Reading the judgments")
    require(missing(len(spec.data.queries)))
    vectors = base.encode_queries([query.text for query in spec.data.queries])
    located = locate(spec.data.queries, vectors, spec.corpus)
    queries = [query for query in located if query.positives]
    require(missing(len(queries)))
    seed = spec.recipe.seed
    n_held_out = max(spec.rules.min_held_out, round(spec.recipe.held_out_share * len(queries)))
    split = split_by_query(queries, n_held_out, seed)
    held_out = findable(split.held_out, set(spec.corpus.documents))
    require(too_alike(len(split.train), len(held_out), spec.rules))
    learnt, validation = _keep_back(split.train, spec)
    watched = (validation or held_out)[:_PROBE_QUERIES]
    lexical = Bm25(spec.corpus.texts, seed)
    hidden = Hidden((*split.held_out, *validation))
    material = Material(
        learnt,
        spec.data,
        hidden,
        spec.corpus,
        base,
        lexical,
        seed,
        spec.make,
        spec.score,
    )
    orders, notes = _stage_orders(material, spec.recipe, stages)
    order = TrainOrder(
        weights=str(spec.weights),
        target=str(spec.target),
        checkpoints=str(spec.checkpoints),
        recipe=spec.recipe,
        stages=orders,
        general=_general_pairs(spec, hidden),
        probe=_probe(spec, watched, _watched_examples(watched, spec, base, lexical)),
        keeps_best=bool(validation),
        threads=threads(),
    )
    return Plan(order, held_out, notes)


def _stage_orders(
    material: Material, recipe: Recipe, stages: Stages
) -> tuple[tuple[StageOrder, ...], tuple[str, ...]]:
    """What each stage learns from, and which were left out, in words."""
    orders, notes = [], []
    pairs = [stage_pairs(material, stage, number) for number, stage in enumerate(recipe.stages)]
    total = sum(map(len, pairs))
    advance = stages.begin("Looking for hard negatives", total, "searches")
    done = 0
    for number, (stage, queries) in enumerate(zip(recipe.stages, pairs, strict=True), start=1):
        examples = stage_examples(material, stage, queries, _counted(advance, done))
        done += len(queries)
        if examples:
            orders.append(StageOrder(stage, examples))
        else:
            notes.append(f"Stage {number} was left out: {_nothing_in(stage)}.")
    require("" if orders else "No stage of the recipe has any pairs to learn from.")
    return tuple(orders), tuple(notes)


def _counted(advance: Callable[[int], None], done: int) -> Callable[[int], None]:
    return lambda number: advance(done + number)


def _nothing_in(stage: Stage) -> str:
    return f"there is nothing of these kinds to learn from ({in_words(stage.origins)})"


def _general_pairs(spec: TuneSpec, hidden: Hidden) -> tuple[Example, ...]:
    """Pairs of general knowledge, where the recipe has a use for them."""
    wanted = spec.recipe.general_share > 0 or spec.recipe.anchor == "ewc"
    if spec.general is None or not wanted:
        return ()
    return tuple(
        Example(f"general:{number}", query, "", passage)
        for number, (query, passage) in enumerate(spec.general.pairs)
        if not hidden.knows(query, "", passage)
    )


def _watched_examples(
    watched: Sequence[JudgedQuery], spec: TuneSpec, base: Encoder, lexical: Bm25
) -> list[Example]:
    """The queries that the model is watched on, with hard negatives: nothing learns from them."""
    vectors = base.encode_queries([query.text for query in watched])
    scores = positive_scores(watched, vectors, spec.corpus, base)
    return mine(
        watched,
        vectors,
        scores,
        spec.corpus,
        _PROBE_NEGATIVES,
        spec.recipe.seed,
        lambda _: None,
        lexical=lexical,
    )


def _keep_back(
    train_side: tuple[JudgedQuery, ...], spec: TuneSpec
) -> tuple[tuple[JudgedQuery, ...], tuple[JudgedQuery, ...]]:
    """The queries to learn from, and those to choose the best checkpoint by."""
    n_validation = round(spec.recipe.validation_share * len(train_side))
    if n_validation < MIN_VALIDATION:
        return train_side, ()
    split = split_by_query(train_side, n_validation, spec.recipe.seed)
    validation = findable(split.held_out, set(spec.corpus.documents))
    if len(validation) < MIN_VALIDATION or len(split.train) < len(train_side) / 2:
        return train_side, ()
    return split.train, validation


def findable(queries: Sequence[JudgedQuery], documents: Set[str]) -> tuple[JudgedQuery, ...]:
    """The queries with those labels that the library still holds: only they can test a model."""
    kept = (
        replace(
            query,
            positives=tuple(p for p in query.positives if p.document in documents),
            undecided=tuple(key for key in query.undecided if key in documents),
        )
        for query in queries
    )
    return tuple(query for query in kept if query.positives)


def require(lack: str) -> None:
    """Raise NotEnoughData with what is missing, in words, unless that is empty."""
    if lack:
        raise NotEnoughData(
            "Too little to learn from",
            lack,
            "Search for what you usually look for, and mark the results that help you.",
        )


def too_alike(n_train: int, n_held_out: int, rules: GateRules) -> str:
    """What is missing where the queries leave too few on a side; empty where they do not."""
    least = rules.min_held_out
    if n_train >= gate.MIN_HELD_OUT and n_held_out >= least:
        return ""
    return (
        "Too many of the judged searches have the same results. Those that have none in common "
        f"leave {n_train} to learn from and {n_held_out} to test with; {least} each are needed."
    )


def _probe(spec: TuneSpec, watched: Sequence[JudgedQuery], examples: Sequence[Example]) -> Probe:
    """The watched queries over their own passages, hard negatives and random ones."""
    generator = np.random.default_rng(spec.recipe.seed)
    corpus = spec.corpus
    n_random = min(_PROBE_RANDOM_PASSAGES, len(corpus.texts))
    hard = {text for example in examples for text in example.negatives}
    rows = {row for row, text in enumerate(corpus.texts) if text in hard}
    rows.update(map(int, generator.choice(len(corpus.texts), n_random, replace=False)))
    pairs = dict.fromkeys((example.document, example.positive) for example in examples)
    pairs.update(dict.fromkeys((corpus.documents[row], corpus.texts[row]) for row in sorted(rows)))
    return Probe(
        {query.id: query.text for query in watched},
        tuple(document for document, _ in pairs),
        tuple(text for _, text in pairs),
        {query.id: query.grades for query in watched},
    )
