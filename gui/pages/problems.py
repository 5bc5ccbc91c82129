"""The problems page: which files could not be read, why, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QStackedWidget, QWidget

from engine.events import Cancelled, Failed, JobEvent
from engine.records import Failure, JobInfo, LibraryStatus
from engine.requests import GetStatus, IgnoreFiles, ListFailures, RetryFiles
from gui.background import Engine
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.password_dialog import PasswordDialog
from gui.theme import Space
from gui.widgets.empty_state import EmptyState
from gui.widgets.failures_table import FailuresTable
from gui.widgets.job_card import JobCard
from gui.widgets.notice import Notice
from gui.widgets.page import Page
from gui.widgets.reason_list import IGNORED, ReasonList
from gui.wording import count

_REASONS_WIDTH = 210
_LEAST_HEIGHT = 320


class ProblemsPage(Page):
    """Reasons at the left, their files at the right."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(
            engine,
            "Problems",
            "Files that could not be read. Everything else is searchable.",
            ("library",),
            parent,
        )
        self._watch = JobWatch(engine, ("index",), self)
        self._watch.ended.connect(self._end)
        self._retried: dict[str, frozenset[int]] = {}  # by job: the files that it tries again
        self._ended: frozenset[int] = frozenset()
        self.notice = Notice()
        self.job_card = JobCard(self._watch)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by file, folder or reason")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Filter the files")
        self.retry_all = QPushButton(icon("refresh"), "Retry all")
        self.filter.setFixedSize(260, self.retry_all.sizeHint().height())
        self.retry_all.setToolTip("Read all files of the chosen reason again")
        self.buttons.addWidget(self.filter, 0, Qt.AlignmentFlag.AlignTop)
        self.buttons.addWidget(self.retry_all, 0, Qt.AlignmentFlag.AlignTop)
        self.reasons = ReasonList()
        self.files = FailuresTable()
        self._nothing_here = EmptyState(
            "check", "Nothing is left here", "Files that you ignore are listed under Ignored."
        )
        self.empty = EmptyState(
            "check",
            "Every file could be read",
            "Should one fail (it needs a password, is damaged, or is too large), it is listed here "
            "with what to do about it.",
        )
        self._both = self._build_both()
        self.body.addWidget(self.notice)
        self.body.addWidget(self.job_card)
        self.body.addWidget(self._both, 1)
        self.body.addWidget(self.empty, 1)
        self._connect()
        self._show_parts(None)

    def load(self) -> None:
        """Ask for what failed, and for jobs that run."""
        self.engine.ask(GetStatus(), self._show_status, owner=self)
        self.engine.ask(ListFailures(), self._show_failures, owner=self)

    def _show_status(self, status: LibraryStatus) -> None:
        self._watch.adopt(status.jobs)

    def _show_failures(self, failures: tuple[Failure, ...]) -> None:
        self._show_parts(bool(failures))
        self.reasons.show_failures(failures)
        if self._ended:
            n_left = len(self._ended & {failure.file_id for failure in failures})
            self._tell_retried(len(self._ended), n_left)
            self._ended = frozenset()

    def _show_parts(self, some: bool | None) -> None:
        """The files, or that there are none; neither before it is known."""
        self._both.setVisible(some is True)
        self.filter.setVisible(some is True)
        self.retry_all.setVisible(some is True)
        self.empty.setVisible(some is False)

    def _show_reason(self) -> None:
        failures = self.reasons.failures
        self.files.show_failures(failures, ignored=self.reasons.reason == IGNORED)
        self.retry_all.setEnabled(bool(failures))
        self._stack.setCurrentWidget(self.files if failures else self._nothing_here)

    # Doing something about it

    def _retry(self, failures: Sequence[Failure], password: str = "") -> None:
        if not failures:
            return
        ids = frozenset(failure.file_id for failure in failures)

        def begin(info: JobInfo) -> None:
            self._retried[info.id] = ids
            self._watch.follow(info)

        self.notice.hide()
        self.engine.ask(RetryFiles(tuple(sorted(ids)), password), begin, owner=self)

    def _ask_password(self, failures: Sequence[Failure]) -> None:
        dialog = PasswordDialog(len(failures), self)
        dialog.given.connect(lambda password: self._retry(failures, password))
        dialog.open()

    def _ignore(self, failures: Sequence[Failure], ignored: bool) -> None:
        ids = tuple(sorted(failure.file_id for failure in failures))
        self.engine.ask(IgnoreFiles(ids, ignored), lambda _: self.load_soon(), owner=self)

    def _end(self, info: JobInfo, end: JobEvent) -> None:
        ids = self._retried.pop(info.id, frozenset())
        match end:
            case Failed() if ids:
                words = " ".join(part for part in (end.message, end.hint) if part)
                self.notice.say("danger", end.title, words)
            case Cancelled() | Failed():
                pass
            case _:
                self._ended |= ids
        self.load_soon()

    def _tell_retried(self, n_tried: int, n_left: int) -> None:
        n_read = n_tried - n_left
        if not n_left:
            words = "It is searchable now." if n_tried == 1 else "They are searchable now."
            self.notice.say("good", f"{count(n_tried, 'file')} could be read", words)
        elif n_read:
            self.notice.say(
                "warning",
                f"{count(n_read)} of {count(n_tried, 'file')} could be read",
                "The others are still listed, with the reason as it is now.",
            )
        else:
            title = "It still cannot be read" if n_tried == 1 else "None of them could be read"
            self.notice.say("warning", title, "The reason is listed as it is now.")

    def _connect(self) -> None:
        self.filter.textChanged.connect(self.files.table.filter_by)
        self.reasons.chosen.connect(self._show_reason)
        self.retry_all.clicked.connect(lambda: self._retry(self.reasons.failures))
        self.files.retry.connect(self._retry)
        self.files.retry_with_password.connect(self._ask_password)
        self.files.ignore.connect(lambda failures: self._ignore(failures, True))
        self.files.listen.connect(lambda failures: self._ignore(failures, False))

    def _build_both(self) -> QWidget:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.files)
        self._stack.addWidget(self._nothing_here)
        self.reasons.setFixedWidth(_REASONS_WIDTH)
        both = QWidget()
        both.setMinimumHeight(_LEAST_HEIGHT)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        row.addWidget(self.reasons)
        row.addWidget(self._stack, 1)
        return both
