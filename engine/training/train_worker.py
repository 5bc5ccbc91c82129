"""The trainer process: tunes a bi-encoder on its parent's order and writes it down.

`python -m engine.training.train_worker`, driven by `engine.training.train`. Nothing else of the
engine's training imports torch. To stop it, close its input: it ends at once.
"""

from __future__ import annotations

from engine.errors import EngineError
from engine.jobs.priority import give_way
from engine.jobs.worker import Parent, WorkerError
from engine.training.devices import keep_freed_memory
from engine.training.step_costs import measure
from engine.training.train_messages import EstimateOrder, FinishHere, Hold, ToWorker, TrainOrder
from engine.training.training_loop import TrainingLoop


class _Wishes:
    """What the parent wants, read between steps."""

    def __init__(self, parent: Parent[ToWorker]) -> None:
        self._parent = parent
        self._held = False
        self._finishing = False

    def held(self) -> bool:
        while (message := self._parent.waiting()) is not None:
            self._heed(message)
        return self._held and not self._finishing

    def finishing(self) -> bool:
        while self.held():
            self._heed(self._parent.receive())
        return self._finishing

    def _heed(self, message: ToWorker) -> None:
        self._held = isinstance(message, Hold)
        self._finishing = self._finishing or isinstance(message, FinishHere)


def main() -> None:
    """Carry out one order."""
    give_way()
    keep_freed_memory()
    parent: Parent[ToWorker] = Parent(ToWorker)
    order = parent.receive()
    try:
        match order:
            case TrainOrder():
                parent.send(TrainingLoop(order, parent.send, _Wishes(parent)).run())
            case EstimateOrder():
                parent.send(measure(order))
    except EngineError as error:
        parent.send(WorkerError.of(error))


if __name__ == "__main__":
    main()
