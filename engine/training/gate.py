"""The tests that a tuned model must pass before it may become active.

The first of them is nDCG@10 on held-out queries, before and after. A model passes it when

1. there are at least `min_held_out` held-out queries,
2. the mean is higher after than before, and
3. the two-sided p of the paired randomisation test is below `p_below`: were the tuning without
   effect, chance alone would bring so clear a rise in fewer than 5 of 100 cases.

Measured with differences as SciFact's queries have them: with 160 held-out queries a true gain of
0.03 passes 84 to 91 times of 100, one of 0.04 more than 99 times, none 4 to 9 times; with 60, a
gain of 0.04 passes 87 times; with 20, only a far larger one is seen.

The others: nothing that it was tested with may have been learnt, general knowledge may not be
unlearnt, and the model may become neither much slower nor much larger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.evaluation.metrics import mean
from engine.evaluation.significance import bootstrap_interval, randomisation_p
from engine.records import GateCheck, GateReport, GateRules
from engine.training.dense_ndcg import NDCG
from engine.training.hidden import Hidden
from engine.training.pairs import Example, JudgedQuery, normalised

MEASURE = NDCG

RULES = GateRules()
MIN_HELD_OUT = RULES.min_held_out
"""With fewer queries no difference can be told from chance."""

P_BELOW = RULES.p_below
"""Two-sided: 5 % for a rise, the only direction that lets a model pass."""


@dataclass(frozen=True, slots=True)
class HeldOutThings:
    """What is held out, in words for people."""

    name: str
    """In the plural."""
    more: str
    """What to do so that there are more."""


_UNSEEN = "Tested with nothing that it learnt"

SEARCHES = HeldOutThings("searches", "Judge more results and tune again.")


def judge(
    before: Mapping[str, float],
    after: Mapping[str, float],
    things: HeldOutThings = SEARCHES,
    rules: GateRules = RULES,
    others: Sequence[GateCheck] = (),
) -> GateReport:
    """The verdict on a tuned model.

    Args:
        before: held-out query id -> nDCG@10 of the model that was tuned; at least one.
        after: the same queries with the tuned model.
        things: what the ids stand for. They are independent of each other, as the test wants it:
            of queries that are not, their mean is one value.
        rules: what is asked of them.
        others: what else the model was tested for; the first that failed is told.
    """
    first = [before[query] for query in before]
    second = [after[query] for query in before]
    p = randomisation_p(first, second)
    gain = mean(after) - mean(before)
    supported = len(first) >= rules.min_held_out and p < rules.p_below
    report = GateReport(
        measure=str(MEASURE),
        before=mean(before),
        after=mean(after),
        ci=bootstrap_interval(first, second),
        p=p,
        n_queries=len(first),
        accepted=gain > 0 and supported,
        reason=_reason(mean(before), mean(after), p, len(first), supported, things, rules),
    )
    held_out = GateCheck(
        f"Held-out {things.name}",
        report.accepted,
        f"{MEASURE} {report.before:.3f} before, {report.after:.3f} after on {len(first):,} "
        f"{things.name} ({_odds(p)}); asked: better, p below {rules.p_below:g}, at least "
        f"{rules.min_held_out} of them.",
    )
    report = replace(report, checks=(held_out, *others))
    failed = next((check for check in others if not check.passed), None)
    if report.accepted and failed:
        told = f"Not accepted, though it finds more: {failed.words}"
        return replace(report, accepted=False, reason=told)
    return report


def nothing_seen(examples: Iterable[Example], held_out: Sequence[JudgedQuery]) -> GateCheck:
    """Whether nothing that held-out queries know was learnt, as the examples themselves tell."""
    hidden = Hidden(held_out)
    wordings = {normalised(query.text) for query in held_out}
    seen: set[str] = set()
    n = 0
    for example in examples:
        n += 1
        new = {example.positive, *example.negatives} - seen
        seen |= new
        if normalised(example.query) in wordings or hidden.knows_query(example.query):
            what = f"the search “{_shortened(example.query)}”"
        elif example.document in hidden.documents or any(map(hidden.knows_passage, new)):
            what = f"an answer, learnt with “{_shortened(example.query)}”"
        else:
            continue
        return GateCheck(_UNSEEN, False, f"It was tested with what it had learnt from: {what}.")
    return GateCheck(
        _UNSEEN,
        True,
        f"None of the {n:,} examples shares its wording or a passage with the {len(held_out):,} "
        "held-out searches, not even nearly.",
    )


def general_knowledge(
    before: Mapping[str, float], after: Mapping[str, float], rules: GateRules
) -> GateCheck:
    """Whether the model still finds what it could find before, beyond the library."""
    loss = mean(before) - mean(after)
    return GateCheck(
        "General knowledge",
        loss <= rules.general_loss,
        f"On {len(before):,} searches of general knowledge {MEASURE} went from {mean(before):.3f} "
        f"to {mean(after):.3f}; it may lose {rules.general_loss:g} at most.",
    )


def speed(before_ms: float, after_ms: float, rules: GateRules) -> GateCheck:
    """Whether a query is still encoded fast enough; medians of both models in turn."""
    return GateCheck(
        "Speed",
        after_ms <= rules.slower * before_ms,
        f"A search takes {after_ms:.1f} ms to encode, {before_ms:.1f} ms before; "
        f"{rules.slower:g} times as long is allowed.",
    )


def size(before: int, after: int, rules: GateRules) -> GateCheck:
    """Whether the model is still small enough, in bytes."""
    return GateCheck(
        "Size",
        after <= rules.larger * before,
        f"It takes {after / 1e6:,.1f} MB, {before / 1e6:,.1f} MB before; {rules.larger:g} times "
        "as much is allowed.",
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def _reason(
    before: float,
    after: float,
    p: float,
    n_queries: int,
    supported: bool,
    things: HeldOutThings,
    rules: GateRules,
) -> str:
    told = (
        f"On {n_queries:,} {things.name} that it had not seen, {MEASURE} went from {before:.3f} "
        f"to {after:.3f}."
    )
    if n_queries < rules.min_held_out:
        return (
            f"Not accepted: {n_queries} {things.name} are too few to tell a better model from "
            f"luck; at least {rules.min_held_out} are needed. {things.more}"
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
