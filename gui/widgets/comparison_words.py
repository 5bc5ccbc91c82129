"""What a comparison of systems says, in words."""

from __future__ import annotations

import re

from engine.evaluation_records import ComparisonReport, Difference, SystemFigures
from gui.wording import count

JUDGED = "Judged@10"
WELL_JUDGED = 0.9
"""Share of the first ten from which a measure is hardly moved by what is not judged."""
_SURE = 0.05


def short(number: float, signed: bool = False) -> str:
    """A figure without its leading nought: `.041`, `+.041`, `−.2`, `1.000`."""
    words = f"{number:+.3f}" if signed else f"{number:.3f}"
    return re.sub(r"^([+-]?)0\.", r"\1.", words).replace("-", "−")


def p_in_words(p: float) -> str:
    """`p = .003`, or `p < .001`."""
    return "p < .001" if p < 0.001 else f"p = {short(p)}"


def difference_in_words(report: ComparisonReport, difference: Difference) -> str:
    """Which of two systems is better, by how much and how surely."""
    first = report.systems[difference.first].name
    second = report.systems[difference.second].name
    low, high = difference.ci
    better, other, gain = second, first, difference.gain
    if gain < 0:
        better, other, gain, (low, high) = first, second, -gain, (-high, -low)
    figures = (
        f"{short(gain, signed=True)}, 95 % interval {short(low)} to {short(high)}, "
        f"{p_in_words(difference.p_holm)} after Holm"
    )
    if difference.p_holm < _SURE:
        return f"{better} does better than {other}: {figures}"
    return f"{better} or {other}, chance may explain it: {figures}"


def is_sure(difference: Difference) -> bool:
    """Whether chance hardly explains it."""
    return difference.p_holm < _SURE


def tally_in_words(difference: Difference) -> str:
    """On how many queries the second is better, equal and worse, seen from the better one."""
    won, lost = difference.wins, difference.losses
    if difference.gain < 0:
        won, lost = lost, won
    return f"{count(won)} / {count(difference.ties)} / {count(lost)}"


def judged_warning(report: ComparisonReport) -> str:
    """What to say where too little of the first ten is judged; empty where enough is."""
    low = [
        f"{figures.name} ({figures.measures[JUDGED]:.0%})"
        for figures in report.systems
        if is_poorly_judged(figures)
    ]
    if not low:
        return ""
    return (
        f"Too little of the first ten is judged for {', '.join(low)}. What is not judged counts "
        "as not relevant, so these figures are too low: pool from these systems and judge, or go "
        "by a measure that leaves the rest out, such as nDCG'@10."
    )


def is_poorly_judged(figures: SystemFigures) -> bool:
    """Whether what is not judged may move its measures."""
    return figures.measures.get(JUDGED, 1.0) < WELL_JUDGED


def about_in_words(report: ComparisonReport, set_name: str) -> str:
    """What was measured: `archive · test · version 2 · 50 judged queries`."""
    version = "as it stands" if report.version is None else f"version {report.version}"
    queries = count(report.n_queries, "judged query", "judged queries")
    return f"{set_name} · {report.split} · {version} · {queries}"
