"""Training from an order to a model on the disk, through all stages, interrupted or not."""

from __future__ import annotations

import hashlib
import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import torch
from torch import Tensor

from engine.training import checkpoint, devices, model_files
from engine.training.batches import Step, plan, usable_stages
from engine.training.checkpoint import Checkpoint, State
from engine.training.learner import Learner, misfit
from engine.training.pairs import Example
from engine.training.probing import Prober
from engine.training.train_messages import (
    Heard,
    Probed,
    Resumed,
    Saved,
    StageOrder,
    Stepped,
    Trained,
    TrainOrder,
)

_CHECKPOINT_EVERY_S = 30.0
_CHECKPOINT_SHARE = 0.05
"""Of the time, that writing checkpoints may take: a large model is written less often."""
_RATE_OVER_STEPS = 10
_SEEDS_A_STEP = 10_000
"""More than a batch has pieces, each of which has a seed of its own."""


class Controls(Protocol):
    """What the parent wants meanwhile."""

    def held(self) -> bool:
        """Whether the next step is to wait."""

    def finishing(self) -> bool:
        """Whether to take no more steps; returns only once it is not held any more."""


def plans(
    learner: Learner, stages: Sequence[StageOrder], general: Sequence[Example]
) -> tuple[tuple[Step, ...], ...]:
    """The steps of each stage; the model must be as it came, curricula are drawn up with it."""
    return tuple(
        plan(
            s.stage,
            s.examples,
            general,
            learner.recipe,
            number,
            learner.easiest_first(s.examples) if s.stage.curriculum else None,
        )
        for number, s in enumerate(stages)
    )


def rate_at(step: int, n_steps: int, peak: float, warmup_share: float) -> float:
    """Learning rate of a step, from 0: a linear rise over the warm-up, then a linear fall to 0."""
    n_warm = math.ceil(warmup_share * n_steps)
    if step < n_warm:
        return peak * (step + 1) / n_warm
    return peak * (n_steps - step) / max(1, n_steps - n_warm)


def seed_of(recipe_seed: int, stage: int, step: int) -> int:
    """Of a step's dropout; each piece of its batch adds its number."""
    mixed = hashlib.sha256(f"{recipe_seed} {stage} {step}".encode()).digest()
    return int.from_bytes(mixed[:6], "big") * _SEEDS_A_STEP


def fingerprint(order: TrainOrder) -> str:
    """SHA-256 of all that decides what comes of an order; where its files lie does not, hex."""
    decides = (order.recipe, order.stages, order.general, order.probe, order.keeps_best)
    found = hashlib.sha256(msgspec.json.encode(decides))
    found.update(model_files.weights_hash(Path(order.weights)).encode())
    return found.hexdigest()


