"""The test that a tuned model must pass before it may become active.

Its measure is nDCG@10 on held-out queries, before and after. A model passes when

1. there are at least `MIN_HELD_OUT` held-out queries,
2. the mean is higher after than before, and
3. the two-sided p of the paired randomisation test is below `P_BELOW`: were the tuning without
   effect, chance alone would bring so clear a rise in fewer than 5 of 100 cases.

Measured with differences as SciFact's queries have them: with 160 held-out queries a true gain of
0.03 passes 84 to 91 times of 100, one of 0.04 more than 99 times, none 4 to 9 times; with 60, a
gain of 0.04 passes 87 times; with 20, only a far larger one is seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.evaluation.metrics import Measure, mean
from engine.evaluation.significance import bootstrap_interval, randomisation_p
from engine.records import GateReport

MEASURE = Measure("nDCG", 10)

MIN_HELD_OUT = 10
"""With fewer queries no difference can be told from chance."""

P_BELOW = 0.10
"""Two-sided: 5 % for a rise, the only direction that lets a model pass."""


@dataclass(frozen=True, slots=True)
class HeldOutThings:
    """What is held out, in words for people."""

    name: str
    """In the plural."""
    more: str
    """What to do so that there are more."""


SEARCHES = HeldOutThings("searches", "Judge more results and tune again.")


def judge(
    before: Mapping[str, float],
    after: Mapping[str, float],
    things: HeldOutThings = SEARCHES,
) -> GateReport:
    """The verdict on a tuned model.

    Args:
        before: held-out query id -> nDCG@10 of the model that was tuned; at least one.
        after: the same queries with the tuned model.
        things: what the ids stand for. They are independent of each other, as the test wants it:
            of queries that are not, their mean is one value.
    """
    first = [before[query] for query in before]
    second = [after[query] for query in before]
    p = randomisation_p(first, second)
    gain = mean(after) - mean(before)
    supported = len(first) >= MIN_HELD_OUT and p < P_BELOW
    return GateReport(
        measure=str(MEASURE),
        before=mean(before),
        after=mean(after),
        ci=bootstrap_interval(first, second),
        p=p,
        n_queries=len(first),
        accepted=gain > 0 and supported,
        reason=_reason(mean(before), mean(after), p, len(first), supported, things),
    )


def _reason(
    before: float,
    after: float,
    p: float,
    n_queries: int,
    supported: bool,
    things: HeldOutThings,
) -> str:
    told = (
        f"On {n_queries:,} {things.name} that it had not seen, {MEASURE} went from {before:.3f} "
        f"to {after:.3f}."
    )
    if n_queries < MIN_HELD_OUT:
        return (
            f"Not accepted: {n_queries} {things.name} are too few to tell a better model from "
            f"luck; at least {MIN_HELD_OUT} are needed. {things.more}"
        )
    if after > before and supported:
        return f"Accepted: the tuned model finds more. {told} Luck seldom does that ({_odds(p)})."
    if after > before:
        return (
            f"Not accepted: the tuned model did a little better, but not clearly so. {told} Luck "
            f"alone could do that ({_odds(p)}). {things.more}"
        )
    if after == before:
        return f"Not accepted: the tuned model finds no better than before. {told}"
    worse = "finds worse" if supported else "does not find better"
    return f"Not accepted: the tuned model {worse} than the one you have. {told}"


def _odds(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
