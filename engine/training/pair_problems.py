"""What is wrong with pairs: which of them must not be learnt, and why.

A conflict is a query and a passage that are said to belong together and not to. What a person said
outweighs a weaker sign: then only the weaker one is left out. A duplicate was said before, by a
source at least as strong. A leak is a query of the test split of an evaluation set. A pair whose
document is gone still trains, by the passage that was kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.training.candidates import Candidate, by_query
from engine.training.hidden import AlikeTexts
from engine.training.near_duplicates import near_duplicates
from engine.training_records import Problem

LEFT_OUT: frozenset[Problem] = frozenset(("conflict", "duplicate", "leak"))
"""Problems for which a pair is not trained on."""

IN_WORDS: dict[Problem, str] = {
    "conflict": "It is said to answer this query, and not to: decide, or exclude it.",
    "duplicate": "The same, or nearly the same passage is said to answer this query elsewhere.",
    "leak": "An evaluation set tests with this query: a model that learnt it would be measured too "
    "well.",
    "gone": "Its document has left the library; the passage that was kept is learnt.",
}


class LeakTest:
    """Tells which queries the test splits of evaluation sets ask, each text looked at once.

    A document may answer a query of training and another one of a test, as in published splits.
    """

    def __init__(self, tested: tuple[str, ...]) -> None:
        """`tested` are the wordings of their queries."""
        self.tested = tested
        self._wordings = AlikeTexts(tested)
        self._leaks: dict[str, bool] = {}

    def leaks(self, candidate: Candidate) -> bool:
        """Whether a pair's query is tested with, in these words or nearly so."""
        if candidate.query not in self._leaks:
            self._leaks[candidate.query] = self._wordings.have(candidate.query)
        return self._leaks[candidate.query]


def problems(
    candidates: tuple[Candidate, ...], test: LeakTest
) -> Mapping[int, tuple[Problem, ...]]:
    """The problems of each row that has any."""
    found: dict[int, set[Problem]] = {}
    for rows in by_query(candidates).values():
        for row, problem in _within(candidates, rows):
            found.setdefault(row, set()).add(problem)
    for row, candidate in enumerate(candidates):
        if test.leaks(candidate):
            found.setdefault(row, set()).add("leak")
        if candidate.document_id is None:
            found.setdefault(row, set()).add("gone")
    order = tuple(IN_WORDS)
    return {row: tuple(sorted(own, key=order.index)) for row, own in found.items()}


def _within(candidates: Sequence[Candidate], rows: list[int]) -> list[tuple[int, Problem]]:
    """Conflicts and duplicates of one query, whose candidates come the strongest first."""
    found: list[tuple[int, Problem]] = [
        (row, "conflict") for row in rows if candidates[row].disputed
    ]
    if len(rows) == 1:
        return found
    pairs = {
        (rows[one], rows[other])
        for one, other in near_duplicates([candidates[row].text for row in rows])
        if candidates[rows[one]].text.strip()
    }
    pairs |= {
        (one, other)
        for number, one in enumerate(rows)
        for other in rows[number + 1 :]
        if candidates[one].key == candidates[other].key
    }
    for first, second in sorted(pairs):
        one, other = candidates[first], candidates[second]
        if one.judged and not other.judged:
            found.append((second, "conflict" if one.says == "down" else "duplicate"))
        elif one.says == other.says == "up":
            found.append((second, "duplicate"))
        elif {one.says, other.says} == {"up", "down"}:
            found += [(first, "conflict"), (second, "conflict")]
    return found
