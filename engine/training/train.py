"""Has a model tuned by the trainer process: all or nothing."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from engine.encoders.catalogue import check_kind
from engine.errors import ModelRejected, WorkerFailed
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.jobs.worker import WorkerError
from engine.training.train_messages import Probed, Stepped, ToParent, Trained, TrainOrder

MEMORY_MB = 8192
"""What the trainer may use."""

_POLL_S = 0.2
_SILENCE_S = 1200.0
"""Loading, a probe or a step never take so long, not even on a slow machine."""


def train(
    order: TrainOrder,
    on_message: Callable[[Stepped | Probed], None],
    checkpoint: Callable[[], None],
) -> Trained:
    """Tune `order.weights` into `order.target`, which appears once it is complete, or not at all.

    Args:
        order: what to train on, and how.
        on_message: told of each step and probe.
        checkpoint: called a few times a second; may raise (JobCancelled) to give up.

    Raises:
        ModelRejected: the model's files cannot be tuned.
        WorkerFailed: the trainer ended, hung or ran out of its memory.
    """
    if check_kind(Path(order.weights)) != "safetensors":
        raise ModelRejected(
            "This model cannot be tuned",
            "Its weights come compressed, for searching only.",
            "Tune a model whose weights are in safetensors.",
        )
    target = Path(order.target)
    worker: WorkerProcess[ToParent] = WorkerProcess(
        "engine.training.train_worker", ToParent, memory_mb=MEMORY_MB
    )
    try:
        with worker:
            worker.send(order)
            return _until_trained(worker, on_message, checkpoint)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    finally:
        for left_over in target.parent.glob(f".{target.name}-*"):
            shutil.rmtree(left_over, ignore_errors=True)


def _until_trained(
    worker: WorkerProcess[ToParent],
    on_message: Callable[[Stepped | Probed], None],
    checkpoint: Callable[[], None],
) -> Trained:
    heard = time.monotonic()
    while time.monotonic() - heard < _SILENCE_S:
        checkpoint()
        try:
            message = worker.receive(_POLL_S)
        except WorkerTimeout:
            continue
        heard = time.monotonic()
        match message:
            case Trained():
                return message
            case WorkerError(title, text, hint):
                raise ModelRejected(title, text, hint)
            case _:
                on_message(message)
    raise WorkerFailed(
        "Tuning got stuck",
        f"The trainer has not been heard of for {_SILENCE_S / 60:.0f} minutes.",
        "Close other programs and try again.",
    )


def threads() -> int:
    """Threads for training: two at most, so that searching goes on meanwhile."""
    return min(2, os.cpu_count() or 1)
