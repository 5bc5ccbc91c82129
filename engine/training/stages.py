"""Tells the user how far tuning is, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.evaluation.metrics import Measure
from engine.events import Measured, Progress
from engine.training.train_messages import Probed, Stepped

_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Stages:
    """One job's progress."""

    job: str
    measure: Measure
    """What the probes measure."""
    report: Callable[[Progress | Measured], None]
    checkpoint: Callable[[], None]
    """Called with every step of every stage; may raise to stop."""

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

    def training(self) -> Callable[[Stepped | Probed], None]:
        """Open the stage of training; the function returned is told what the trainer says."""
        self.report(Progress(self.job, "Starting the trainer", 0))
        advance: Callable[[int], None] | None = None

        def hear(message: Stepped | Probed) -> None:
            nonlocal advance
            if isinstance(message, Probed):
                self.report(Measured(self.job, str(self.measure), message.step, message.ndcg))
                return
            if advance is None:
                advance = self.begin("Training", message.n_steps, "steps")
            advance(message.step)
            self.report(Measured(self.job, "loss", message.step, message.loss))

        return hear
