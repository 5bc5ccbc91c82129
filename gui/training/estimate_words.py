"""What tuning would cost, in words."""

from __future__ import annotations

from engine.training_records import TuningEstimate
from gui.wording import count, duration, size

_DEVICES = {"cpu": "the processor", "cuda": "the graphics processor", "mps": "Apple's graphics"}


def estimate_in_words(estimate: TuningEstimate) -> str:
    """How long it takes, what of, with how much memory, where, and what is worth knowing."""
    where = _DEVICES.get(estimate.device, estimate.device)
    precision = " in bfloat16" if estimate.bf16 else ""
    words = (
        f"About {duration(estimate.seconds)} until the verdict, {duration(estimate.training_s)} "
        f"of them training: {count(estimate.n_steps, 'step')} over "
        f"{count(estimate.n_pairs, 'pair')} on {where}{precision}, with up to "
        f"{size(estimate.memory_mb * 1_000_000)} of memory."
    )
    return " ".join((words, *estimate.notes))
