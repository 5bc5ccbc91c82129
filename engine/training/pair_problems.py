"""What is wrong with pairs: which of them must not be learnt, and why.

A conflict is a query and a passage that are said to belong together and not to. What a person said
outweighs a weaker sign: then only the weaker one is left out. A duplicate was said before, by a
source at least as strong. A leak is known to the test split of an evaluation set. A pair whose
document is gone still trains, by the passage that was kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.training.candidates import Candidate, Known, by_query
from engine.training.hidden import AlikeTexts
from engine.training.near_duplicates import near_duplicates
from engine.training_records import Problem

LEFT_OUT: frozenset[Problem] = frozenset(("conflict", "duplicate", "leak"))
"""Problems for which a pair is not trained on."""

IN_WORDS: dict[Problem, str] = {
    "conflict": "It is said to answer this query, and not to: decide, or exclude it.",
    "duplicate": "The same, or nearly the same passage is said to answer this query elsewhere.",
    "leak": "An evaluation set tests with it: a model that learnt it would be measured too well.",
    "gone": "Its document has left the library; the passage that was kept is learnt.",
}


class LeakTest:
    """Tells what the test splits of evaluation sets know, each text looked at once."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._wordings = AlikeTexts(known.queries)
        self._passages = AlikeTexts(known.passages)
        self._query_leaks: dict[str, bool] = {}
        self._passage_leaks: dict[str, bool] = {}

    def leaks(self, candidate: Candidate) -> bool:
        """Whether a pair's query, or the passage that answers it, is tested with."""
        if candidate.query not in self._query_leaks:
            self._query_leaks[candidate.query] = self._wordings.have(candidate.query)
        if self._query_leaks[candidate.query]:
            return True
        if candidate.says != "up":
            return False
        if candidate.document_id in self.known.document_ids:
            return True
        if candidate.text not in self._passage_leaks:
            self._passage_leaks[candidate.text] = self._passages.have(candidate.text)
        return self._passage_leaks[candidate.text]


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
