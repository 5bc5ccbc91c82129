"""Fits a linear map of queries on vectors that are there already: seconds, in closed form.

Two maps are mixed, since few judged queries say little by themselves. The first asks nobody: it
plays down the directions in which passages of one document differ (within-class covariance
normalisation: Hatch, Kajarekar and Stolcke 2006, Within-class covariance normalization for
SVM-based speaker recognition). The second is the ridge regression from judged queries to what
answers them. How much of each is taken is weighed by cross-validation over the judged queries: the
map is the mean of the settings' maps, each the weightier the more it finds, in standard errors
(exponential weighting: Rigollet and Tsybakov 2012, Sparse estimation by exponential weighting).
Where nothing finds more than leaving queries as they are, they are left so.

On a collection that neither was chosen on (SciFact), maps learnt step by step with a softmax over
passages did worse than these at 50 and at 200 queries, and took up to 20 s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from engine.encoders.ridge import ridge
from engine.training.corpus import Corpus
from engine.training.pairs import JudgedQuery

Vectors = NDArray[np.float32]
Rows = NDArray[np.intp]

FOLDS = 5
_POWERS = (0.0, 0.25, 0.5)
"""Of the covariance within documents: 0 leaves it out."""
_SHARES = (0.0, 0.25, 0.5, 0.75)
"""Of the regression."""
_PENALTY = 0.03
"""Of the regression, an example."""
_FLOOR = 0.1
"""Of the mean variance, added to all, so that directions without any are not blown up."""
_MAX_ASKED = 300
_MAX_PASSAGES = 20_000
"""Judged queries and passages that cross-validation looks at; a sample where there are more."""
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class FittedMap:
    """A map of queries, and what it may be expected to bring."""

    weights: Vectors
    """(dim, dim) float32."""
    power: float
    """Mean power of the covariance within documents; 0 leaves it out."""
    share: float
    """Mean share of the regression."""
    gain: float
    """Mean gain in nDCG@10 of what it is made of, by cross-validation: chosen by, so too high."""

    @property
    def changes_nothing(self) -> bool:
        """Whether queries stay as they are."""
        return self.power == 0 and self.share == 0


def fit_map(
    queries: Sequence[JudgedQuery], vectors: Vectors, corpus: Corpus, seed: int = 0
) -> FittedMap:
    """The map that finds most, by cross-validation over the queries.

    Args:
        queries: the training side, with positives that stand in the corpus.
        vectors: (n_queries, dim) L2-normalised, of the corpus's model.
        corpus: the library.
        seed: of folds and samples.
    """
    examples = _Examples.of(queries, vectors, corpus)
    spread = _within_documents(corpus)
    powers = _POWERS if spread is not None else _POWERS[:1]
    normalising = {power: _normalising(spread, power, corpus.vectors.shape[1]) for power in powers}
    settings = list(product(powers, _SHARES))
    values = _cross_validated(queries, vectors, corpus, examples, normalising, seed)
    weighed = _weighed(values)
    identity, change = np.eye(vectors.shape[1], dtype=np.float32), examples.regression()
    weights = np.zeros_like(identity)
    for weight, (power, share) in zip(weighed, settings, strict=True):
        weights += np.float32(weight) * (identity + share * change) @ normalising[power]
    return FittedMap(
        weights,
        power=float(weighed @ [power for power, _ in settings]),
        share=float(weighed @ [share for _, share in settings]),
        gain=float(weighed @ (values - values[0]).mean(axis=1)),
    )


@dataclass(frozen=True, slots=True)
class _Examples:
    """Queries with passages that answer them, one a row."""

    query: Rows
    """(n,) whose."""
    vectors: Vectors
    """(n, dim) of the query."""
    answers: Vectors
    """(n, dim)."""

    @classmethod
    def of(cls, queries: Sequence[JudgedQuery], vectors: Vectors, corpus: Corpus) -> _Examples:
        """The best passage of each relevant document."""
        rows_of = corpus.rows_by_document()
        owners, answers = [], []
        for number, query in enumerate(queries):
            for positive in query.positives:
                if rows := rows_of.get(positive.document):
                    near = corpus.vectors[rows]
                    owners.append(number)
                    answers.append(near[int(np.argmax(near @ vectors[number]))])
        query_of = np.array(owners, np.intp)
        return cls(query_of, vectors[query_of], np.stack(answers))

    def among(self, kept: NDArray[np.bool_]) -> _Examples:
        """Those of the queries that are kept, (n_queries,)."""
        rows = kept[self.query]
        return _Examples(self.query[rows], self.vectors[rows], self.answers[rows])

    def regression(self) -> Vectors:
        """(dim, dim): what to add to a query."""
        weights = np.ones(len(self.query), np.float32)
        # Mirrored, both means are 0: the regression goes through the origin, as a map does.
        inputs = np.concatenate([self.vectors, -self.vectors])
        wanted = self.answers - self.vectors
        _, (found,) = ridge(
            inputs,
            np.concatenate([wanted, -wanted]),
            np.concatenate([weights, weights]),
            (_PENALTY,),
        )
        return found


def _within_documents(corpus: Corpus) -> Vectors | None:
    """The covariance of passages about their document's mean, (dim, dim).

    None where hardly any document has several.
    """
    _, owners = np.unique(corpus.documents, return_inverse=True)
    counts = np.bincount(owners)
    several = np.flatnonzero(counts[owners] > 1)
    several = several[np.argsort(owners[several], kind="stable")][: 4 * _MAX_PASSAGES]
    if len(several) < 2 * corpus.vectors.shape[1]:
        return None
    _, first, of = np.unique(owners[several], return_index=True, return_inverse=True)
    vectors = corpus.vectors[several]
    means = np.add.reduceat(vectors, first, axis=0) / np.bincount(of)[:, None]
    apart = vectors - means[of]
    covariance: Vectors = (apart.T @ apart / len(apart)).astype(np.float32)
    return covariance


def _normalising(covariance: Vectors | None, power: float, dim: int) -> Vectors:
    """The covariance, its least directions lifted, to the power -`power`; of mean scale 1."""
    if covariance is None or power == 0:
        return np.eye(dim, dtype=np.float32)
    values, basis = np.linalg.eigh(covariance.astype(np.float64))
    values = np.maximum(values, 0.0)
    scales = (values + _FLOOR * values.mean() + 1e-12) ** -power
    matrix: Vectors = ((basis * (scales / scales.mean())) @ basis.T).astype(np.float32)
    return matrix


def _cross_validated(
    queries: Sequence[JudgedQuery],
    vectors: Vectors,
    corpus: Corpus,
    examples: _Examples,
    normalising: dict[float, Vectors],
    seed: int,
) -> NDArray[np.float64]:
    """nDCG@10 by setting and asked query, (n_settings, n_asked), each by maps that saw it not."""
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(queries))
    fold_of = np.empty(len(queries), np.intp)
    fold_of[shuffled] = np.arange(len(queries)) % FOLDS
    asked = np.sort(shuffled[:_MAX_ASKED])
    haystack = _Haystack.of([queries[int(row)] for row in asked], corpus, generator)
    columns = []
    for fold in range(FOLDS):
        held = asked[fold_of[asked] == fold]
        known = {key for row in np.flatnonzero(fold_of == fold) for key in queries[int(row)].grades}
        learnt = np.array(
            [
                of != fold and not known & q.grades.keys()
                for of, q in zip(fold_of, queries, strict=True)
            ]
        )
        if not len(held) or not learnt.any():
            continue
        change = vectors[held] @ examples.among(learnt).regression()
        for_fold = _by_setting(vectors[held], change, haystack, normalising)
        grades = [queries[int(row)].grades for row in held]
        columns.append(np.array([haystack.ndcg(scores, grades) for scores in for_fold]))
    return np.concatenate(columns, axis=1)


def _by_setting(
    own: Vectors, change: Vectors, haystack: _Haystack, normalising: dict[float, Vectors]
) -> Iterator[Vectors]:
    """Scores of passages by power and share; a query's length changes no ranks."""
    for matrix in normalising.values():
        first = (own @ matrix) @ haystack.vectors.T
        second = (change @ matrix) @ haystack.vectors.T
        for share in _SHARES:
            yield np.asarray(first + share * second, np.float32)


