"""The judging room: one document at a time under its query, all of it by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.evaluation_records import JudgingTask
from engine.evaluation_requests import ListTasks
from gui.background import Engine
from gui.judging_clock import JudgingClock
from gui.judging_session import JudgingSession
from gui.theme import Space
from gui.widgets.empty_state import EmptyState
from gui.widgets.judging_bar import JudgingBar, NoteEditor
from gui.widgets.judging_document import JudgingDocument
from gui.widgets.judging_head import JudgingHead
from gui.widgets.judging_keymap import is_modifier, meaning
from gui.widgets.judging_keys import JudgingKeys
from gui.widgets.judging_list import JudgingList
from gui.widgets.judging_progress import JudgingProgressLine
from gui.widgets.notice import Notice

AWAY_S = 60
"""Another window may be looked at for so long before the clock is held."""


class JudgingRoom(QWidget):
    """Shows what is at hand in a session, and says to it what the keys say."""

    left = Signal()
    ended = Signal()
    """Nothing is left to be judged."""
    said = Signal(str)

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self.session: JudgingSession | None = None
        self.clock = JudgingClock()
        self._scale: tuple[str, ...] = ()
        self._blind = True
        self._shown: tuple[str, str] | None = None
        self._noted: JudgingTask | None = None
        self._listed = ""
        self._paused_by_hand = False
        self.progress = JudgingProgressLine()
        self.notice = Notice()
        self.head = JudgingHead()
        self.document = JudgingDocument(engine)
        self.list = JudgingList()
        self.bar = JudgingBar()
        self.note = NoteEditor()
        self.keys = JudgingKeys(self)
        self._do = self._actions()
        self.states = QStackedWidget()
        self._away = QTimer(self, interval=AWAY_S * 1000, singleShot=True)
        self._away.timeout.connect(self._hold_while_away)
        self._build()
        self._connect()

    @property
    def paused(self) -> bool:
        """Whether the clock is held and the document hidden."""
        return self.states.currentWidget() is self._pause

    def enter(self, session: JudgingSession, scale: tuple[str, ...], guideline: str) -> None:
        """Judge in a session; what was shown of another is forgotten."""
        self.session, self._scale = session, scale
        self._shown, self._listed = None, ""
        self.list.hide()
        self.note.close_with(None)
        self.notice.hide()
        self.head.show_guideline(guideline)
        self.bar.show_scale(scale)
        self.progress.show_saved(0, 0)
        session.shown.connect(self.show_task)
        session.progressed.connect(self.progress.show_progress)
        session.said.connect(self.said)
        session.trouble.connect(self._tell_trouble)
        session.saves.changed.connect(self._show_saved)
        self.states.setCurrentWidget(self._wait)
        session.begin()

    def judge_blind(self, blind: bool) -> None:
        """Hide what tells where a document comes from, or show it."""
        self._blind = blind

    def show_task(self) -> None:
        """Show what is at hand now."""
        session = self.session
        if session is None:
            return
        task = session.task
        if task is None:
            self._keep_note()
            self.clock.hold()
            self._shown = None
            self.states.setCurrentWidget(self._wait)
            if session.ended:
                self.ended.emit()
            return
        pair = task.query_id, task.document
        if pair != self._shown:
            self._keep_note()
            self.clock.begin()
            self._shown = pair
        self.setAccessibleDescription(f"{task.query}: {task.title}")
        self.head.show_query(task.query)
        self.document.show_task(task, blind=self._blind)
        self.bar.show_given(task.given, listing=not self.list.isHidden())
        self.list.show_given(task.document, task.given)
        if not self.paused:
            self.states.setCurrentWidget(self._work)
        if not self.list.isHidden() and task.query_id != self._listed:
            self._load_list(task)
        QTimer.singleShot(0, self._prepare)

    def pause(self) -> None:
        """Hold the clock, with the document out of sight."""
        self._paused_by_hand = True
        self._hold()

    def go_on(self) -> None:
        """Count on where it was paused."""
        self._paused_by_hand = False
        if self.paused:
            self.states.setCurrentWidget(self._work if self._shown else self._wait)
            if self._shown and self.isVisible():
                self.clock.go_on()
            self.setFocus()

    # Qt's events

    def showEvent(self, event: QShowEvent) -> None:
        """The keys work at once."""
        super().showEvent(event)
        self.setFocus()
        if not self.paused and self._shown:
            self.clock.go_on()

    def hideEvent(self, event: object) -> None:
        """Who looks at another page does not judge."""
        super().hideEvent(event)  # type: ignore[arg-type]
        self.clock.hold()

    def event(self, event: QEvent) -> bool:
        """Take keys that the window's menus have too."""
        if event.type() == QEvent.Type.ShortcutOverride and self._knows(event):  # type: ignore[arg-type]
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The text has the keyboard after it was clicked; the keys mean the same there."""
        if event.type() == QEvent.Type.ShortcutOverride and self._knows(event):  # type: ignore[arg-type]
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and self._press(event):  # type: ignore[arg-type]
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key means."""
        if not self._press(event):
            super().keyPressEvent(event)

    # Keys

    def _press(self, event: QKeyEvent) -> bool:
        if not self._knows(event):
            return False
        if self.paused:
            self.go_on()
        else:
            what = meaning(event, len(self._scale))
            if isinstance(what, int):
                self._judge(what)
            elif what:
                self._do[what]()
        return True

    def _knows(self, event: QKeyEvent) -> bool:
        """Whether a key means something here and now."""
        if self.session is None or self.note.field.hasFocus():
            return False
        if self.paused:
            is_other = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            return not is_other and not is_modifier(event)
        return meaning(event, len(self._scale)) is not None

    def _actions(self) -> dict[str, Callable[[], object]]:
        """What is done, by the names that keys and buttons have for it."""
        document = self.document
        return {
            "up": lambda: document.step(-1),
            "down": lambda: document.step(1),
            "page up": lambda: document.turn_over(-1),
            "page down": lambda: document.turn_over(1),
            "home": lambda: document.scroll_to(-1),
            "end": lambda: document.scroll_to(1),
            "skip": self._skip,
            "flag": self._flag,
            "note": self._write_note,
            "mark": self._mark,
            "list": self._toggle_list,
            "guideline": self._toggle_guideline,
            "pause": self.pause,
            "again": self._try_again,
            "back": lambda: self._walk(JudgingSession.back),
            "forward": lambda: self._walk(JudgingSession.forward),
            "undo": lambda: self._walk(JudgingSession.undo),
            "redo": lambda: self._walk(JudgingSession.redo),
            "keys": self.keys.open,
            "leave": self._leave,
        }

    def _walk(self, way: Callable[[JudgingSession], None]) -> None:
        if self.session is not None:
            way(self.session)

    # Judging

    def _judge(self, grade: int) -> None:
        if self.session is not None:
            self.session.judge(grade, self._seconds())

    def _skip(self) -> None:
        if self.session is not None:
            self.session.skip(self._seconds())

    def _seconds(self) -> float:
        return round(self.clock.seconds, 2)

    def _flag(self) -> None:
        session = self.session
        if session is not None and session.task is not None:
            given = session.task.given
            session.remark(flagged=not (given is not None and given.flagged))

    def _mark(self) -> None:
        session = self.session
        if session is None or session.task is None:
            return
        found = self.document.deciding()
        if found is None:
            self.said.emit("Select the text that decided, then press M")
            return
        span, text = found
        given = session.task.given
        if given is not None and given.span == span:
            session.remark(span=None, span_text="")
        else:
            session.remark(span=span, span_text=text)

    def _write_note(self) -> None:
        task = self.session.task if self.session is not None else None
        if task is not None:
            self._noted = task
            self.note.open(task.given.note if task.given else "")

    def _keep_note(self) -> None:
        """What is being written belongs to its own pair, whatever is shown now."""
        if self.note.is_open:
            self.note.close_with(self.note.written)

    def _take_note(self, note: str | None) -> None:
        session, task = self.session, self._noted
        self._noted = None
        self.setFocus()
        if session is None or task is None or note is None:
            return
        if note != (task.given.note if task.given else ""):
            session.remark_on((task.query_id, task.document), note=note)

    # The list, the guideline

    def _toggle_list(self) -> None:
        task = self.session.task if self.session is not None else None
        shown = self.list.isHidden() and task is not None
        self.list.setVisible(shown)
        self.bar.show_given(task.given if task else None, listing=shown)
        if shown and task is not None:
            self._load_list(task)
            self.list.list.setFocus()
        else:
            self.setFocus()

    def _load_list(self, task: JudgingTask) -> None:
        session = self.session
        assert session is not None
        self._listed = task.query_id

        def show(tasks: tuple[JudgingTask, ...]) -> None:
            if self.session is session and self._listed == task.query_id:
                self.list.show_tasks(
                    [session.as_given(each) for each in tasks], self._scale, session.task
                )

        self._engine.ask(
            ListTasks(session.set_name, session.rater, task.query_id),
            show,
            self._tell_trouble,
            owner=self,
        )

    def _judge_listed(self, task: JudgingTask, grade: int) -> None:
        if self.session is not None:
            said = self.session.judge_listed(task, grade)
            self.list.show_given(task.document, said)

    def _open_listed(self, task: JudgingTask) -> None:
        if self.session is not None:
            self.session.show_there(self.session.as_given(task))
            self.setFocus()

    def _toggle_guideline(self) -> None:
        self.head.fold(not self.head.folded)

    def _leave(self) -> None:
        if not self.list.isHidden():
            self._toggle_list()
        elif not self.head.folded:
            self._toggle_guideline()
        else:
            self.left.emit()

    # Time

    def _hold(self, seconds_ago: float = 0.0) -> None:
        if not self.paused and self._shown:
            self.clock.hold(seconds_ago)
            self.states.setCurrentWidget(self._pause)

    def _hold_while_away(self) -> None:
        if self.isVisible():
            self._hold(AWAY_S)

    def _hear_focus(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._away.stop()
            if not self._paused_by_hand:
                self.go_on()
        elif not self._away.isActive():
            self._away.start()

    # Saving

    def _show_saved(self) -> None:
        if self.session is None:
            return
        saves = self.session.saves
        self.progress.show_saved(saves.n_waiting, len(saves.not_saved))
        if not saves.n_waiting and not saves.not_saved and self._about_saving:
            self.notice.hide()

    @property
    def _about_saving(self) -> bool:
        return self.notice.words.startswith("Not saved")

    def _tell_trouble(self, error: EngineError) -> None:
        session = self.session
        n = len(session.saves.not_saved) if session is not None else 0
        words = f"{error.message} {error.hint}".strip()
        if n:
            which = "1 judgment" if n == 1 else f"{n} judgments"
            title = f"Not saved: {which}. {error.title}"
            if session is not None and session.task is not None and not self.list.isHidden():
                self._load_list(session.task)
            self.notice.say("danger", title, words, "Save again (R)")
        else:
            self.notice.say("warning", error.title, words, "Try again (R)")

    def _try_again(self) -> None:
        session = self.session
        if session is None or not self.notice.words:
            return
        if session.saves.not_saved:
            session.save_again()
        else:
            self.notice.hide()
            session.fetch()
        self.setFocus()

    def _prepare(self) -> None:
        if self.session is not None:
            self.document.prepare(self.session.coming)

    # Building

    def _connect(self) -> None:
        self.bar.graded.connect(self._judge)
        self.bar.asked.connect(lambda what: self._do[what]())
        self.note.closed.connect(self._take_note)
        self.notice.acted.connect(self._try_again)
        self.list.graded.connect(self._judge_listed)
        self.list.opened.connect(self._open_listed)
        self.list.left.connect(self._toggle_list)
        self.document.text.installEventFilter(self)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.applicationStateChanged.connect(self._hear_focus)

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Judging room")
        self.list.hide()
        middle = QHBoxLayout()
        middle.setSpacing(Space.M)
        middle.addWidget(self.document, 1)
        middle.addWidget(self.list)
        self._work = QWidget()
        inside = QVBoxLayout(self._work)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(Space.M)
        inside.addWidget(self.head)
        inside.addLayout(middle, 1)
        inside.addWidget(self.note)
        inside.addWidget(self.bar)
        self._pause = EmptyState("pause", "Paused", "The clock stands. Press any key to go on.")
        self._wait = EmptyState("clock", "One moment", "The next documents are being fetched.")
        for state in (self._work, self._pause, self._wait):
            self.states.addWidget(state)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.setSpacing(Space.M)
        column.addWidget(self.progress)
        column.addWidget(self.notice)
        column.addWidget(self.states, 1)
