"""What the run log keeps of a job, as it is said."""

from __future__ import annotations

from engine.records import JobKind
from engine.training_records import RunRecord
from gui.wording import count, duration

KINDS: dict[JobKind, str] = {
    "finetune": "Tuning",
    "gather": "Training data",
    "evaluate": "Evaluation",
    "activate": "Activation",
    "import": "Import",
    "export": "Export",
    "index": "Indexing",
}
"""In the order in which they are offered."""

STATES: dict[str, tuple[str, str]] = {
    "running": ("Running", "accent"),
    "finished": ("Finished", "good"),
    "failed": ("Failed", "danger"),
    "cancelled": ("Cancelled", "muted"),
}
"""Words for a state, and a field of `Colors`."""

_COUNTS = (
    ("n_kept", "pair"),
    ("n_pairs", "pair"),
    ("n_hard", "hard negative"),
    ("added", "file added"),
    ("encoded", "passage"),
    ("n_queries", "query"),
)
_PARTS = {"evalset": "evaluation set", "stages": "stage", "ndcg": "nDCG@10"}
_PLURALS = {"file added": "files added", "query": "queries"}


def kind_in_words(run: RunRecord) -> str:
    """What kind of job it was."""
    return {str(kind): words for kind, words in KINDS.items()}.get(run.kind, run.kind)


def state_in_words(run: RunRecord) -> str:
    """How it stands."""
    return STATES.get(run.state, (run.state.capitalize(), "muted"))[0]


def state_color(run: RunRecord) -> str:
    """A field of `Colors` for how it stands."""
    return STATES.get(run.state, ("", "muted"))[1]


def seconds_of(run: RunRecord) -> float:
    """How long it took; less than nothing while it has not ended."""
    return -1.0 if run.ended_at is None else run.ended_at - run.began_at


def duration_in_words(run: RunRecord) -> str:
    """How long it took."""
    return "–" if run.ended_at is None else duration(seconds_of(run))


def main_figure(run: RunRecord) -> str:
    """The one number that says most: `nDCG@10 0.652 → 0.701`, `120 files added`."""
    before, after = run.metrics.get("gate.before"), run.metrics.get("gate.after")
    if before is not None and after is not None:
        return f"{run.params.get('gate.measure', 'nDCG@10')} {before:.3f} → {after:.3f}"
    best = next((name for name in run.metrics if name.startswith("nDCG@10")), None)
    best = best or next((name for name in run.metrics if "@" in name), None)
    if best is not None:
        return f"{best.partition(',')[0]} {run.metrics[best]:.3f}"
    for name, noun in _COUNTS:
        if name in run.metrics:
            return count(round(run.metrics[name]), noun, _PLURALS.get(noun, ""))
    return ""


def name_in_words(name: str) -> str:
    """What a parameter or a measure is called: `stages.1.learning_rate`, `nDCG@10`."""
    parts = [
        _PARTS.get(part, part.removeprefix("n_").replace("_", " ")) for part in name.split(".")
    ]
    if any("@" in part for part in parts):
        return name
    words = " › ".join(parts)
    return f"{words[:1].upper()}{words[1:]}"


def number_in_words(number: float) -> str:
    """A measure: whole numbers with separators, others with the digits that matter."""
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}"
    return f"{number:,.1f}" if abs(number) >= 100 else f"{number:.4g}"
