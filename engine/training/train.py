"""Has a model tuned by the trainer process: all or nothing."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from engine.encoders.catalogue import check_kind
from engine.errors import ModelRejected, NotEnoughData, WorkerFailed
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.jobs.worker import WorkerError
from engine.training.batches import usable
from engine.training.train_messages import (
    Estimated,
    EstimateOrder,
    FinishHere,
    GoOn,
    Heard,
    Hold,
    StageOrder,
    ToParent,
    Trained,
    TrainOrder,
)

MEMORY_MB = 8192
"""What the trainer may use."""

_POLL_S = 0.2
_SILENCE_S = 1200.0
"""Loading, a probe or a step never take so long, not even on a slow machine."""


def _never() -> bool:
    return False


def train(
    order: TrainOrder,
    on_message: Callable[[Heard], None],
    checkpoint: Callable[[], None],
    paused: Callable[[], bool] = _never,
    wraps_up: Callable[[], bool] = _never,
) -> Trained:
    """Tune `order.weights` into `order.target`, which appears once it is complete, or not at all.

    Args:
        order: what to train on, and how.
        on_message: told of each step, probe and checkpoint.
        checkpoint: called a few times a second; blocks while paused, may raise (JobCancelled) to
            give up.
        paused: whether `checkpoint` would block; the trainer is then held, and goes on after.
        wraps_up: whether to take no more steps and write down the best so far.

    Raises:
        NotEnoughData: no stage has anything that its loss can learn from.
        ModelRejected: the model's files cannot be tuned, or the checkpoints are of another order.
        WorkerFailed: the trainer ended, hung or ran out of its memory.
    """
    _check(order.weights, order.stages)
    target = Path(order.target)
    worker = _worker()
    try:
        with worker:
            worker.send(order)
            answer = _answer(worker, on_message, checkpoint, paused, wraps_up)
            assert isinstance(answer, Trained)
            return answer
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    finally:
        for left_over in target.parent.glob(f".{target.name}-*"):
            shutil.rmtree(left_over, ignore_errors=True)


def measure_costs(order: EstimateOrder, checkpoint: Callable[[], None]) -> Estimated:
    """Try a few steps, and write nothing; raises as `train` does.

    Args:
        order: what would be trained.
        checkpoint: called a few times a second; may raise (JobCancelled) to give up.
    """
    _check(order.weights, order.stages)
    with _worker() as worker:
        worker.send(order)
        answer = _answer(worker, lambda _: None, checkpoint, _never, _never)
        assert isinstance(answer, Estimated)
        return answer


def _check(weights: str, stages: tuple[StageOrder, ...]) -> None:
    if check_kind(Path(weights)) != "safetensors":
        raise ModelRejected(
            "This model cannot be tuned",
            "Its weights come compressed, for searching only.",
            "Tune a model whose weights are in safetensors.",
        )
    if not any(usable(order.stage, order.examples) for order in stages):
        raise NotEnoughData(
            "Nothing to learn from",
            "No pair has what the losses of this recipe need.",
            "Choose other pairs or another loss, or have the cross-encoder label pairs first.",
        )


def _worker() -> WorkerProcess[ToParent]:
    return WorkerProcess("engine.training.train_worker", ToParent, memory_mb=MEMORY_MB)


def _answer(
    worker: WorkerProcess[ToParent],
    on_message: Callable[[Heard], None],
    checkpoint: Callable[[], None],
    paused: Callable[[], bool],
    wraps_up: Callable[[], bool],
) -> Trained | Estimated:
    heard, finishing = time.monotonic(), False
    while time.monotonic() - heard < _SILENCE_S:
        if paused():
            worker.send(Hold())
            checkpoint()
            worker.send(GoOn())
            heard = time.monotonic()
        else:
            checkpoint()
        if wraps_up() and not finishing:
            worker.send(FinishHere())
            finishing = True
        try:
            message = worker.receive(_POLL_S)
        except WorkerTimeout:
            continue
        heard = time.monotonic()
        match message:
            case Trained() | Estimated():
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
