"""Passages that look right for a query and are not: what a model learns most from.

Candidates come from BM25 and from the model that is to be tuned. One that scores nearly as high as
the positive is likely relevant and was merely never judged, so it is left out: `TopK-PercPos` of
Moreira et al. 2024, NV-Retriever: improving text embedding models with effective hard-negative
mining (arXiv 2407.15831).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice, zip_longest

import numpy as np
from numpy.typing import NDArray

from engine.training.corpus import Corpus
from engine.training.hidden import Hidden
from engine.training.pairs import Example, JudgedQuery, LabelledPassage, normalised

FALSE_NEGATIVE_SHARE = 0.95
"""A candidate whose cosine exceeds this share of the positive's is taken for relevant."""

_DEPTH = 50
_BM25_PASSAGES = 20_000
"""BM25 scores a sample of this size where the corpus is larger: rank-bm25 looks at every passage
for every word of a query."""

_WORDS_KEPT = 2_000
NOTHING_HIDDEN = Hidden(())
NONE_STORED: Mapping[str, Sequence[str]] = {}

_WORD = re.compile(r"\w+")


def choose(
    dense: NDArray[np.float32],
    lexical: NDArray[np.float32],
    allowed: NDArray[np.bool_],
    positive_score: float,
    n: int,
) -> list[int]:
    """The rows of up to n hard negatives, one each in turn from dense and BM25 ranking.

    Args:
        dense: `(n_passages,)` cosine with the query.
        lexical: `(n_passages,)` BM25 score for the query; 0 where no word is shared.
        allowed: `(n_passages,)` False for what is known or suspected to be relevant.
        positive_score: cosine of the positive with the query.
        n: how many.
    """
    usable = allowed & (dense <= FALSE_NEGATIVE_SHARE * positive_score)
    by_meaning = _top(np.where(usable, dense, -np.inf))
    by_words = _top(np.where(usable & (lexical > 0), lexical, -np.inf))
    in_turn = (row for pair in zip_longest(by_meaning, by_words) for row in pair if row is not None)
    return list(dict.fromkeys(in_turn))[:n]


def mine(
    queries: Sequence[JudgedQuery],
    query_vectors: NDArray[np.float32],
    positive_scores: NDArray[np.float32],
    corpus: Corpus,
    n: int,
    seed: int,
    on_query: Callable[[int], None],
    hidden: Hidden = NOTHING_HIDDEN,
    stored: Mapping[str, Sequence[str]] = NONE_STORED,
    lexical: Bm25 | None = None,
) -> list[Example]:
    """One example for each positive, each with n negatives, or fewer where there are no more.

    What the user called not relevant comes first, then what is stored, then mined passages, then
    random ones.

    Args:
        queries: the training side.
        query_vectors: `(n_queries, dim)` L2-normalised, of the model that is to be tuned.
        positive_scores: `(n_positives,)` cosine of each positive with its query, in order.
        corpus: where negatives come from.
        n: negatives an example.
        seed: of the random ones.
        on_query: told how many queries are done; may raise to stop.
        hidden: what must not be seen, not even as a negative.
        stored: normalised query -> passages that were mined for it before, the hardest first.
        lexical: BM25 over the corpus, where it is there already.
    """
    generator = np.random.default_rng(seed)
    in_reach = np.array([key not in hidden.documents for key in corpus.documents], dtype=np.bool_)
    rows_of = corpus.rows_by_document()
    lexical = lexical or Bm25(corpus.texts, seed)
    scores = iter(positive_scores)
    examples = []
    for number, query in enumerate(queries):
        on_query(number)
        allowed = in_reach.copy()
        for document in query.grades:
            allowed[rows_of.get(document, [])] = False
        dense = corpus.vectors @ query_vectors[number]
        words = lexical.scores(query.text)
        told = [p.text for p in query.negatives if p.document not in hidden.documents]
        told += stored.get(normalised(query.text), ())
        answers = {positive.text for positive in query.positives}
        for positive, score in zip(query.positives, scores, strict=False):
            rows = choose(dense, words, allowed, float(score), 2 * n)
            if len(rows) < 2 * n:
                rows += _drawn(dense, allowed, 4 * n, generator)
            found = dict.fromkeys([*told, *(corpus.texts[row] for row in rows)])
            fit = (t for t in found if t not in answers and not hidden.knows_passage(t))
            examples.append(example_of(query, positive, tuple(islice(fit, n))))
    return examples


def example_of(
    query: JudgedQuery, positive: LabelledPassage, negatives: tuple[str, ...] = ()
) -> Example:
    """A positive of a query as it is learnt."""
    return Example(
        query.id,
        query.text,
        positive.document,
        positive.text,
        negatives,
        positive.weight,
        positive.grade,
    )


def _drawn(
    dense: NDArray[np.float32], allowed: NDArray[np.bool_], n: int, generator: np.random.Generator
) -> list[int]:
    """Random rows from that half of what is allowed which is farther from the query."""
    if not allowed.any():
        return []
    far = np.flatnonzero(allowed & (dense <= np.median(dense[allowed])))
    return [int(row) for row in generator.choice(far, min(len(far), n), replace=False)]


def _top(scores: NDArray[np.float32]) -> list[int]:
    """The rows of the best scores above minus infinity, the best first."""
    depth = min(_DEPTH, len(scores))
    best = np.argpartition(-scores, depth - 1)[:depth] if depth else np.array([], dtype=np.intp)
    best = best[np.lexsort((best, -scores[best]))]
    return [int(row) for row in best if scores[row] > -np.inf]


class Bm25:
    """BM25 over a corpus, or over a sample of it where it is large."""

    def __init__(self, texts: Sequence[str], seed: int) -> None:
        """Take the texts in; the seed chooses the sample."""
        from rank_bm25 import BM25Okapi

        self._n = len(texts)
        sample = np.random.default_rng(seed).permutation(self._n)[:_BM25_PASSAGES]
        self._rows = np.sort(sample)
        words = [_words(texts[row]) for row in self._rows]
        # rank-bm25 divides by the number of words: a corpus without any has no scores.
        self._bm25 = BM25Okapi(words) if any(words) else None
        self._cache: dict[str, NDArray[np.float32]] = {}

    def scores(self, query: str) -> NDArray[np.float32]:
        """`(n_passages,)` float32; 0 for passages that share no word or are not in the sample."""
        scores = np.zeros(self._n, dtype=np.float32)
        for word in _words(query):
            scores[self._rows] += self._word_scores(word)
        return scores

    def _word_scores(self, word: str) -> NDArray[np.float32]:
        """A query's score is the sum of its words' scores, and many words come again."""
        if word not in self._cache:
            scores = self._bm25.get_scores([word]) if self._bm25 else np.zeros(len(self._rows))
            if len(self._cache) >= _WORDS_KEPT:
                self._cache.pop(next(iter(self._cache)))
            self._cache[word] = scores.astype(np.float32)
        return self._cache[word]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
