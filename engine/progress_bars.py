"""Progress bars of the commands, on a terminal; silent elsewhere."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bars,
)

from engine.events import Event, Measured, Progress, Warned


class ProgressBars:
    """Shows the events of an engine; one bar a stage."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def show(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Progress():
                if event.stage not in self._tasks:
                    self._tasks[event.stage] = self._bars.add_task(
                        event.stage, total=event.total, rate=""
                    )
                rate = f"{event.rate:,.0f} {event.unit}/s" if event.rate else ""
                self._bars.update(
                    self._tasks[event.stage], completed=event.done, total=event.total, rate=rate
                )
            case Measured(series=series, step=step, value=value) if series.startswith("nDCG"):
                self._console.print(f"{series} at step {step:.0f}: {value:.4f}")
            case Warned():
                self._console.print(f"{event.title}. {event.message} {event.hint}", markup=False)

    def stop(self) -> None:
        """Take the bars off the screen."""
        self._bars.stop()

    def __enter__(self) -> ProgressBars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
