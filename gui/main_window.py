"""The window: a rail that leads to the pages, menus, a banner, a status bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, SignalInstance
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.client import EngineState
from engine.errors import EngineError
from engine.events import Cancelled, Changed, Event, Failed, Finished, JobEvent, Warned
from engine.records import JobInfo, JobKind, Kind, LibraryStatus, Mode, TuneReport
from engine.requests import ChangeSettings, GetSettings, GetStatus, Sync
from engine.settings import Settings
from gui.about import show_about
from gui.background import Engine
from gui.confirm import confirm
from gui.job_watch import JobWatch
from gui.menus import Menus
from gui.pages.search import SearchPage
from gui.shortcuts_dialog import ShortcutsDialog
from gui.theme import Choice, Space, Theme
from gui.widgets.navigation_rail import NavigationRail
from gui.widgets.notice import Notice
from gui.widgets.recovery_view import RecoveryView
from gui.widgets.status_line import StatusLine
from gui.widgets.tuning_hint import TuningHint
from gui.wording import count

PAGES = (
    ("Search", "search"),
    ("Library", "library"),
    ("Problems", "warning"),
    ("Training", "training"),
    ("Evaluation", "evaluation"),
    ("Models", "models"),
    ("Settings", "settings"),
)
SEARCH, LIBRARY, PROBLEMS, TRAINING, EVALUATION, MODELS, SETTINGS = range(len(PAGES))
JUDGING = len(PAGES)
"""The judging room is gone to from an evaluation set, and is not on the rail."""
_ON_RAIL = {JUDGING: EVALUATION}
_PAGE_OF_JOB: dict[JobKind, int] = {
    "index": LIBRARY,
    "activate": MODELS,
    "import": MODELS,
    "evaluate": EVALUATION,
    "finetune": TRAINING,
    "gather": TRAINING,
    "export": MODELS,
}
_SETTLE_MS = 300


class MainWindow(QMainWindow):
    """Hosts the pages; each but the first is made when it is gone to."""

    def __init__(self, engine: Engine, theme: Theme, memory: QSettings, workspace: Path) -> None:
        super().__init__()
        self.engine = engine
        self._theme = theme
        self._memory = memory
        self._workspace = workspace
        self._close_anyway = False
        self.watch = JobWatch(engine, tuple(_PAGE_OF_JOB), self)
        self.search = SearchPage(engine)
        self.tuning_hint = TuningHint(engine, memory)
        self.search.invitation.put_on_top(self.tuning_hint)
        self.rail = NavigationRail(PAGES)
        self.banner = Notice()
        self._restarting = False
        self.status = StatusLine(self.watch)
        self._pages: list[QWidget | None] = [self.search, *[None] * len(PAGES)]
        self._stack = QStackedWidget()
        self._stack.addWidget(self.search)
        self.recovery = RecoveryView(engine, workspace)
        self._whole = QStackedWidget()
        self._soon = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._soon.timeout.connect(self._load_status)
        self._build()
        self.menus = Menus(self)
        self._connect()
        self._recall()

    # Pages

    def page(self, number: int) -> QWidget:
        """A page; it is made when it is asked for first.

        The libraries behind a page (the plots are drawn with NumPy) are loaded with it, so that
        the window itself is there at once.
        """
        page = self._pages[number]
        if page is None:
            name = "Judging" if number == JUDGING else PAGES[number][0]
            module = import_module(f"gui.pages.{name.lower()}")
            made: QWidget = getattr(module, f"{name}Page")(self.engine)
            self._pages[number] = page = made
            self._stack.addWidget(made)
            if number in (EVALUATION, JUDGING):
                self._recall_page(made)
            for name, slot in self._ways().get(number, {}).items():
                signal: SignalInstance = getattr(made, name)
                signal.connect(slot)
        return page

    def _ways(self) -> dict[int, dict[str, Callable[..., object]]]:
        """What follows from the signals of each page."""
        return {
            LIBRARY: {"problems_asked": lambda: self.go_to(PROBLEMS)},
            TRAINING: {"models_wanted": lambda: self.go_to(MODELS)},
            EVALUATION: {"judge_asked": self._judge},
            MODELS: {"compare_asked": lambda: self.go_to(EVALUATION)},
            JUDGING: {
                "said": self.status.say,
                "next_asked": self._go_on,
                "set_asked": self._show_set,
            },
        }

    def go_to(self, number: int) -> None:
        """Show a page."""
        self._stack.setCurrentWidget(self.page(number))
        self.rail.show_chosen(_ON_RAIL.get(number, number))

    @property
    def current(self) -> int:
        """The number of the page that is shown."""
        return self._pages.index(self._stack.currentWidget())

    # What the menus ask for

    def add_folder(self) -> None:
        """Let the user choose a folder to index."""
        self._on_library("choose_folder")

    def add_sample(self) -> None:
        """Add the library that comes with the program."""
        self._on_library("add_sample")

    def sync(self) -> None:
        """Look for files that were added, changed or removed."""
        self.engine.ask(Sync(), lambda info: self.watch.adopt((info,)), owner=self)

    def focus_search(self) -> None:
        """Go to the search field, from any page."""
        self.go_to(SEARCH)
        self.search.focus_query()

    def search_by(self, mode: Mode) -> None:
        """Search another way."""
        self.go_to(SEARCH)
        self.search.bar.choose_mode(mode)

    def search_for(self, kind: Kind) -> None:
        """Search for texts, for pictures, or for both."""
        self.go_to(SEARCH)
        self.search.bar.choose_kind(kind)

    def search_with_picture(self) -> None:
        """Let the user choose a picture to search with."""
        self.go_to(SEARCH)
        self.search.search_with_picture()

    def search_in_grid(self) -> None:
        """Show pictures side by side, or in a list again."""
        self.go_to(SEARCH)
        self.search.toggle_grid()

    def toggle_filters(self) -> None:
        """Show or hide the filters."""
        self.go_to(SEARCH)
        self.search.bar.filters.toggle()

    def choose_theme(self, choice: Choice) -> None:
        """Be light or dark, or follow the system; kept in the settings."""

        def change(settings: Settings) -> None:
            self.engine.ask(
                ChangeSettings(replace(settings, theme=choice)), lambda _: None, owner=self
            )

        self._theme.choose(choice)
        self._memory.setValue("theme", choice)
        self.engine.ask(GetSettings(), change, owner=self)

    def show_shortcuts(self) -> None:
        """Show what the keyboard can do."""
        ShortcutsDialog(self).open()

    def show_about(self) -> None:
        """Show what the program is."""
        show_about(self._workspace, self)

    def _judge(self, set_name: str) -> None:
        self.go_to(JUDGING)
        choose: Callable[[str], None] = getattr(self.page(JUDGING), "choose_set")  # noqa: B009
        choose(set_name)

    def _go_on(self, set_name: str, step: str) -> None:
        self.go_to(EVALUATION)
        go: Callable[[str, str], None] = getattr(self.page(EVALUATION), "go_on")  # noqa: B009
        go(set_name, step)

    def _show_set(self, set_name: str) -> None:
        self.go_to(EVALUATION)
        show: Callable[[str], None] = getattr(self.page(EVALUATION), "open_set")  # noqa: B009
        if set_name:
            show(set_name)

    def _recall_page(self, page: QWidget) -> None:
        recall: Callable[[QSettings], None] = getattr(page, "recall")  # noqa: B009
        recall(self._memory)

    def _on_library(self, action: str) -> None:
        do: Callable[[], None] = getattr(self.page(LIBRARY), action)
        do()

    # Qt's events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keyboard, where no page takes it."""
        button = self.focusWidget()
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and isinstance(button, QPushButton | QToolButton) and not event.isAutoRepeat():
            button.click()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders, on every page."""
        if not self.is_closed and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped, and show what becomes of it."""
        event.acceptProposedAction()
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        add: Callable[[list[str]], None] = getattr(self.page(LIBRARY), "add_paths")  # noqa: B009
        add(paths)
        self.go_to(LIBRARY)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first while a model is being tuned: closing interrupts that."""
        tuning = [job for job in self.watch.unfinished if job.kind == "finetune"]
        if tuning and not self._close_anyway:
            event.ignore()
            self._ask_before_closing()
            return
        self._remember()
        if (page := self._pages[JUDGING]) is not None:
            settle: Callable[[], None] = getattr(page, "settle")  # noqa: B009
            settle()
        super().closeEvent(event)

    def _ask_before_closing(self) -> None:
        confirm(
            self,
            "A model is being tuned",
            "Closing interrupts it. What it learned up to its last checkpoint is kept, and you can "
            "go on from there on the training page the next time.",
            "Interrupt and close",
            self._close_now,
            "Keep tuning",
        )

    def _close_now(self) -> None:
        self._close_anyway = True
        self.close()

    # Hearing

    def _hear_state(self, state: EngineState, error: EngineError | None) -> None:
        self.status.show_state(state)
        if state == "ready":
            if self._restarting:  # it may have been too quick to read
                self.status.say("The search engine stopped and was restarted. Nothing is lost.")
            self._restarting = False
            self.banner.hide()
            self._show_closed(False)
            if outcome := self.recovery.outcome():
                kept = "What was there before is kept beside it."
                self.banner.say("good", outcome, kept)
            self._load_status()
            self._load_settings()
        elif state == "restarting" and not self.is_closed:
            self._restarting = True
            self.banner.say(
                "warning",
                "The search engine stopped and is being restarted",
                "Nothing that you indexed or judged is lost. Searching goes on in a moment.",
            )
        elif state == "refused" and error is not None:
            self.banner.hide()
            self.recovery.tell(error)
            self._show_closed(True)
        elif state == "stopped" and error is not None:
            self._show_closed(False)
            words = " ".join(part for part in (error.message, error.hint) if part)
            self.banner.say("danger", error.title, words)

    @property
    def is_closed(self) -> bool:
        """Whether the library could not be opened; what may help stands in place of the pages."""
        return self._whole.currentWidget() is self.recovery

    def _show_closed(self, closed: bool) -> None:
        if closed != self.is_closed:
            self._whole.setCurrentIndex(1 if closed else 0)
            self.menus.enable(not closed)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Warned) and not event.job:  # of no job: nothing else tells it
            words = f"{event.message} {event.hint}".strip()
            self.banner.say("warning", event.title, words)
        if not isinstance(event, Changed):
            return
        if event.what == "settings":
            self._load_settings()
        elif event.what == "library" and not self._soon.isActive():
            self._soon.start()

    def _tell_end(self, info: JobInfo, end: JobEvent) -> None:
        """Tell of a job's end, where the page that tells of it is not in sight."""
        if info.kind == "finetune" and not isinstance(end, Cancelled):
            QApplication.alert(self)  # says it to those who look at another window
        page = _PAGE_OF_JOB[info.kind]
        if self.current == page or self.engine.state != "ready":
            return
        if self.current == PROBLEMS and page == LIBRARY:
            return
        match end:
            case Failed():
                words = f"{info.title}: {end.message} {end.hint}"
                if end.title == "Unexpected error":
                    words = f"{info.title}: {end.message}"
                self._offer("danger", end.title, words.strip(), page)
            case Finished(result=TuneReport() as report):
                title = "The model was tuned" if report.accepted else "The tuned model was rejected"
                if report.accepted and info.model_kind == "image":
                    title = "A better model for your pictures waits for you to use it"
                tone = "good" if report.accepted else "notice"
                self._offer(tone, title, report.reason, page)

    def _offer(self, tone: str, title: str, words: str, page: int) -> None:
        self.banner.say(tone, title, words, f"Go to {PAGES[page][0]}")  # type: ignore[arg-type]
        self._offered = page

    def _take_offer(self) -> None:
        self.banner.hide()
        self.go_to(self._offered)

    def _load_status(self) -> None:
        self.engine.ask(GetStatus(), self._show_status, lambda _: None, owner=self)

    def _show_status(self, status: LibraryStatus) -> None:
        self.watch.adopt(status.jobs)
        words = f"Ready  ·  {count(status.n_documents, 'document')}"
        if status.n_pictures:
            words += f"  ·  {count(status.n_pictures, 'picture')}"
        if status.n_failed:
            words += f"  ·  {count(status.n_failed, 'file')} could not be read"
        self.status.show_idle(words if status.roots else "Ready")

    def _load_settings(self) -> None:
        def follow(settings: Settings) -> None:
            self._theme.choose(settings.theme)
            self._memory.setValue("theme", settings.theme)
            self.menus.show_theme(settings.theme)

        self.engine.ask(GetSettings(), follow, lambda _: None, owner=self)

    # Building, remembering

    def _connect(self) -> None:
        self.engine.event_heard.connect(self._hear)
        self.engine.state_changed.connect(self._hear_state)
        self.watch.ended.connect(self._tell_end)
        self.rail.chosen.connect(self.go_to)
        self.banner.acted.connect(self._take_offer)
        self.search.folder_asked.connect(self.add_folder)
        self.search.said.connect(self.status.say)
        self.search.hint.models_asked.connect(lambda: self.go_to(MODELS))
        self.tuning_hint.training_asked.connect(lambda: self.go_to(TRAINING))
        self.recovery.said.connect(self.status.say)
        self.search.label_given.connect(
            lambda: self.menus.show_undo(
                self.search.labelling.undo_words, self.search.labelling.redo_words
            )
        )

    def _build(self) -> None:
        self.setWindowTitle("Attune")
        self.setAcceptDrops(True)
        self.setMinimumSize(860, 560)
        self.resize(1280, 800)
        self._offered = SEARCH
        banner = QVBoxLayout()
        banner.setContentsMargins(Space.L, Space.XS, Space.L, 0)
        banner.addWidget(self.banner)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(banner)
        right.addWidget(self._stack, 1)
        centre = QWidget()
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(right, 1)
        self._whole.addWidget(centre)
        self._whole.addWidget(self.recovery)
        self.setCentralWidget(self._whole)
        self.setStatusBar(self.status)

    def _remember(self) -> None:
        self._memory.setValue("window/geometry", self.saveGeometry())
        on_rail = _ON_RAIL.get(self.current, self.current)
        self._memory.setValue("window/page", PAGES[on_rail][0])
        self.search.remember(self._memory)
        for number in (EVALUATION, JUDGING):
            if (page := self._pages[number]) is not None:
                keep: Callable[[QSettings], None] = getattr(page, "remember")  # noqa: B009
                keep(self._memory)
        self._memory.sync()

    def _recall(self) -> None:
        geometry = self._memory.value("window/geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        theme = self._memory.value("theme", "system")
        if theme in ("system", "light", "dark"):
            self._theme.choose(theme)
            self.menus.show_theme(theme)
        self.search.recall(self._memory)
        titles = [title for title, _ in PAGES]
        title = self._memory.value("window/page", "")
        self.go_to(titles.index(title) if title in titles else SEARCH)