class TrainingLoop:
    """One order being carried out."""

    def __init__(
        self, order: TrainOrder, send: Callable[[Heard], None], controls: Controls
    ) -> None:
        self._order = order
        self._send = send
        self._controls = controls
        self._folder = Path(order.checkpoints)
        self._fingerprint = fingerprint(order)
        self._began = time.monotonic()
        self._stages = usable_stages(order.stages)
        self._learner = Learner(
            Path(order.weights), order.recipe, self._stages, order.general, order.threads
        )
        self._plans = plans(self._learner, self._stages, order.general)
        self._n_steps = sum(map(len, self._plans))
        self._prober = Prober(
            order.probe, order.recipe.scale, self._learner.device, self._learner.bf16
        )
        self._state = State(self._fingerprint, 0, 0, 0, 0, math.inf, 0, 0.0, "", ())
        self._best: Mapping[str, Tensor] = {}
        self._seconds_before = 0.0
        self._saved_at, self._save_s = time.monotonic(), 0.0
        self._recent: deque[tuple[float, int]] = deque(maxlen=_RATE_OVER_STEPS)

    def run(self) -> Trained:
        """Train, keep what is best, and write it to the target.

        The candidates are the model at the probes of the last stage, and the best of them mixed
        with the model as it came, weight by weight: Wortsman et al. 2022, Robust fine-tuning of
        zero-shot models (arXiv 2109.01903). With a thousand pairs or fewer a mix finds more on
        queries that share nothing with those that were trained on. The one with the lowest loss is
        kept.
        """
        moments = self._resume()
        for number in range(self._state.stage, len(self._stages)):
            if number > self._state.stage:
                self._change(stage=number, stage_step=0, probes_since_best=0)
                if number == len(self._stages) - 1:
                    self._forget_best()
            self._learner.begin(self._stages[number].stage)
            self._learner.put_moments(moments)
            moments = {}
            if not self._run_stage(number):
                self._change(stopped=f"{self._state.stopped} Stopped by hand.".strip())
                break
        step, share = self._keep() if self._order.keeps_best else self._keep_last()
        target = Path(self._order.target)
        model_files.save(self._learner.model, Path(self._order.weights), target)
        return Trained(
            self._state.step,
            self._seconds(),
            self._learner.bf16,
            step,
            share,
            self._learner.device,
            self._state.stopped,
        )

    def _resume(self) -> Mapping[str, Tensor]:
        """Go back to the newest checkpoint, else measure the model as it came."""
        found = checkpoint.newest(self._folder, self._fingerprint)
        if found is None:
            ndcg, loss = self._prober.measure(self._learner.model)
            self._tell(Probed(0, ndcg, loss))
            self._change(best_loss=loss)
            return {}
        state = found.state
        if state.stage >= len(self._plans) or state.stage_step > len(self._plans[state.stage]):
            raise misfit()
        self._learner.put(found.weights)
        self._state, self._best = found.state, found.best
        self._seconds_before = found.state.seconds
        self._send(Resumed(found.state.step, self._left_of_plan(), found.state.curve))
        return found.moments

    def _run_stage(self, number: int) -> bool:
        """Take the stage's remaining steps; whether to go on with the next stage."""
        steps = self._plans[number]
        while self._state.stage_step < len(steps):
            if self._patience_ended():
                self._end_early(number)
                break
            if self._controls.held():
                self._save()
            if self._controls.finishing():
                return False
            self._take(number, steps[self._state.stage_step])
            done = self._state.stage_step
            n_probes = steps[-1].epoch + 1
            n_probes *= self._order.recipe.probes_an_epoch
            # The last step is always the last probe's.
            if done * n_probes // len(steps) > (done - 1) * n_probes // len(steps):
                self._probe()
                self._save()
            elif time.monotonic() - self._saved_at > max(
                _CHECKPOINT_EVERY_S, self._save_s / _CHECKPOINT_SHARE
            ):
                self._save()
        return True

    def _take(self, number: int, step: Step) -> None:
        done, stage = self._state.stage_step, self._stages[number]
        rate = rate_at(
            done, len(self._plans[number]), stage.stage.learning_rate, stage.stage.warmup_share
        )
        seed = seed_of(self._order.recipe.seed, number, done)
        began = devices.now(self._learner.device)
        loss = self._learner.learn(stage.stage, stage.examples, step, seed, rate)
        took = devices.now(self._learner.device) - began
        self._recent.append((took, len(step.rows) + len(step.general)))
        self._change(step=self._state.step + 1, stage_step=done + 1)
        self._tell(
            Stepped(
                self._state.step,
                self._left_of_plan(),
                loss,
                rate,
                self._rate(),
                devices.memory_mb(self._learner.device),
                f"stage {number + 1} of {len(self._stages)}",
            )
        )

    def _rate(self) -> float:
        """Pairs a second over the last steps."""
        seconds, pairs = (sum(column) for column in zip(*self._recent, strict=True))
        return pairs / seconds if seconds else 0.0

    def _left_of_plan(self) -> int:
        """Steps of all stages, less those that an early end has saved."""
        state = self._state
        ahead = sum(map(len, self._plans[state.stage :])) - state.stage_step
        return state.step + ahead

    def _probe(self) -> None:
        ndcg, loss = self._prober.measure(self._learner.model)
        self._tell(Probed(self._state.step, ndcg, loss))
        if loss < self._state.best_loss:
            self._change(best_loss=loss, best_step=self._state.step, probes_since_best=0)
            if self._order.keeps_best:
                self._best = self._learner.copied()
        else:
            self._change(probes_since_best=self._state.probes_since_best + 1)

    def _patience_ended(self) -> bool:
        patience = self._order.recipe.patience
        return self._order.keeps_best and 0 < patience <= self._state.probes_since_best

    def _end_early(self, number: int) -> None:
        """Leave a stage; the next one starts from the best so far."""
        reason = (
            f"Stage {number + 1} ended early: no probe was better "
            f"{self._state.probes_since_best} times in a row."
        )
        self._change(stopped=f"{self._state.stopped} {reason}".strip())
        self._learner.put(self._best or self._learner.start)

    def _forget_best(self) -> None:
        """Let only the base, and what the last stage makes of all before, be chosen.

        What people judged comes last: a model that has not learnt it is not theirs, however well
        it does on the few queries that choose.
        """
        first = self._state.curve[0]
        assert isinstance(first, Probed)
        self._change(best_loss=first.loss, best_step=0)
        self._best = {}

    def _save(self) -> None:
        """Put a checkpoint on the disk."""
        began = time.monotonic()
        state = msgspec.structs.replace(self._state, seconds=self._seconds())
        checkpoint.write(
            self._folder,
            Checkpoint(state, self._learner.copied(), self._learner.moments(), self._best),
        )
        self._saved_at = time.monotonic()
        self._save_s = self._saved_at - began
        self._send(Saved(state.step))

    def _keep_last(self) -> tuple[int, float]:
        self._learner.finish()
        return self._state.step, 1.0

    def _keep(self) -> tuple[int, float]:
        """Put the model into the best state; returns its step and its share of the way there."""
        model, base = self._learner.model, self._learner.base
        step, best_loss, share = self._state.best_step, self._state.best_loss, 1.0
        if self._best:
            self._learner.put(self._best)
        end = self._learner.finish()
        if step == 0:
            model.load_state_dict(base)
            return 0, 1.0
        best = end
        for candidate in self._order.recipe.mixes:
            mixed = {
                name: torch.lerp(weight, end[name], candidate)
                if weight.is_floating_point()
                else weight
                for name, weight in base.items()
            }
            model.load_state_dict(mixed)
            _, loss = self._prober.measure(model)
            if loss < best_loss:
                best, best_loss, share = mixed, loss, candidate
        model.load_state_dict(best)
        return step, share

    def _tell(self, message: Stepped | Probed) -> None:
        self._change(curve=(*self._state.curve, message))
        self._send(message)

    def _change(self, **values: object) -> None:
        self._state = msgspec.structs.replace(self._state, **values)

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._began
