"""What a new model does to the held-out queries, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.training.pairs import JudgedQuery
from engine.training_records import QueryChange


def query_changes(
    held_out: Iterable[JudgedQuery],
    before: Mapping[str, float],
    after: Mapping[str, float],
    names: Mapping[int, str],
) -> tuple[QueryChange, ...]:
    """Those that were measured, the best gain first.

    Args:
        held_out: queries, of which some may not have been measured.
        before: query id -> nDCG@10.
        after: likewise, with the new model.
        names: document id -> its key.
    """
    ids = {key: number for number, key in names.items()}
    changes = (
        QueryChange(
            query.text,
            before[query.id],
            after[query.id],
            tuple(ids[key] for key in query.grades if key in ids),
        )
        for query in held_out
        if query.id in before
    )
    return tuple(sorted(changes, key=lambda change: change.before - change.after))
