"""Tells the user how far tuning is, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.evaluation.metrics import Measure
from engine.events import Measured, Progress
from engine.training.train_messages import Heard, Probed, Resumed, Saved, Stepped
from engine.training_records import CurvePoint

_EVERY_S = 0.2


def _never() -> bool:
    return False


def _unheard(_step: int, _n_steps: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Stages:
    """One job's progress."""

    job: str
    measure: Measure
    """What the probes measure."""
    report: Callable[[Progress | Measured], None]
    checkpoint: Callable[[], None]
    """Called with every step of every stage; may raise to stop."""
    paused: Callable[[], bool] = _never
    """Whether `checkpoint` would wait."""
    wraps_up: Callable[[], bool] = _never
    """Whether to end training here and go on with the best so far."""
    saved: Callable[[int, int], None] = _unheard
    """Told of each checkpoint: its step, and how many there are in all."""
    curve: list[CurvePoint] = field(default_factory=list)
    """What was measured while training, in order."""

    def begin(self, stage: str, total: int | None = None, unit: str = "") -> Callable[[int], None]:
        """Open a stage; the function returned is told how many of its units are done."""
        started = time.monotonic()
        told = started
        self.checkpoint()
        self.report(Progress(self.job, stage, 0, total, unit))

        def advance(done: int) -> None:
            nonlocal told
            self.checkpoint()
            now = time.monotonic()
            if now - told < _EVERY_S and done != total:
                return
            told = now
            rate = done / (now - started) if done and now > started else None
            left = (total - done) / rate if rate and total is not None else None
            self.report(Progress(self.job, stage, done, total, unit, rate, left))

        return advance

    def training(self) -> Callable[[Heard], None]:
        """Open the stage of training; the function returned is told what the trainer says."""
        self.report(Progress(self.job, "Starting the trainer", 0))
        began = time.monotonic()
        first = n_steps = 0
        told = began - _EVERY_S

        def advance(message: Stepped) -> None:
            nonlocal told, n_steps
            n_steps = message.n_steps
            now = time.monotonic()
            if now - told < _EVERY_S and message.step != n_steps:
                return
            told = now
            rate = (message.step - first) / (now - began) if message.step > first else None
            left = (n_steps - message.step) / rate if rate else None
            detail = f"{message.stage}, {message.memory_mb / 1000:.1f} GB of memory"
            self.report(
                Progress(self.job, "Training", message.step, n_steps, "steps", rate, left, detail)
            )

        def hear(message: Heard) -> None:
            nonlocal began, first, n_steps
            match message:
                case Stepped():
                    self._measured(message)
                    advance(message)
                case Probed():
                    self._measured(message)
                case Saved(step):
                    self.saved(step, n_steps)
                case Resumed(step, total, curve):
                    began, first, n_steps = time.monotonic(), step, total
                    for point in curve:
                        self._measured(point)
                    self.report(Progress(self.job, "Training", step, total, "steps"))

        return hear

    def _measured(self, point: Stepped | Probed) -> None:
        """Tell of the points of curves."""
        if isinstance(point, Probed):
            series = {str(self.measure): point.ndcg, "validation loss": point.loss}
        else:
            series = {
                "loss": point.loss,
                "learning rate": point.learning_rate,
                "pairs a second": point.pairs_a_second,
            }
        for name, value in series.items():
            self.curve.append(CurvePoint(name, point.step, value))
            self.report(Measured(self.job, name, point.step, value))
