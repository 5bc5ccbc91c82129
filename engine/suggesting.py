"""Whether it is worth tuning now, and why.

What counts is how many searches were judged since the last tuning. That newer ones are answered
worse than older ones, or that the user looks for other things than then, is told beside it and
lowers what is asked for. After a refusal nothing is proposed until there is a third more to learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.evaluation.drift import energy_p, fall_p
from engine.evaluation.metrics import per_query
from engine.parts import Parts
from engine.records import Label
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import labels, model_registry, searches
from engine.storage.model_registry import LastTuned
from engine.training import gate
from engine.training.model_record import read_record
from engine.training.pairs import JudgedQuery, from_labels, of_texts
from engine.training.plan import MIN_QUERIES
from engine.training_records import Suggestion

FEW = 150
"""Judged searches below which the adapter is tried before a tuning."""
NEW = 20
"""Searches judged since the last tuning that are worth another."""
_NEW_IF_WORSE = 10
"""The same where newer searches are answered worse, or are of another kind."""
_GROWN = 4 / 3
"""After a refusal."""
_MANY = 600
"""Judged searches from which the most thorough recipe is worth its time."""
_COMPARED = 100
_LEAST_COMPARED = 20
"""Searches on either side, at most and at least."""
_P_BELOW = 0.05
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class _Given:
    """What was judged, and when."""

    queries: tuple[JudgedQuery, ...]
    older: tuple[JudgedQuery, ...]
    """With what had been said when a model was tuned last."""
    n_new: int
    """Labels since."""

    @property
    def newer(self) -> tuple[JudgedQuery, ...]:
        """Searches that were not judged then."""
        known = {query.id for query in self.older}
        return tuple(query for query in self.queries if query.id not in known)


def suggestion(parts: Parts, settings: Settings) -> Suggestion:
    """Whether it is worth tuning now, and why; takes a second or so where there is much to compare.

    Nothing is suggested where the settings say so.
    """
    with parts.library.read() as connection:
        last = model_registry.last_tuned(connection)
        given = _given(of_texts(labels.in_force(connection)), last.last_event if last else 0)
    n, recipe = len(given.queries), _recipe(len(given.queries))
    none = Suggestion("none", (), recipe, given.n_new)
    if not settings.suggest_tuning or n < MIN_QUERIES:
        return none
    if last is None:
        told = f"{n:,} judged searches are enough to learn from."
        return Suggestion("adapter" if n < FEW else "tune", (told,), recipe, given.n_new)
    if last.refused and n < _GROWN * len(given.older):
        return none
    n_newer = len(given.newer)
    if n_newer < _NEW_IF_WORSE:
        return none
    reasons = _worse(parts, given, last)
    if n_newer >= NEW:
        reasons = (*reasons, f"{n_newer:,} searches were judged since the last tuning.")
    if not reasons:
        return none
    adapter = n < FEW and not _is_adapter(parts, last.model)
    return Suggestion("adapter" if adapter else "tune", reasons, recipe, given.n_new)


def _given(every: Sequence[Label], last_event: int) -> _Given:
    then = [label for label in every if label.id <= last_event]
    return _Given(from_labels(every), from_labels(then), len(every) - len(then))


def _recipe(n_queries: int) -> str:
    if n_queries < FEW:
        return "Quick"
    return "Balanced" if n_queries < _MANY else "Thorough"


def _is_adapter(parts: Parts, model_id: str) -> bool:
    try:
        return parts.models.card(model_id).adapter
    except EngineError:
        return False


def _worse(parts: Parts, given: _Given, last: LastTuned) -> tuple[str, ...]:
    """What has become worse since the last tuning, in words; nothing while the model loads."""
    served = parts.models.served()
    if served is None:
        return ()
    return tuple(filter(None, (_fall(parts, served, given), _drift(parts, served, given, last))))


def _fall(parts: Parts, served: ServedModel, given: _Given) -> str:
    """Whether newer judged searches are answered worse than older ones that were not learnt."""
    newer = _ndcg(served, given.newer[-_COMPARED:])
    record = read_record(parts.models.folder(served.card.id))
    if record is not None:
        older = [change.after for change in record.changes]
    else:
        older = _ndcg(served, given.older[-_COMPARED:])
    if min(len(newer), len(older)) < _LEAST_COMPARED or fall_p(older, newer) >= _P_BELOW:
        return ""
    return (
        f"Newer searches are answered worse: {gate.MEASURE} {np.mean(newer):.2f} on the last "
        f"{len(newer)}, {np.mean(older):.2f} before."
    )


def _ndcg(served: ServedModel, queries: Sequence[JudgedQuery]) -> list[float]:
    run = {}
    for query in queries:
        best: dict[str, float] = {}
        for hit in served.dense.search(served.encode_query(query.text), _DEPTH):
            best.setdefault(str(hit.document_id), hit.score)
        run[query.id] = list(best.items())
    grades = {query.id: query.grades for query in queries}
    return list(per_query(gate.MEASURE, grades, run).values())


def _drift(parts: Parts, served: ServedModel, given: _Given, last: LastTuned) -> str:
    """Whether the last searches are of another kind than those before the tuning.

    Where those are not remembered, than what it was tuned on.
    """
    with parts.library.read() as connection:
        before = searches.between(connection, 0.0, last.at, _COMPARED)
        since = searches.between(connection, last.at, float("inf"), _COMPARED)
    if len(before) < _LEAST_COMPARED:
        before = tuple(query.text for query in given.older[-_COMPARED:])
    if min(len(before), len(since)) < _LEAST_COMPARED:
        return ""
    if energy_p(_vectors(served, before), _vectors(served, since)) >= _P_BELOW:
        return ""
    return f"Your last {len(since)} searches are about other things than those before the tuning."


def _vectors(served: ServedModel, queries: Sequence[str]) -> NDArray[np.float32]:
    return served.encoder.encode_queries(queries)
