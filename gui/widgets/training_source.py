"""What a model is trained on: the user's own feedback, or a split of an evaluation set."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget

from engine.records import EvalSetInfo
from engine.requests import Finetune
from gui.widgets.wheel_guard import WheelGuard
from gui.wording import count


class TrainingSource(QComboBox):
    """Offers requests to train; the data of each row is the request."""

    def __init__(self, own: Finetune, words: str, parent: QWidget | None = None) -> None:
        """`own` trains on what the user gave, which is called `words`."""
        super().__init__(parent)
        self._own = own
        self.setMinimumContentsLength(24)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.addItem(words, own)
        WheelGuard(self).guard(self)

    @property
    def chosen(self) -> Finetune:
        """What training would be asked for."""
        request = self.currentData()
        assert isinstance(request, Finetune)
        return request

    @property
    def is_own(self) -> bool:
        """Whether it is what the user gave."""
        return self.chosen == self._own

    def show_sets(self, sets: tuple[EvalSetInfo, ...]) -> None:
        """Offer the splits of those sets whose documents are of the model's kind.

        The set of the user's own judgments is no set of its own here.
        """
        of_pictures = self._own.kind == "image"
        chosen = self.chosen
        with QSignalBlocker(self):
            while self.count() > 1:
                self.removeItem(1)
            for evalset in sets:
                if evalset.root_id is None or evalset.of_pictures != of_pictures:
                    continue
                for split in evalset.splits:
                    queries = count(split.n_queries, "query", "queries")
                    request = Finetune(evalset.name, split.name, self._own.kind)
                    self.addItem(f"{evalset.name} · {split.name} ({queries})", request)
                    if request == chosen:
                        self.setCurrentIndex(self.count() - 1)


def of_set_in_words(split: str) -> str:
    """What training on a split of a set means."""
    if split == "test":
        return "Measuring on this split says nothing any more once a model was trained on it."
    return "Trains on the queries and judgments of this set."
