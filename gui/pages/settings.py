"""The settings page: every choice with what it does, in force at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)

from engine.errors import EngineError, EngineGone, InvalidInput
from engine.records import LibraryStatus
from engine.requests import ChangeSettings, GetSettings, GetStatus
from engine.settings import Settings
from gui.background import Engine, Pending
from gui.doctor_dialog import DoctorDialog
from gui.error_dialog import show_error
from gui.file_browser import show_in_folder
from gui.icons import icon
from gui.theme import Space
from gui.widgets.backups_card import BackupsCard
from gui.widgets.card import Card, explanation
from gui.widgets.elided_label import ElidedLabel
from gui.widgets.form import add, form
from gui.widgets.notice import Notice
from gui.widgets.page import Page
from gui.widgets.pattern_editor import PatternEditor
from gui.widgets.reranking_card import RerankingCard
from gui.widgets.tuning_settings import TuningSettings
from gui.widgets.wheel_guard import WheelGuard

_APPLY_AFTER_MS = 300


class SettingsPage(Page):
    """A form over `engine.settings.Settings`."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "Settings",
            "Changes are in force at once.",
            ("settings", "library", "backups"),
            parent,
        )
        self._in_force = Settings()
        self._filling = False
        self._asking: Pending | None = None
        self._apply_soon = QTimer(self, interval=_APPLY_AFTER_MS, singleShot=True)
        self._apply_soon.timeout.connect(self._apply)
        self._before_restoring: Settings | None = None
        restore = QPushButton(icon("undo"), "Restore defaults")
        restore.clicked.connect(self.restore_defaults)
        self.buttons.addWidget(restore, 0, Qt.AlignmentFlag.AlignTop)
        self.notice = Notice()
        self.notice.acted.connect(self._undo_restoring)
        self._refused_patterns: tuple[str, ...] | None = None
        self.reranking = RerankingCard(engine)
        self.tuning = TuningSettings(engine)
        self.tuning.changed.connect(self._changed)
        self._build_fields()
        self.backups = BackupsCard(engine)
        self.body.addWidget(self.notice)
        for card in (
            self._build_search(),
            self.reranking,
            self.tuning,
            self._build_appearance(),
            self._build_folders(),
            self._build_reading(),
            self._build_computer(),
            self.backups,
            self._build_workspace(),
        ):
            self.body.addWidget(card)
        self.body.addStretch()
        WheelGuard(self).guard(*self._fields())
        self._form_enabled(False)

    def load(self) -> None:
        """Ask for the settings in force, and where the workspace is."""
        self.engine.ask(GetSettings(), self._show_in_force, owner=self)
        self.engine.ask(GetStatus(), self._show_workspace, owner=self)
        self.backups.load()

    @property
    def chosen(self) -> Settings:
        """What the form says, without patterns that were refused."""
        patterns = self.exclude.patterns
        return replace(
            self.tuning.chosen(self._in_force),
            mode=self.mode.currentData(),
            fusion=self.fusion.currentData(),
            balance=self.balance.value() / 100,
            rerank=self.rerank.isChecked(),
            results=self.results.value(),
            theme=self.theme.currentData(),
            max_file_mb=self.max_file_mb.value(),
            extract_timeout_s=self.extract_timeout_s.value(),
            extract_memory_mb=self.extract_memory_mb.value(),
            encoder_threads=self.encoder_threads.value(),
            watch=self.watch.isChecked(),
            exclude=patterns if patterns != self._refused_patterns else self._in_force.exclude,
            ocr=self.ocr.currentData(),
            gentle=self.gentle.isChecked(),
        )

    def restore_defaults(self) -> None:
        """Set all that stands here to what it was at first; can be undone.

        What is set on the training page stays: it has its own way back.
        """
        now = self._in_force
        if self.chosen == replace(Settings(), gate=now.gate, recipe=now.recipe, llm=now.llm):
            self.notice.say("notice", "All settings are at their defaults already")
            return
        self._before_restoring = self.chosen
        self._fill(Settings())
        self._apply()
        self.notice.say("notice", "All settings are back to their defaults", button="Undo")

    def _undo_restoring(self) -> None:
        self.notice.hide()
        if self._before_restoring is not None:
            self._fill(self._before_restoring)
            self._before_restoring = None
            self._apply()

    def _build_fields(self) -> None:
        self.mode = self._choice(
            ("Hybrid: words and meaning", "hybrid"),
            ("Keywords alone", "lexical"),
            ("Meaning alone", "dense"),
        )
        self.fusion = self._choice(("Weighted scores", "weighted"), ("Reciprocal ranks", "rrf"))
        self.fusion.currentIndexChanged.connect(self._enable_balance)
        self.balance = QSlider(Qt.Orientation.Horizontal)
        self.balance.setRange(0, 100)
        self.balance.setSingleStep(5)
        self.balance.setPageStep(10)
        self.balance.setMinimumHeight(24)
        self.balance.valueChanged.connect(self._changed)
        self.rerank = self.reranking.rerank
        self.rerank.toggled.connect(self._changed)
        self.results = self._number(5, 100, "")
        self.theme = self._choice(
            ("As the system is", "system"), ("Light", "light"), ("Dark", "dark")
        )
        self.max_file_mb = self._number(1, 4096, " MB")
        self.extract_timeout_s = self._number(5, 3600, " s")
        self.extract_memory_mb = self._number(256, 65536, " MB")
        self.encoder_threads = self._number(0, 64, "")
        self.encoder_threads.setSpecialValueText("Let the program choose")
        self.watch = QCheckBox("Watch folders for changes")
        self.gentle = QCheckBox("Work gently in the background")
        for box in (self.watch, self.gentle):
            box.toggled.connect(self._changed)
        self.exclude = PatternEditor()
        self.exclude.changed.connect(self._changed)
        self.ocr = self._choice(
            ("Do not read it", "off"), ("Where it takes seconds", "cheap"), ("Everywhere", "all")
        )

    def _build_search(self) -> Card:
        card = Card("Search", "What a search does unless it is told otherwise on its page.")
        rows = form(card)
        add(
            rows,
            "&Mode",
            self.mode,
            "Hybrid finds by the same words and by what is meant.",
        )
        add(
            rows,
            "&Fusion",
            self.fusion,
            "How the two lists become one: by their scores, or by their ranks alone.",
        )
        ends = QHBoxLayout()
        ends.addWidget(explanation("Keywords"))
        self._balance_words = QLabel()
        ends.addWidget(self._balance_words, 0, Qt.AlignmentFlag.AlignCenter)
        right = explanation("Meaning")
        right.setAlignment(Qt.AlignmentFlag.AlignRight)
        ends.addWidget(right)
        self.balance.valueChanged.connect(
            lambda value: self._balance_words.setText(f"{value} % meaning")
        )
        add(
            rows,
            "&Balance",
            self.balance,
            "How much meaning counts against words where scores are weighted.",
        )
        rows.addLayout(ends, rows.rowCount(), 1)
        add(rows, "&Results", self.results, "Documents on a page of results.")
        return card

    def _build_appearance(self) -> Card:
        card = Card("Appearance")
        add(form(card), "&Theme", self.theme, "")
        return card

    def _build_folders(self) -> Card:
        card = Card("Folders", "Which files are indexed, and when.")
        rows = form(card)
        add(
            rows,
            "Changes",
            self.watch,
            "Files are indexed as they change; else only at the start and with Sync now.",
        )
        add(
            rows,
            "Lea&ve out",
            self.exclude,
            "Files and folders that are not indexed, one pattern a line, as in a .gitignore. "
            "drafts/ is every folder of that name, *.bak every file with that ending, "
            "/private/** what lies in that folder at the top; ! before a pattern takes in again "
            "what one above left out. What is indexed already leaves the library.",
        )
        return card

    def _build_reading(self) -> Card:
        card = Card(
            "Reading files", "A file beyond these limits is listed as failed; the rest goes on."
        )
        rows = form(card)
        add(rows, "&Largest file", self.max_file_mb, "Larger files are not read.")
        add(rows, "T&ime for a file", self.extract_timeout_s, "After that the next one is read.")
        add(
            rows,
            "Memor&y for reading",
            self.extract_memory_mb,
            "For the process that opens files, apart from the rest of the program.",
        )
        add(
            rows,
            "Te&xt in pictures",
            self.ocr,
            "Photographs of pages and scanned PDFs. Reading takes a second or more a page: "
            "“where it takes seconds” reads pictures and short scans, and leaves long ones.",
        )
        return card

    def _build_computer(self) -> Card:
        card = Card("This computer")
        rows = form(card)
        add(
            rows,
            "&Encoding threads",
            self.encoder_threads,
            "Fewer leave more of the computer to other programs. In force after a restart.",
        )
        add(
            rows,
            "Background work",
            self.gentle,
            "Indexing slows down on battery, and while other programs need the processor.",
        )
        return card

    def _build_workspace(self) -> Card:
        card = Card("Workspace", "The folder that holds your library, judgments and models.")
        self.workspace = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._open_button = QPushButton(icon("folder-open"), "Open")
        self._open_button.setAccessibleName("Open the workspace folder")
        self._open_button.clicked.connect(lambda: show_in_folder(self.workspace.toolTip()))
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.check_button = QPushButton(icon("check"), "Check the library…")
        self.check_button.setToolTip("Look into every store, and repair what can be repaired")
        self.check_button.clicked.connect(lambda: DoctorDialog(self.engine, self).open())
        row.addWidget(self.workspace, 1)
        row.addWidget(self._open_button)
        row.addWidget(self.check_button)
        card.body.addLayout(row)
        return card

    def _choice(self, *options: tuple[str, str]) -> QComboBox:
        combo = QComboBox()
        for words, value in options:
            combo.addItem(words, value)
        combo.currentIndexChanged.connect(self._changed)
        return combo

    def _number(self, low: int, high: int, suffix: str) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(low, high)
        spin.setSuffix(suffix)
        spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not by the wheel
        spin.setKeyboardTracking(False)
        spin.lineEdit().setTextMargins(Space.S, 0, 0, 0)
        spin.valueChanged.connect(self._changed)
        return spin

    def _changed(self, *_: Any) -> None:
        """The user changed something: apply it once it rests."""
        if not self._filling:
            self._apply_soon.start()

    def _apply(self) -> None:
        self._apply_soon.stop()
        if self._asking is not None:
            self._asking.cancel()
        chosen = self.chosen
        request = ChangeSettings(chosen)
        self._asking = self.engine.ask(request, self._applied, self._refused, owner=self)

    def _applied(self, settings: Settings) -> None:
        self._asking = None
        self._in_force = settings
        if settings.exclude == self.exclude.patterns:
            self.exclude.show_error("")

    def _refused(self, error: EngineError) -> None:
        self._asking = None
        patterns = self.exclude.patterns
        if isinstance(error, InvalidInput) and self.chosen.exclude != self._in_force.exclude:
            self._refused_patterns = patterns
            self.exclude.show_error(f"{error.message} {error.hint}".strip())
            if self.chosen != self._in_force:
                self._apply()  # what else was changed with them
            return
        self._fill(self._in_force)
        if not isinstance(error, EngineGone):  # that is told by the window
            show_error(error, self)

    def _show_in_force(self, settings: Settings) -> None:
        if self._apply_soon.isActive() or self._asking is not None:
            return  # what the user is changing just now is newer
        self._in_force = settings
        self._fill(settings)
        self._form_enabled(True)

    def _fill(self, settings: Settings) -> None:
        self._filling = True
        for combo, value in (
            (self.mode, settings.mode),
            (self.fusion, settings.fusion),
            (self.theme, settings.theme),
            (self.ocr, settings.ocr),
        ):
            combo.setCurrentIndex(combo.findData(value))
        self.balance.setValue(round(settings.balance * 100))
        self._balance_words.setText(f"{self.balance.value()} % meaning")
        self.rerank.setChecked(settings.rerank)
        self.results.setValue(settings.results)
        self.max_file_mb.setValue(settings.max_file_mb)
        self.extract_timeout_s.setValue(settings.extract_timeout_s)
        self.extract_memory_mb.setValue(settings.extract_memory_mb)
        self.encoder_threads.setValue(settings.encoder_threads)
        self.watch.setChecked(settings.watch)
        self.gentle.setChecked(settings.gentle)
        if self.exclude.patterns != self._refused_patterns:  # the user is mending them
            self.exclude.show_patterns(settings.exclude)
        self.tuning.fill(settings)
        self._filling = False
        self._enable_balance()

    def _enable_balance(self) -> None:
        weighted = self.fusion.currentData() == "weighted"
        self.balance.setEnabled(weighted)
        self.balance.setToolTip("" if weighted else "Reciprocal ranks weigh both lists alike")

    def _fields(self) -> tuple[QWidget, ...]:
        return (
            self.mode,
            self.fusion,
            self.balance,
            self.rerank,
            self.results,
            self.theme,
            self.max_file_mb,
            self.extract_timeout_s,
            self.extract_memory_mb,
            self.encoder_threads,
            self.watch,
            self.exclude,
            self.ocr,
            self.gentle,
            *self.tuning.fields,
        )

    def _form_enabled(self, enabled: bool) -> None:
        for field in self._fields():
            field.setEnabled(enabled)
        if enabled:
            self._enable_balance()

    def _show_workspace(self, status: LibraryStatus) -> None:
        self.workspace.setText(status.workspace)
