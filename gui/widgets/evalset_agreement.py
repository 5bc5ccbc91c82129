"""How far raters agree, where they do not, and which judgments deserve a second look."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.evaluation_records import (
    ADJUDICATED,
    IMPORTED,
    Agreement,
    Disagreement,
    GivenJudgment,
    LabelFinding,
    PairAgreement,
    SetOverview,
)
from engine.evaluation_requests import CheckLabels, GetAgreement, ListDisagreements
from gui.background import Engine
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.evalset_pair import Look, PairDialog
from gui.widgets.notice import Notice
from gui.widgets.record_table import Column, RecordTable
from gui.wording import count

_ROWS = (1, 8)
_KINDS = {
    "evidence": "Evidence",
    "near-duplicate": "Near-duplicate",
    "drift": "Drift",
}


def figure(value: float, interval: tuple[float, float] | None = None) -> str:
    """A coefficient with its interval: `0.71 (0.62 to 0.80)`; a dash where it cannot be told."""
    if math.isnan(value):
        return "–"
    words = f"{value:.2f}".replace("-", "−")
    if interval is None or any(math.isnan(end) for end in interval):
        return words
    low, high = (f"{end:.2f}".replace("-", "−") for end in interval)
    return f"{words} ({low} to {high})"


PAIRS: tuple[Column[PairAgreement], ...] = (
    Column("Raters", lambda p: f"{p.first} and {p.second}"),
    Column("Pairs", lambda p: count(p.n_items), 80, key=lambda p: p.n_items, right=True),
    Column("Equal", lambda p: f"{p.percent:.0%}", 80, key=lambda p: p.percent, right=True),
    Column(
        "Kappa",
        lambda p: figure(p.kappa, p.kappa_ci),
        180,
        key=lambda p: p.kappa,
        right=True,
        hint="Cohen's: agreement beyond chance, with its 95 % interval",
    ),
    Column(
        "Weighted kappa",
        lambda p: figure(p.weighted_kappa, p.weighted_kappa_ci),
        180,
        key=lambda p: p.weighted_kappa,
        right=True,
        hint="The same with quadratic weights: near misses count less",
    ),
)


def alpha_in_words(agreement: Agreement) -> str:
    """What Krippendorff's alpha says."""
    alpha = agreement.alpha
    if math.isnan(alpha):
        return (
            f"{count(agreement.n_items, 'pair')} graded by two: too few to tell how far the "
            "raters agree. “Assign raters…” gives some queries to two."
        )
    tells = (
        "The judgments can be relied on."
        if alpha >= 0.8
        else "Good enough for tentative conclusions."
        if alpha >= 0.667
        else "Too little to rely on: talk about the guideline, then settle the disagreements."
    )
    items = count(agreement.n_items, "pair")
    return f"Krippendorff's alpha {figure(alpha, agreement.alpha_ci)} on {items}. {tells}"


def bias_in_words(bias: dict[str, float]) -> str:
    """Who grades higher or lower than others: `Ines grades 0.20 higher`."""
    told = [
        f"{rater} grades {abs(by):.2f} {'higher' if by > 0 else 'lower'}"
        for rater, by in sorted(bias.items(), key=lambda item: -abs(item[1]))
        if not math.isnan(by) and round(abs(by), 2) > 0
    ]
    return f"{', '.join(told)} than others the same pairs." if told else ""


def _grades_in_words(disagreement: Disagreement) -> str:
    return ", ".join(
        f"{said.rater} {'–' if said.grade is None else said.grade}"
        for said in disagreement.judgments
    )


def _spread(disagreement: Disagreement) -> int:
    grades = [said.grade for said in disagreement.judgments if said.grade is not None]
    return max(grades) - min(grades) if grades else 0


DISAGREEMENTS: tuple[Column[Disagreement], ...] = (
    Column("Query", lambda d: d.query),
    Column("Document", lambda d: d.title or d.document, 260),
    Column("They said", _grades_in_words, 210, key=_spread),
    Column(
        "Settled",
        lambda d: "" if d.settled is None else str(d.settled),
        84,
        color=lambda d: "good" if d.settled is not None else "text",
        right=True,
    ),
)

FINDINGS: tuple[Column[LabelFinding], ...] = (
    Column("Query", lambda f: f.query, 220),
    Column("Document", lambda f: f.title or f.document, 220),
    Column("Grade", lambda f: f"{f.grade} by {f.rater}", 120, key=lambda f: f.grade),
    Column("Kind", lambda f: _KINDS[f.kind], 120),
    Column("What is odd", lambda f: f.text, key=lambda f: f.severity),
)


class AgreementPanel(QWidget):
    """Tables of pairs of raters, of disagreements, and of judgments to look at again."""

    settled = Signal()
    """A grade was recorded."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._overview: SetOverview | None = None
        self.notice = Notice()
        self.alpha, self.bias = QLabel(), QLabel()
        for label in (self.alpha, self.bias):
            label.setWordWrap(True)
        set_role(self.bias, "muted")
        self.pairs: RecordTable[PairAgreement] = RecordTable(PAIRS, "Agreement of raters")
        raters = Card("Agreement", "How far raters give the same pair the same grade.")
        for widget in (self.alpha, self.bias, self.pairs):
            raters.body.addWidget(widget)
        self.settle_button = QPushButton("Settle…")
        self.settle_button.setToolTip("Both notes side by side; a key gives the grade that stands")
        self.settle_button.clicked.connect(self.settle)
        self.disagreements: RecordTable[Disagreement] = RecordTable(DISAGREEMENTS, "Disagreements")
        self.disagreements.activated.connect(self.settle)
        apart = Card("Disagreements", "Pairs that raters graded differently, furthest apart first.")
        apart.buttons.addWidget(self.settle_button)
        self._agreed = QLabel("No two raters graded a pair differently.")
        set_role(self._agreed, "muted")
        apart.body.addWidget(self.disagreements)
        apart.body.addWidget(self._agreed)
        self.check_button = QPushButton("Check the judgments")
        self._checking = False
        self.check_button.clicked.connect(self.check)
        self.look_button = QPushButton("Look again…")
        self.look_button.setToolTip("Opens the pair; the grade stays unless you give another")
        self.look_button.clicked.connect(self.look)
        self.findings: RecordTable[LabelFinding] = RecordTable(FINDINGS, "Second look")
        self.findings.activated.connect(self.look)
        second = Card(
            "Second look",
            "Judgments that do not fit the text, a near-duplicate, or the same rater's others. "
            "Nothing is changed by this.",
        )
        second.buttons.addWidget(self.look_button)
        second.buttons.addWidget(self.check_button)
        self._checked = QLabel()
        self._checked.setWordWrap(True)
        set_role(self._checked, "muted")
        second.body.addWidget(self.findings)
        second.body.addWidget(self._checked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        for part in (self.notice, raters, apart, second):
            column.addWidget(part)
        self._show_disagreements(())
        self._forget_findings()
        self.pairs.hide()

    def show_set(self, overview: SetOverview) -> None:
        """Ask how far the raters of a set agree."""
        if self._overview is None or self._overview.name != overview.name:
            self._forget_findings()
            self.notice.hide()
        self._overview = overview
        name = overview.name
        self._engine.ask(GetAgreement(name), self._show_agreement, self._refuse, owner=self)
        self._engine.ask(
            ListDisagreements(name), self._show_disagreements, self._refuse, owner=self
        )

    def settle(self) -> None:
        """Open the disagreements from the selected one on."""
        shown, selected = self.disagreements.visible_records, self.disagreements.selected
        at = shown.index(selected[0]) if selected else 0
        looks = [
            Look(
                d.query_id,
                d.query,
                d.document,
                d.title,
                "The grade that you give stands, whatever the others said.",
                d.judgments,
                ADJUDICATED,
            )
            for d in shown
        ]
        self._open(looks, at)

    def check(self) -> None:
        """Look for judgments that deserve a second look."""
        if self._overview is None or self._checking:
            return
        self._show_checking(True)  # not disabled: it would lose the keyboard
        self._checked.setText(
            "Checking… A large set takes up to a minute; everything else can go on meanwhile."
        )
        self._checked.show()
        self._engine.ask(
            CheckLabels(self._overview.name), self._show_findings, self._fail_check, owner=self
        )

    def look(self) -> None:
        """Open the findings from the selected one on."""
        shown, selected = self.findings.visible_records, self.findings.selected
        at = shown.index(selected[0]) if selected else 0
        people = set(self._overview.raters) - {IMPORTED} if self._overview else set()
        looks = [
            Look(
                f.query_id,
                f.query,
                f.document,
                f.title,
                f.text,
                (GivenJudgment(f.query_id, f.document, f.rater, f.grade),),
                f.rater if f.rater in people else ADJUDICATED,
            )
            for f in shown
        ]
        self._open(looks, at)

    def _open(self, looks: list[Look], at: int) -> None:
        if looks and self._overview is not None:
            dialog = PairDialog(
                self._engine, self._overview.name, self._overview.scale, looks, at, self
            )
            dialog.graded.connect(self.settled)
            dialog.open()

    def _show_agreement(self, agreement: Agreement) -> None:
        self.alpha.setText(alpha_in_words(agreement))
        self.bias.setText(bias_in_words(agreement.bias))
        self.bias.setVisible(bool(self.bias.text()))
        self.pairs.setVisible(bool(agreement.pairs))
        self.pairs.show_records(agreement.pairs)
        self.pairs.fit(_ROWS)

    def _show_disagreements(self, apart: tuple[Disagreement, ...]) -> None:
        self.disagreements.setVisible(bool(apart))
        self._agreed.setVisible(not apart)
        self.settle_button.setEnabled(bool(apart))
        self.disagreements.show_records(apart)
        self.disagreements.fit(_ROWS)

    def _show_findings(self, findings: tuple[LabelFinding, ...]) -> None:
        self._show_checking(False)
        self.findings.setVisible(bool(findings))
        self.look_button.setEnabled(bool(findings))
        self.findings.show_records(findings)
        self.findings.fit(_ROWS)
        self._checked.setText("" if findings else "Nothing odd was found.")
        self._checked.setVisible(not findings)

    def _show_checking(self, checking: bool) -> None:
        self._checking = checking
        self.check_button.setText("Checking…" if checking else "Check the judgments")

    def _forget_findings(self) -> None:
        self._show_findings(())
        self._checked.setText("Not checked yet.")

    def _fail_check(self, error: EngineError) -> None:
        self._show_checking(False)
        self._checked.setText(f"{error.title}. {error.message} {error.hint}".strip())

    def _refuse(self, error: EngineError) -> None:
        self.notice.say_failure(error)