@dataclass(frozen=True, slots=True)
class _Haystack:
    """The passages that answers are looked for among, those of a document beside each other."""

    vectors: Vectors
    starts: Rows
    """(n_documents,) the first passage of each."""
    place: dict[str, int]
    """Document key -> its number."""

    @classmethod
    def of(
        cls, queries: Sequence[JudgedQuery], corpus: Corpus, generator: np.random.Generator
    ) -> _Haystack:
        """All passages, or a sample that has all of the relevant documents."""
        keys, owners = np.unique(corpus.documents, return_inverse=True)
        rows = np.arange(len(owners))
        if len(rows) > _MAX_PASSAGES:
            wanted = {key for query in queries for key in query.grades}
            needed = np.flatnonzero(np.isin(owners, np.flatnonzero([k in wanted for k in keys])))
            rows = np.union1d(needed, generator.choice(rows, _MAX_PASSAGES, replace=False))
        rows = rows[np.argsort(owners[rows], kind="stable")]
        present, starts = np.unique(owners[rows], return_index=True)
        place = {str(keys[number]): at for at, number in enumerate(present)}
        return cls(corpus.vectors[rows], starts, place)

    def ndcg(self, scores: Vectors, grades: Sequence[dict[str, int]]) -> NDArray[np.float64]:
        """nDCG@10 of each query, (n_queries,), from scores of passages, (n_queries, n_passages)."""
        best = np.maximum.reduceat(scores, self.starts, axis=1)
        values = np.zeros(len(grades))
        discounts = 1 / np.log2(np.arange(_DEPTH) + 2)
        for number, wanted in enumerate(grades):
            gain = 0.0
            for key, grade in wanted.items():
                if key in self.place:
                    rank = int((best[number] > best[number, self.place[key]]).sum())
                    gain += grade * discounts[rank] if rank < _DEPTH else 0.0
            ideal = np.sort(list(wanted.values()))[::-1][:_DEPTH]
            values[number] = gain / float(ideal @ discounts[: len(ideal)])
        return values


def _weighed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much each setting counts, (n_settings,), by its nDCG@10 in (n_settings, n_asked).

    The first setting changes nothing; it counts alone where none is better.
    """
    means = values.mean(axis=1)
    best = int(np.argmax(means))
    weights = np.zeros(len(means))
    if best == 0:
        weights[0] = 1.0
        return weights
    errors = (values - values[best]).std(axis=1) / np.sqrt(values.shape[1])
    error = float(np.median(errors[errors > 0])) if errors.any() else 1.0
    weights = np.exp((means - means[best]) / error)
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares
