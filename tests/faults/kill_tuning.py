"""Kills the engine with its trainer, or the trainer alone, at random moments of a tuning.

After each kill the library holds only whole models, an old one or the accepted new one is at work,
and what was interrupted goes on to the model that it would have become. Adapters, deletions and
exports are killed likewise.

The long form: `python -m tests.faults.kill_tuning --kills 30 --others 10`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import random
import sqlite3
import statistics
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from engine.events import Cancelled, Event, Failed, Finished, Measured
from engine.recipe import Recipe, Stage
from engine.records import ModelInfo, TuneReport
from engine.requests import (
    ActivateModel,
    ChangeSettings,
    Finetune,
    GetSettings,
    GetStatus,
    Judge,
    ListLabels,
    ListModels,
    RollBackModel,
    Search,
)
from engine.training.model_record import RECORD, read_record
from engine.training_records import InterruptedTuning
from engine.training_requests import (
    DeleteModel,
    ExportModel,
    FitAdapter,
    ListInterrupted,
    ResumeTuning,
    SearchWith,
)
from tests.engine.tiny_library import make_tiny_library
from tests.faults.kill_engine import Window
from tests.tiny_model import write_tiny_model

RECIPE = Recipe(
    name="To be killed",
    stages=(Stage(epochs=12, batch_size=16, learning_rate=1e-3, negatives=0),),
    probes_an_epoch=1,
    general_share=0.0,
)
"""A few steps, with twelve checkpoints."""

_SET, _SPLIT = "check", "train"
_QUERY, _JUDGED = "water", 3
_BY_AN_EVENT = 0.4
"""Of the kills come just after a random event, so that short stages are met as often as long."""
_AT_THE_VERDICT = 0.25
"""Of the kills come between the writing of the verdict and the switch to the model."""
_SWITCHING_S = 0.3
"""About as long as the switch takes."""
_TRAINER_ALONE = 0.3
_OPENING_S = 1.0
"""About as long as an engine that has just started takes to have a model ready."""
_TRAINER = "engine.training.train_worker"


@dataclass
class Outcome:
    """What the kills met, and how long it took to go on."""

    found: Counter[str] = field(default_factory=Counter)
    """How often a kill left what, in words."""
    seconds_to_resume: list[float] = field(default_factory=list)
    """From asking to the first new step."""
    seconds_to_open: list[float] = field(default_factory=list)
    """From the start of the process to the first answer, after a kill."""


class TuningWindow(Window):
    """A window that remembers what it heard."""

    def __init__(self, workspace: Path) -> None:
        self.heard: list[Event] = []
        super().__init__(workspace)

    def _hear(self, event: Event) -> None:
        self.heard.append(event)
        super()._hear(event)

    def of(self, job: str) -> list[Event]:
        """What was heard of a job."""
        return [event for event in list(self.heard) if getattr(event, "job", None) == job]

    def ended(self, job: str) -> Finished | Cancelled | Failed | None:
        """How a job ended; None while it runs."""
        for event in self.of(job):
            if isinstance(event, Finished | Cancelled | Failed):
                return event
        return None

    def end_of(self, job: str, timeout_s: float = 120) -> Finished | Cancelled | Failed:
        """How a job ended, once it has."""
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            if end := self.ended(job):
                return end
            self._ended.acquire(timeout=0.05)
        raise AssertionError(f"the job did not end: {self.of(job)[-3:]}")

    def report(self, job: str) -> TuneReport:
        """What a tuning came to; it must not have failed."""
        end = self.end_of(job)
        assert isinstance(end, Finished), end
        assert isinstance(end.result, TuneReport)
        return end.result

    def models(self) -> dict[str, ModelInfo]:
        """The models for texts, by id."""
        every = self.client.ask(ListModels()).result(60)
        return {info.id: info for info in every if info.kind == "text"}

    def interrupted(self) -> tuple[InterruptedTuning, ...]:
        """The tunings that can go on."""
        return self.client.ask(ListInterrupted()).result(60)

    def kill_trainer(self) -> None:
        """kill -9 of the trainer, where one is at work."""
        for process in self._children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if _TRAINER in process.cmdline():
                    process.kill()


@dataclass(frozen=True)
class Calm:
    """What undisturbed jobs come to, in what time."""

    weights: str
    tuning_s: float
    tuning_events: int
    adapter_s: float
    export_s: float


class Killing:
    """A library whose tunings are killed, and looked at after each kill."""

    def __init__(self, workspace: Path, recipe: Recipe, seed: int) -> None:
        self.workspace = workspace
        self.recipe = recipe
        self.draw = random.Random(seed)
        self.outcome = Outcome()
        window = TuningWindow(workspace)
        found = window.client.ask(Search(_QUERY, mode="lexical")).result(60).results
        for result in found[:_JUDGED]:
            window.client.ask(Judge(_QUERY, result.document_id, 3, "seen")).result(60)
        self.judged = self._judgments()
        self.n_chunks = window.client.ask(GetStatus()).result(60).n_chunks
        settings = window.client.ask(GetSettings()).result(60)
        any_rise = replace(settings.gate, p_below=1.1, general_loss=1.0, slower=100.0)
        window.client.ask(ChangeSettings(replace(settings, gate=any_rise))).result(60)
        self.base = next(info.id for info in window.models().values() if info.active)
        self.calm = self._undisturbed(window)
        self._back_to_the_base(window)
        window.client.close()

    def _undisturbed(self, window: TuningWindow) -> Calm:
        job = window.client.ask(self._tuning()).result(60).id
        tuned = window.report(job)
        assert tuned.accepted, tuned.reason  # else nothing would be put to work, nor killed at it
        weights = self._weights(tuned.model)
        events = len(window.of(job))
        target = self.workspace.parent / "exported"
        began = time.monotonic()
        export = window.client.ask(ExportModel(tuned.model, str(target))).result(60).id
        end = window.end_of(export)
        assert isinstance(end, Finished), end
        export_s = time.monotonic() - began
        self._back_to_the_base(window)
        adapter = window.client.ask(FitAdapter(_SET, _SPLIT)).result(60).id
        fitted = window.report(adapter)
        return Calm(weights, tuned.seconds, events, fitted.seconds, export_s)

    def kill_tuning(self) -> None:
        """Kill a tuning once, look, and have it go on to its end."""
        window = TuningWindow(self.workspace)
        before = window.models()
        job = window.client.ask(self._tuning()).result(60).id
        self._wait_for_the_moment(window, job)
        if self.draw.random() < _TRAINER_ALONE:
            window.kill_trainer()
            window.end_of(job)
        else:
            window.kill()
            window = self._opened_again()
        new = self._look(window, before)
        kept = window.interrupted()
        assert len(kept) <= 1 and not (kept and new), (kept, new)
        if kept:
            assert kept[0].job == job
            self.outcome.found[_how_far(kept[0])] += 1
            new = [self._goes_on(window, kept[0])]
        elif not new:
            self.outcome.found["never began"] += 1
        elif window.models()[new[0]].active:
            self.outcome.found["had ended"] += 1
        else:
            self.outcome.found["had its verdict"] += 1
            self._can_be_put_to_work(window, new[0])
        for model in new:
            assert self._weights(model) == self.calm.weights
            gate = window.models()[model].gate
            assert gate is not None and gate.accepted
        self._back_to_the_base(window)
        window.client.close()

    def kill_adapter(self) -> None:
        """Kill the fitting of an adapter once, and look."""
        window = TuningWindow(self.workspace)
        before = window.models()
        window.client.ask(FitAdapter(_SET, _SPLIT)).result(60)
        time.sleep(self.draw.uniform(0, _OPENING_S + self.calm.adapter_s))
        window.kill()
        window = self._opened_again()
        new = self._look(window, before)
        found = "adapter there" if new else "no adapter"
        self.outcome.found[found] += 1
        again = window.client.ask(FitAdapter(_SET, _SPLIT)).result(60).id
        assert window.report(again).model in window.models()
        self._back_to_the_base(window)
        window.client.close()

    def kill_deletion(self) -> None:
        """Kill the deletion of a model once: it is whole, or gone with all that it had."""
        window = TuningWindow(self.workspace)
        before = window.models()
        model = next(info.id for info in before.values() if info.gate and not info.active)
        asked = window.client.ask(DeleteModel(model))
        time.sleep(self.draw.uniform(0, 0.2))
        window.kill()
        assert asked.done()
        window = self._opened_again()
        there = window.models()
        assert before.keys() - {model} <= there.keys()
        self._look(window, before)
        self.outcome.found["not deleted" if model in there else "deleted"] += 1
        if model in there:
            window.client.ask(DeleteModel(model)).result(60)
        assert not (self.workspace / "models" / model).exists()
        window.client.close()

    def kill_export(self) -> None:
        """Kill an export once: the folder is whole, or there is nothing."""
        window = TuningWindow(self.workspace)
        before = window.models()
        whole = self.workspace.parent / "exported"
        target = self.workspace.parent / "killed export"
        window.client.ask(ExportModel(self.base, str(target))).result(60)
        time.sleep(self.draw.uniform(0, 1.1 * self.calm.export_s))
        window.kill()
        window = self._opened_again()
        assert self._look(window, before) == []
        assert not list(target.parent.glob(".*.part"))
        self.outcome.found["exported" if target.exists() else "not exported"] += 1
        if not target.exists():
            job = window.client.ask(ExportModel(self.base, str(target))).result(60).id
            assert isinstance(window.end_of(job), Finished)
        assert _names(target) == _names(whole)
        target.rename(target.with_name(f"export {self.draw.random()}"))
        window.client.close()

    def _tuning(self) -> Finetune:
        return Finetune(_SET, _SPLIT, recipe=self.recipe)

    def _wait_for_the_moment(self, window: TuningWindow, job: str) -> None:
        """A random moment between the start of a tuning and its end."""
        if self.draw.random() < _AT_THE_VERDICT:
            self._wait_for_the_verdict(window, job)
            return
        until = time.monotonic() + self.draw.uniform(0, 1.05 * self.calm.tuning_s)
        if self.draw.random() < _BY_AN_EVENT:
            wanted = self.draw.randrange(self.calm.tuning_events)
            while len(window.of(job)) < wanted and time.monotonic() < until + 30:
                time.sleep(0.001)
            until = time.monotonic() + self.draw.uniform(0, 0.02)
        time.sleep(max(0.0, until - time.monotonic()))

    def _wait_for_the_verdict(self, window: TuningWindow, job: str) -> None:
        """A random moment between the writing of the verdict and the end."""

        def records() -> set[Path]:
            return set((self.workspace / "models").glob(f"*/{RECORD}"))

        before = records()
        while records() <= before and not window.ended(job):
            time.sleep(0.001)
        time.sleep(self.draw.uniform(0, _SWITCHING_S))

    def _opened_again(self) -> TuningWindow:
        began = time.monotonic()
        window = TuningWindow(self.workspace)
        window.client.ask(Search(_QUERY, mode="lexical")).result(60)
        self.outcome.seconds_to_open.append(time.monotonic() - began)
        return window

    def _look(self, window: TuningWindow, before: dict[str, ModelInfo]) -> list[str]:
        """Look at everything after a kill; the models that are new."""
        assert self._judgments() == self.judged
        assert len(window.client.ask(ListLabels()).result(60)) == _JUDGED
        models = window.models()
        new = sorted(models.keys() - before.keys())
        assert len(new) <= 1
        for info in models.values():
            if info.id == self.base or info.gate is not None:
                self._is_whole(window, info)
        (active,) = (info for info in models.values() if info.active)
        accepted = active.gate is not None and active.gate.accepted
        was = next(info.id for info in before.values() if info.active)
        assert active.id == was or (active.id in new and accepted), active
        return new

    def _is_whole(self, window: TuningWindow, info: ModelInfo) -> None:
        """A registered model has all its files, and answers."""
        folder = self.workspace / "models" / info.id
        if info.gate is not None:
            assert read_record(folder) is not None, info.id
            assert info.notes, info.id
            assert info.adapter or list(folder.glob("training_set.jsonl*")), info.id
        if info.encoded < self.n_chunks:
            return  # a kill came between its verdict and its vectors; activating it makes them
        found = window.client.ask(SearchWith(info.id, _QUERY, 3)).result(60)
        assert len(found.results) == 3, info.id

    def _goes_on(self, window: TuningWindow, kept: InterruptedTuning) -> str:
        began = time.monotonic()
        job = window.client.ask(ResumeTuning(kept.job)).result(60).id
        first = None
        while first is None:
            if any(isinstance(event, Measured) for event in window.of(job)):
                first = time.monotonic() - began
            elif any(isinstance(event, Finished | Failed) for event in window.of(job)):
                break  # it had learnt all
            time.sleep(0.01)
        tuned = window.report(job)
        if first is not None:
            self.outcome.seconds_to_resume.append(first)
        assert window.interrupted() == ()
        assert tuned.accepted, tuned.gate.checks
        assert window.models()[tuned.model].active
        return tuned.model

    def _can_be_put_to_work(self, window: TuningWindow, model: str) -> None:
        job = window.client.ask(ActivateModel(model)).result(60).id
        assert isinstance(window.end_of(job), Finished)
        assert window.models()[model].active

    def _back_to_the_base(self, window: TuningWindow) -> None:
        while not window.models()[self.base].active:
            window.client.ask(RollBackModel()).result(60)

    def _weights(self, model: str) -> str:
        file = self.workspace / "models" / model / "weights" / "model.safetensors"
        return hashlib.sha256(file.read_bytes()).hexdigest()

    def _judgments(self) -> list[tuple[str, str, int]]:
        """The user's own and those of the set, from a database that is sound."""
        with closing(sqlite3.connect(self.workspace / "library.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return connection.execute(
                "SELECT query, content_hash, value FROM relevance_events UNION ALL"
                " SELECT query_id, document, grade FROM qrels ORDER BY 1, 2, 3"
            ).fetchall()


def _how_far(kept: InterruptedTuning) -> str:
    return "interrupted after a checkpoint" if kept.step else "interrupted before a checkpoint"


def _names(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*"))


def main() -> None:
    """The long form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30, help="of tunings")
    parser.add_argument("--others", type=int, default=10, help="of adapters, deletions, exports")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="attune-tuning-") as scratch:
        folder = Path(scratch)
        write_tiny_model(folder / "weights")
        make_tiny_library(folder / "library", folder / "weights")
        began = time.monotonic()
        killing = Killing(folder / "library", RECIPE, arguments.seed)
        for _ in range(arguments.kills):
            killing.kill_tuning()
            print(dict(killing.outcome.found), flush=True)
        for _ in range(arguments.others):
            killing.kill_adapter()
            killing.kill_deletion()
            killing.kill_export()
        took = time.monotonic() - began
    _tell(killing.outcome, took)


def _tell(outcome: Outcome, took_s: float) -> None:
    for found, times in sorted(outcome.found.items()):
        print(f"{times:4} {found}")
    for what, seconds in (
        ("opened after", outcome.seconds_to_open),
        ("first new step after", outcome.seconds_to_resume),
    ):
        if seconds:
            print(f"{what} {statistics.median(seconds):.2f} s (median), {max(seconds):.2f} s (max)")
    print(f"{took_s:.0f} s; nothing half-made, no judgment lost, what went on ended alike")


if __name__ == "__main__":
    main()
