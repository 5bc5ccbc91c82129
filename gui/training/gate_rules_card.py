"""What a tuned model must fulfil before it is put to work: the rules in force, to be changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from engine.errors import EngineError, EngineGone
from engine.records import GateRules
from engine.requests import ChangeSettings, GetSettings
from engine.settings import Settings
from gui.background import Engine
from gui.error_dialog import show_error
from gui.icons import icon
from gui.theme import Space, set_role
from gui.training.value_fields import NumberField, number_in_words
from gui.widgets.card import Card, explanation

_FIELD_WIDTH = 110


@dataclass(frozen=True, slots=True)
class _Rule:
    """One field of the rules, as the card shows it."""

    field: str
    name: str
    words: str
    low: float
    high: float
    whole: bool = False


_RULES = (
    _Rule(
        "min_held_out",
        "Held-out queries, at least",
        "With fewer no difference can be told from chance.",
        2,
        10_000,
        whole=True,
    ),
    _Rule(
        "p_below",
        "Doubt, below",
        "The p of the paired test: how likely so clear a difference is by chance alone. Smaller is "
        "stricter and needs more queries.",
        0.001,
        0.5,
    ),
    _Rule(
        "general_loss",
        "General knowledge lost, at most",
        "nDCG@10 on a set of general questions that the model was never trained on.",
        0,
        1,
    ),
    _Rule(
        "slower", "Slower, at most", "Times as long as the model before to encode a query.", 1, 100
    ),
    _Rule("larger", "Larger, at most", "Times as large as the model before.", 1, 100),
)


class GateRulesCard(Card):
    """A line that says what is asked; the rules unfold below it."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__("What a tuned model must fulfil", parent=parent)
        self._engine = engine
        self._rules = GateRules()
        self.summary = explanation("")
        self.toggle_button = QPushButton("Change…")
        self.toggle_button.setCheckable(True)
        self.toggle_button.toggled.connect(self._unfold)
        self.buttons.addWidget(self.toggle_button)
        self.fields: dict[str, NumberField] = {}
        self._words: dict[str, QLabel] = {}
        self._editor = QWidget()
        self._build_editor()
        self._editor.hide()
        self.body.addWidget(self.summary)
        self.body.addWidget(self._editor)
        self.show_rules(self._rules)

    def load(self) -> None:
        """Ask for the rules in force."""

        def show(settings: Settings) -> None:
            if settings.gate != self._rules:  # else what is being typed stays
                self.show_rules(settings.gate)

        self._engine.ask(GetSettings(), show, lambda _: None, owner=self)

    def show_rules(self, rules: GateRules) -> None:
        """Show these rules."""
        self._rules = rules
        self.summary.setText(rules_in_words(rules))
        for rule in _RULES:
            self.fields[rule.field].show_value(getattr(rules, rule.field))
        self._check()

    def save(self) -> None:
        """Put into force what is entered."""
        self._change(self._entered())

    def restore(self) -> None:
        """Put the rules into force that the program comes with."""
        self._change(GateRules())

    def _build_editor(self) -> None:
        grid = QGridLayout(self._editor)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(2, 1)
        for row, rule in enumerate(_RULES):
            field = NumberField(whole=rule.whole)
            field.setFixedWidth(_FIELD_WIDTH)
            field.setAccessibleName(rule.name)
            field.changed.connect(self._check)
            field.returnPressed.connect(self._save_if_sound)
            label = QLabel(rule.name)
            label.setBuddy(field)
            low, high = number_in_words(rule.low), number_in_words(rule.high)
            words = explanation(f"{rule.words} From {low} to {high}.")
            field.setAccessibleDescription(words.text())
            self.fields[rule.field], self._words[rule.field] = field, words
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(words, row, 2)
        self.save_button = QPushButton("Save")
        self.save_button.clicked.connect(self.save)
        self.restore_button = QPushButton(icon("undo"), "Restore defaults")
        self.restore_button.clicked.connect(self.restore)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        below.addStretch()
        below.addWidget(self.restore_button)
        below.addWidget(self.save_button)
        grid.addLayout(below, len(_RULES), 0, 1, 3)

    def _unfold(self, on: bool) -> None:
        self._editor.setVisible(on)
        self.toggle_button.setText("Close" if on else "Change…")
        if not on:
            self.show_rules(self._rules)

    def _entered(self) -> GateRules:
        """The rules as they are typed; raises ValueError where a value is none that is allowed."""
        values: dict[str, float] = {}
        for rule in _RULES:
            value = self.fields[rule.field].read()
            assert isinstance(value, int | float)
            if not rule.low <= value <= rule.high:
                raise ValueError(rule.field)
            values[rule.field] = value
        return replace(self._rules, **values)  # type: ignore[arg-type]

    def _check(self) -> None:
        sound = True
        for rule in _RULES:
            try:
                value = self.fields[rule.field].read()
                fits = isinstance(value, int | float) and rule.low <= value <= rule.high
            except ValueError:
                fits = False
            set_role(self._words[rule.field], "small" if fits else "danger")
            sound = sound and fits
        self.save_button.setEnabled(sound and self._entered() != self._rules)
        self.restore_button.setEnabled(self._rules != GateRules())

    def _save_if_sound(self) -> None:
        if self.save_button.isEnabled():
            self.save()

    def _change(self, rules: GateRules) -> None:
        """Read the settings anew first: another page may have changed them."""
        self.save_button.setEnabled(False)

        def change(settings: Settings) -> None:
            self._engine.ask(
                ChangeSettings(replace(settings, gate=rules)),
                lambda changed: self.show_rules(changed.gate),
                self._refuse,
                owner=self,
            )

        self._engine.ask(GetSettings(), change, self._refuse, owner=self)

    def _refuse(self, error: EngineError) -> None:
        self._check()
        if not isinstance(error, EngineGone):  # that is told by the window
            show_error(error, self)


def rules_in_words(rules: GateRules) -> str:
    """What is asked of a model, in a sentence."""
    return (
        f"It must answer held-out queries, at least {rules.min_held_out:,} of them, better than "
        f"the model before, by more than chance explains (p below {rules.p_below:g}), lose at most "
        f"{rules.general_loss:g} nDCG@10 on general questions, and be at most {rules.slower:g} "
        f"times as slow and {rules.larger:g} times as large."
    )
