"""Team-draft interleaving: two rankings compete in one list, and what is used decides.

Like captains choosing teams, both rankings in turn put their best result that is not in the list
yet, who begins a round being tossed for. Neither has the better places on average, so two equal
rankings win equally often, however much people prefer what stands high. Radlinski, Kurup and
Joachims 2008, How does clickthrough data reflect retrieval quality? (CIKM).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.records import Team

_Z = 1.959964
"""Two-sided 95 % of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """An interleaved list."""

    items: tuple[int, ...]
    teams: dict[int, Team]
    """Whose each item is; of what both found alike up to there, nobody's: it decides nothing."""


def team_draft(first: Sequence[int], second: Sequence[int], k: int, seed: int) -> Drafted:
    """The k best of both, interleaved; `seed` tosses the coins.

    What both begin with in the same order is nobody's: whoever put it, the other would have.
    """
    items: list[int] = []
    for one, other in zip(first, second, strict=False):
        if one != other or len(items) == k:
            break
        items.append(one)
    teams: dict[int, Team] = {}
    coins = np.random.default_rng(seed)
    waiting: dict[Team, list[int]] = {1: list(first), 2: list(second)}
    seen = set(items)

    def draft(team: Team) -> None:
        left = waiting[team]
        while left and left[0] in seen:
            left.pop(0)
        if left and len(items) < k:
            items.append(left[0])
            seen.add(left[0])
            teams[left[0]] = team

    while len(items) < k:
        before = len(items)
        order: tuple[Team, Team] = (1, 2) if coins.integers(2) else (2, 1)
        for team in order:
            draft(team)
        if len(items) == before:
            break
    return Drafted(tuple(items), teams)


def winner(teams: Mapping[int, Team], credits: Mapping[int, float]) -> Team | None:
    """Whose results were worth more to the user; None where it is a tie."""
    worth = {1: 0.0, 2: 0.0}
    for item, credit in credits.items():
        if item in teams:
            worth[teams[item]] += credit
    if math.isclose(worth[1], worth[2], abs_tol=1e-9):
        return None
    return 1 if worth[1] > worth[2] else 2


def wilson(wins: int, n: int) -> tuple[float, float]:
    """95 % interval of a share of which `wins` of `n` were seen; (0, 1) where n is 0.

    Wilson 1927, Probable inference, the law of succession, and statistical inference (JASA).
    """
    if n == 0:
        return 0.0, 1.0
    share = wins / n
    centre = share + _Z**2 / (2 * n)
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    scale = 1 + _Z**2 / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def n_to_decide(wins: int, n: int) -> int | None:
    """How many decided searches more are likely needed until the interval leaves .5 out.

    If the share stays as it is; 0 where it does already; None where it is too near to .5 to say.
    """
    low, high = wilson(wins, n)
    if not low <= 0.5 <= high:
        return 0
    lead = abs(wins / n - 0.5) if n else 0.0
    if lead < 0.02:
        return None
    # The interval's edge is at .5 where n (p - .5)^2 = z^2 / 4, from Wilson's score test.
    return max(1, math.ceil((_Z / (2 * lead)) ** 2) - n)
