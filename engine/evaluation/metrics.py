"""Retrieval measures on graded judgments, as trec_eval computes them.

One ranking underlies all measures, trec_eval's: by score, descending, scores compared as 32-bit
floats; equal scores by document id, descending. Every judged query counts: one without results
scores 0 and is never dropped. Results of queries without judgments are ignored. A grade of 0 or
below is not relevant and gains nothing.

A measure with a prime, `nDCG'@10`, is computed on the condensed list: documents that have no grade
are left out of the ranking first, so that holes in the judgments count neither way.

Values equal those of ir-measures with pytrec-eval-terrier to 1e-9. (Its `RR@k` and `Judged@k` alone
come from other scripts, which break ties otherwise; here they keep the one ranking.)
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from engine.errors import InvalidInput
from engine.evaluation.incomplete import bpref, condensed, inferred_ap, judged
from engine.evaluation.qrels import Qrels, Run

MeasureName = Literal["nDCG", "RR", "R", "AP", "P", "Success", "bpref", "infAP", "Judged"]
_NOTATION = re.compile(r"(nDCG|RR|R|AP|P|Success|bpref|infAP|Judged)(')?(?:@([1-9][0-9]*))?")
_NEED_CUTOFF = ("R", "P", "Success", "Judged")
_WHOLE = ("bpref", "infAP")
"""They are of the whole ranking, and see to holes themselves."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure with its cutoff; as text it is `nDCG@10`."""

    name: MeasureName
    cutoff: int | None = None
    """How many of the first documents are looked at; None is all of them."""
    condensed: bool = False
    """Whether documents without a grade are left out of the ranking first."""

    def __str__(self) -> str:
        name = f"{self.name}'" if self.condensed else self.name
        return name if self.cutoff is None else f"{name}@{self.cutoff}"


def parse_measure(notation: str) -> Measure:
    """Read `nDCG@10`, `RR@10`, `R@100`, `AP`, `P@5`, `bpref`, `nDCG'@10` and the like.

    Raises:
        InvalidInput: it names no measure known here, lacks a cutoff that its measure needs, or has
            a cutoff or prime that its measure cannot have.
    """
    match = _NOTATION.fullmatch(notation)
    if not match or not _fits(match[1], primed=bool(match[2]), cut=bool(match[3])):
        raise InvalidInput(
            "Unknown measure",
            f"“{notation}” is not a measure that can be computed here.",
            "Use nDCG@10, RR@10, R@100, AP, P@5, Success@5, bpref, infAP or Judged@10; the number "
            "after @ may be any other, and a prime as in nDCG'@10 leaves out what is unjudged.",
        )
    return Measure(cast(MeasureName, match[1]), int(match[3]) if match[3] else None, bool(match[2]))


def _fits(name: str, *, primed: bool, cut: bool) -> bool:
    if name in _WHOLE:
        return not primed and not cut
    return cut >= (name in _NEED_CUTOFF) and not (primed and name == "Judged")


def ranking(results: Sequence[tuple[str, float]]) -> list[str]:
    """Document ids in trec_eval's order.

    Raises:
        ValueError: a document is listed twice.
    """
    scores = {document: float(np.float32(score)) for document, score in results}
    if len(scores) != len(results):
        raise ValueError("a ranked list names a document twice")
    by_id = sorted(scores, reverse=True)
    return sorted(by_id, key=scores.__getitem__, reverse=True)


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], cutoff: int | None) -> float:
    """Normalised discounted cumulative gain: gain = grade, discount = log2(rank + 1).

    Järvelin and Kekäläinen 2002, in trec_eval's form; the ideal ranking is cut off likewise.
    """
    ideal = _dcg(sorted(grades.values(), reverse=True)[:cutoff])
    if not ideal:
        return 0.0
    return _dcg([grades.get(document, 0) for document in ranked[:cutoff]]) / ideal


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], cutoff: int | None) -> float:
    """One over the rank of the first relevant document; 0 where there is none."""
    for rank, document in enumerate(ranked[:cutoff], start=1):
        if grades.get(document, 0) > 0:
            return 1 / rank
    return 0.0


def recall(ranked: Sequence[str], grades: Mapping[str, int], cutoff: int | None) -> float:
    """Share of the relevant documents that were found."""
    n_relevant = _n_relevant(grades)
    if not n_relevant:
        return 0.0
    return sum(grades.get(document, 0) > 0 for document in ranked[:cutoff]) / n_relevant


def average_precision(
    ranked: Sequence[str], grades: Mapping[str, int], cutoff: int | None
) -> float:
    """Mean, over all relevant documents, of the precision at each one's rank (0 if not found)."""
    n_relevant = _n_relevant(grades)
    if not n_relevant:
        return 0.0
    found, total = 0, 0.0
    for rank, document in enumerate(ranked[:cutoff], start=1):
        if grades.get(document, 0) > 0:
            found += 1
            total += found / rank
    return total / n_relevant


def precision(ranked: Sequence[str], grades: Mapping[str, int], cutoff: int | None) -> float:
    """Share of the first `cutoff` places that hold a relevant document; empty places count."""
    assert cutoff
    return sum(grades.get(document, 0) > 0 for document in ranked[:cutoff]) / cutoff


def success(ranked: Sequence[str], grades: Mapping[str, int], cutoff: int | None) -> float:
    """1 where any of the first `cutoff` documents is relevant, else 0."""
    return float(any(grades.get(document, 0) > 0 for document in ranked[:cutoff]))


def per_query(measure: Measure, qrels: Qrels, run: Run) -> dict[str, float]:
    """The measure's value for every judged query, in the order of the qrels."""
    return per_query_all([measure], qrels, run)[str(measure)]


def per_query_all(
    measures: Iterable[Measure], qrels: Qrels, run: Run
) -> dict[str, dict[str, float]]:
    """`per_query` of several measures, each list ranked once; by the measure's notation."""
    wanted = tuple(measures)
    values: dict[str, dict[str, float]] = {str(measure): {} for measure in wanted}
    for query, grades in qrels.items():
        ranked = ranking(run.get(query, ()))
        known = condensed(ranked, grades)
        for measure in wanted:
            formula = _FORMULAS[measure.name]
            looked_at = known if measure.condensed else ranked
            values[str(measure)][query] = formula(looked_at, grades, measure.cutoff)
    return values


def mean(values: Mapping[str, float]) -> float:
    """The arithmetic mean over queries; 0 where there are none."""
    return math.fsum(values.values()) / len(values) if values else 0.0


def _dcg(gains: Iterable[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1) if gain > 0)


def _n_relevant(grades: Mapping[str, int]) -> int:
    return sum(grade > 0 for grade in grades.values())


_Formula = Callable[[Sequence[str], Mapping[str, int], int | None], float]
_FORMULAS: dict[MeasureName, _Formula] = {
    "nDCG": ndcg,
    "RR": reciprocal_rank,
    "R": recall,
    "AP": average_precision,
    "P": precision,
    "Success": success,
    "bpref": lambda ranked, grades, _: bpref(ranked, grades),
    "infAP": lambda ranked, grades, _: inferred_ap(ranked, grades),
    "Judged": lambda ranked, grades, cutoff: judged(ranked, grades, cutoff or len(ranked)),
}
