"""The library page: which folders are searched, how far indexing is, what failed, what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.events import Cancelled, Failed, Finished, JobEvent
from engine.records import DiskUse, IndexHealth, IndexReport, JobInfo, LibraryStatus, Root
from engine.requests import (
    AddRoots,
    AddSampleLibrary,
    GetStatus,
    ListFailures,
    RemoveRoot,
    Sync,
)
from gui.background import Engine
from gui.confirm import confirm
from gui.file_browser import show_in_folder
from gui.icons import icon
from gui.job_watch import JobWatch
from gui.theme import Space, set_role
from gui.widgets.card import Card
from gui.widgets.drop_veil import DropVeil
from gui.widgets.empty_state import EmptyState
from gui.widgets.failures_card import FailuresCard
from gui.widgets.health_bar import HealthBar
from gui.widgets.job_card import JobCard
from gui.widgets.notice import Notice, Tone
from gui.widgets.page import Page
from gui.widgets.root_row import RootRow
from gui.widgets.stacked_bar import Share, StackedBar
from gui.widgets.stat import Stat
from gui.wording import count, duration, file_name, size

_WHILE_INDEXING_MS = 2000


class LibraryPage(Page):
    """Folders in, and what became of them."""

    problems_asked = Signal()
    """The user wants to see the files that could not be read."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(engine, "Library", "", ("library",), parent)
        self._shown_rows: list[RootRow] = []
        self._asked_for: set[str] = set()  # jobs whose end is told even if they changed nothing
        self._watch = JobWatch(engine, ("index",), self)
        self._watch.ended.connect(self._tell_end)
        self._meanwhile = QTimer(self, interval=_WHILE_INDEXING_MS, singleShot=True)
        self._meanwhile.timeout.connect(self.load_soon)
        self._watch.progressed.connect(self._load_meanwhile)
        self._build_actions()
        self.notice = Notice()
        self.job_card = JobCard(self._watch)
        self.empty = self._build_empty()
        self._roots_card = Card(
            "Folders", "Drop folders or files anywhere on this page to add them."
        )
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._roots_card.body.addLayout(self._rows)
        self.failures = FailuresCard()
        self.failures.asked.connect(self.problems_asked)
        self._glance = self._build_glance()
        for widget in (
            self.notice,
            self.job_card,
            self._roots_card,
            self.failures,
            self._glance,
        ):
            self.body.addWidget(widget)
        self.body.addWidget(self.empty, 1)
        self.body.addStretch()
        self._veil = DropVeil(self, "add", "Drop to add to the library")
        self.setAcceptDrops(True)
        self._show_parts(empty=None)

    def load(self) -> None:
        """Ask for the library's status, and for what failed."""
        self.engine.ask(GetStatus(), self._show_status, owner=self)

    def add_paths(self, paths: Sequence[str]) -> None:
        """Add folders or files to the library."""
        if paths:
            self.engine.ask(AddRoots(tuple(paths)), self._show_added, owner=self)

    def choose_folder(self) -> None:
        """Let the user choose a folder to add."""
        dialog = QFileDialog(self, "Add a folder to the library")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self.add_paths)
        dialog.open()

    def add_sample(self) -> None:
        """Add the library that comes with the program."""
        self.engine.ask(AddSampleLibrary(), self._show_added, owner=self)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take what is a file or a folder."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._veil.show_over()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """The user thought better of it."""
        self._veil.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Add what was dropped."""
        self._veil.hide()
        event.acceptProposedAction()
        urls = event.mimeData().urls()
        self.add_paths([url.toLocalFile() for url in urls if url.isLocalFile()])

    def _build_actions(self) -> None:
        self._sync_button = QPushButton(icon("refresh"), "Sync now")
        self._sync_button.setToolTip("Look for files that were added, changed, moved or removed")
        self._sync_button.clicked.connect(self._sync)
        self._add_button = QPushButton(icon("add", "on_accent"), "Add folder…")
        self._add_button.setToolTip("Index another folder; its files are read, never changed")
        set_role(self._add_button, "primary")
        self._add_button.clicked.connect(self.choose_folder)
        self.buttons.addWidget(self._sync_button, 0, Qt.AlignmentFlag.AlignTop)
        self.buttons.addWidget(self._add_button, 0, Qt.AlignmentFlag.AlignTop)

    def _build_empty(self) -> EmptyState:
        add = QPushButton(icon("add", "on_accent"), "Add folder…")
        set_role(add, "primary")
        add.clicked.connect(self.choose_folder)
        sample = QPushButton(icon("sparkle"), "Try the sample library")
        sample.setToolTip("A small collection that comes with the program")
        sample.clicked.connect(self.add_sample)
        return EmptyState(
            "library",
            "Your library is empty",
            "Add a folder, or drop one here. Attune reads the documents in it so that you can "
            "search them by words and by meaning. Files are never changed, and nothing leaves "
            "this computer.",
            (add, sample),
        )

    def _build_glance(self) -> QWidget:
        self.documents = Stat("documents", "Files of equal content are one document")
        self.passages = Stat("passages", "Pieces of documents, which are what is searched")
        self.files = Stat("files")
        self.pictures = Stat("pictures", "Documents that are pictures")
        self.sight = HealthBar(
            "Pictures", "Finds what pictures show, and pictures that look alike", "picture"
        )
        self.keywords = HealthBar("Keyword index", "Finds the words of a query")
        self.meaning = HealthBar("Meaning index", "Finds what is close in meaning")
        contents = Card("Searchable")
        numbers = QHBoxLayout()
        numbers.setSpacing(Space.XL)
        for stat in (self.documents, self.passages, self.pictures, self.files):
            numbers.addWidget(stat)
        numbers.addStretch()
        contents.body.addLayout(numbers)
        contents.body.addWidget(self.keywords)
        contents.body.addWidget(self.meaning)
        contents.body.addWidget(self.sight)
        contents.body.addStretch()
        self._disk_card = Card("Disk use")
        self._disk = StackedBar()
        self._disk_card.body.addWidget(self._disk)
        self._disk_card.body.addStretch()
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        row.addWidget(contents, 3)
        row.addWidget(self._disk_card, 2)
        return both

    def _load_meanwhile(self) -> None:
        if not self._meanwhile.isActive():
            self._meanwhile.start()

    def _show_status(self, status: LibraryStatus) -> None:
        self._watch.adopt(status.jobs)
        self._show_parts(empty=not status.roots)
        self.words.setText(_at_a_glance(status))
        self._show_roots(status.roots)
        self.documents.show_number(status.n_documents)
        self.passages.show_number(status.n_chunks)
        self.files.show_number(status.n_files)
        self.keywords.show_health(status.lexical)
        self.meaning.show_health(status.vectors)
        for widget in (self.pictures, self.sight):
            widget.setVisible(bool(status.n_pictures))
        self.pictures.show_number(status.n_pictures)
        self.sight.show_health(_sight(status))
        self._disk_card.heading.setText(f"Disk use: {size(status.disk.total)}")
        self._disk.show_shares(_shares(status.disk))
        if status.n_failed:
            self.engine.ask(ListFailures(), self.failures.show_failures, owner=self)
        else:
            self.failures.show_failures(())

    def _show_parts(self, *, empty: bool | None) -> None:
        """Show either the empty state or the library; neither before it is known which."""
        self.empty.setVisible(empty is True)
        self._roots_card.setVisible(empty is False)
        self._glance.setVisible(empty is False)
        self._sync_button.setVisible(empty is False)
        self._add_button.setVisible(empty is False)

    def _show_roots(self, roots: tuple[Root, ...]) -> None:
        """Show the roots; rows stay, and keep the focus, while the roots are the same."""
        if [root.id for root in roots] == [row.root.id for row in self._shown_rows]:
            for row, root in zip(self._shown_rows, roots, strict=True):
                row.show_root(root)
            return
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._shown_rows.clear()
        for number, root in enumerate(roots):
            if number:
                line = QFrame()
                line.setFixedHeight(1)
                set_role(line, "line")
                self._rows.addWidget(line)
            row = RootRow(root)
            row.asked_to_open.connect(lambda opened: show_in_folder(opened.path))
            row.asked_to_remove.connect(self._confirm_removal)
            row.asked_for_failures.connect(self.problems_asked)
            self._rows.addWidget(row)
            self._shown_rows.append(row)

    def _confirm_removal(self, root: Root) -> None:
        confirm(
            self,
            f"Remove “{file_name(root.path)}” from the library?",
            f"{count(root.n_documents, 'document')} will no longer be found. "
            "The files themselves stay where they are, and your judgments are kept.",
            "Remove",
            lambda: self._remove(root),
        )

    def _remove(self, root: Root) -> None:
        self.engine.ask(RemoveRoot(root.id), lambda _: self.load_soon(), owner=self)

    def _sync(self) -> None:
        self.notice.hide()
        self.engine.ask(Sync(), self._begin_sync, owner=self)

    def _begin_sync(self, info: JobInfo) -> None:
        self._asked_for.add(info.id)
        self._watch.adopt((info,))

    def _show_added(self, _: tuple[Root, ...]) -> None:
        self.notice.hide()
        self.load_soon()

    def _tell_end(self, info: JobInfo, end: JobEvent) -> None:
        match end:
            case Finished(result=IndexReport() as report) if (
                _changed_anything(report) or info.id in self._asked_for
            ):
                tone: Tone = "warning" if report.failed else "good"
                title = "The library is up to date"
                if report.failed:
                    title += f", but {count(report.failed, 'file')} could not be read"
                self.notice.say(tone, title, report_in_words(report))
            case Failed():
                words = " ".join(part for part in (end.message, end.hint) if part)
                self.notice.say("danger", end.title, words)
            case Cancelled():
                self.notice.hide()
        self.load_soon()


