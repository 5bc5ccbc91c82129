"""Measures for judgments with holes: documents that were retrieved but never judged.

The usual measures take what is unjudged as not relevant, which punishes a system that the pool knew
nothing of. A grade below 0 counts as unjudged here, as in trec_eval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_EPSILON = 0.00001
"""trec_eval's smoothing of infAP."""


def bpref(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """How seldom documents judged not relevant stand above relevant ones.

    Buckley and Voorhees 2004, Retrieval evaluation with incomplete information (SIGIR), in
    trec_eval's form: a relevant document counts 1 - min(n, R) / min(N, R), n being the
    non-relevant ones above it, of N in all, and R the number of relevant ones.
    """
    n_relevant = sum(grade > 0 for grade in grades.values())
    n_not = sum(grade == 0 for grade in grades.values())
    above, total = 0, 0.0
    for document in ranked:
        grade = grades.get(document, -1)
        if grade == 0:
            above += 1
        elif grade > 0:
            total += 1 - min(above, n_relevant) / min(n_not, n_relevant) if above else 1.0
    return total / n_relevant if n_relevant else 0.0


def inferred_ap(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Average precision as it is to be expected from a pool of which a random part was judged.

    Yilmaz and Aslam 2006, Estimating average precision with incomplete and imperfect judgments
    (CIKM), in trec_eval's form. A grade below 0 is a document of the pool that nobody judged; one
    without a grade was not in the pool.
    """
    n_relevant = sum(grade > 0 for grade in grades.values())
    relevant, n_not, unjudged, total = 0, 0, 0, 0.0
    for above, document in enumerate(ranked):
        if document not in grades:
            continue
        grade = grades[document]
        if grade > 0:
            share = 0.0
            if above:
                pooled = (relevant + n_not + unjudged) / above
                precision = (relevant + _EPSILON) / (relevant + n_not + 2 * _EPSILON)
                share = above / (above + 1) * pooled * precision
            total += 1 / (above + 1) + share
            relevant += 1
        elif grade == 0:
            n_not += 1
        else:
            unjudged += 1
    return total / n_relevant if n_relevant else 0.0


def judged(ranked: Sequence[str], grades: Mapping[str, int], cutoff: int) -> float:
    """Share of the first `cutoff` documents that have any grade; 0 where there are none."""
    first = ranked[:cutoff]
    return sum(document in grades for document in first) / len(first) if first else 0.0


def condensed(ranked: Sequence[str], grades: Mapping[str, int]) -> list[str]:
    """A ranking without what is unjudged (Sakai 2007, Alternatives to bpref, SIGIR)."""
    return [document for document in ranked if grades.get(document, -1) >= 0]
