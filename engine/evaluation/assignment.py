"""Who judges which queries."""

from __future__ import annotations

import random
from collections.abc import Sequence

from engine.errors import InvalidInput


def share_queries(
    query_ids: Sequence[str], raters: Sequence[str], overlap: float
) -> list[tuple[str, str]]:
    """Deal queries out evenly, drawn by lot; a share `overlap` (0 to 1) of them goes to two raters.

    Equal queries and raters are dealt equally.

    Returns:
        (query id, rater) for each.

    Raises:
        InvalidInput: a name is missing or given twice, or `overlap` is no share.
    """
    names = [rater.strip() for rater in raters]
    if "" in names or len(set(names)) < len(names):
        raise InvalidInput(
            "Not names of raters", "Each rater needs a name of their own.", "Correct the names."
        )
    if not 0 <= overlap <= 1:
        raise InvalidInput("Not a share", f"{overlap} is not between 0 and 1.")
    if not names:
        return []
    drawn = list(query_ids)
    random.Random(0).shuffle(drawn)  # noqa: S311 (a lot, no secret)
    n_twice = round(overlap * len(drawn)) if len(names) > 1 else 0
    n = len(names)
    shared = [(query_id, names[place % n]) for place, query_id in enumerate(drawn)]
    # The second rater's distance grows with each round, so that all pairs of raters come to meet.
    return shared + [
        (query_id, names[(place + 1 + place // n % (n - 1)) % n])
        for place, query_id in enumerate(drawn[:n_twice])
    ]