def _at_a_glance(status: LibraryStatus) -> str:
    if not status.roots:
        return ""
    n_folders = sum(root.kind == "folder" for root in status.roots)
    n_datasets = len(status.roots) - n_folders
    places = [count(n_folders, "folder")] if n_folders else []
    places += [count(n_datasets, "dataset")] if n_datasets else []
    return f"{count(status.n_documents, 'document')} in {' and '.join(places)}"


def _sight(status: LibraryStatus) -> IndexHealth:
    """How far the pictures were looked at; what cannot be looked at is behind for good."""
    at_work = any(job.kind in ("index", "activate") for job in status.jobs)
    behind = at_work and status.n_seen < status.n_pictures
    return IndexHealth(
        "catching up" if behind else "ready",
        status.n_seen,
        status.n_pictures,
        f"Looked at with {status.image_model}." if status.image_model else "",
    )


def _shares(disk: DiskUse) -> tuple[Share, ...]:
    return tuple(
        Share(name, amount, size(amount), tooltip)
        for name, amount, tooltip in (
            ("Vectors", disk.vectors, "The meaning index; rebuilt when it is lost"),
            ("Cached vectors", disk.embeddings, "So that no passage is encoded twice"),
            ("Documents and judgments", disk.library, "The library itself: texts and your work"),
            ("Keywords", disk.lexical, "The keyword index; rebuilt when it is lost"),
            ("Thumbnails", disk.thumbnails, "Pictures made small; made anew when they are lost"),
            ("Models", disk.models, "Tuned models and encoders prepared for this computer"),
        )
    )


def _changed_anything(report: IndexReport) -> bool:
    changed = report.added + report.changed + report.moved + report.removed
    return bool(changed + report.encoded)


def report_in_words(report: IndexReport) -> str:
    """What an indexing job did, as in `120 added, 3 changed. It took 3 min`."""
    done = [
        f"{count(number)} {what}"
        for number, what in (
            (report.added, "added"),
            (report.changed, "changed"),
            (report.moved, "moved"),
            (report.removed, "removed"),
        )
        if number
    ]
    parts = [", ".join(done)] if done else []
    if report.encoded:
        parts.append(f"{count(report.encoded, 'passage')} newly encoded")
    took = f"It took {duration(report.seconds)}."
    return f"{'; '.join(parts) or 'Nothing has changed'}. {took}"
