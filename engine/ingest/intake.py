"""What is read of a root's files, on its way into the library: in small batches, soon searchable.

Text comes first. Pictures are left out at first and noted as unseen. After all other files they are
looked at (`look_at_pictures`), which takes a fraction of a second each; text in them, which takes
longer, is read last (`read_pictures`), and again where the settings ask for more than before.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection

from engine.encoders.image_encoder import Preprocessing
from engine.errors import EngineError
from engine.ingest.changing import as_it_is_now
from engine.ingest.chunk import CHUNKER_VERSION
from engine.ingest.extract import Extractor, FileOutcome, MemberOutcome, Part
from engine.ingest.extractor_worker import MemberFound, StillReading
from engine.ingest.look import Tally
from engine.ingest.media_types import (
    HOLDER_ENDINGS,
    MAIL_TYPES,
    holds_pictures,
    is_picture,
    media_type,
)
from engine.jobs.job import Job
from engine.records import Extracted, OcrLevel, Root, Sight
from engine.storage import documents, inside, pictures
from engine.storage.database import Database
from engine.storage.documents import Cut, FileState

_COMMIT_EVERY_S = 1.5
_FILES_A_COMMIT = 2000
_LEVELS: tuple[OcrLevel, ...] = ("off", "cheap", "all")
_UNSEEN = (pictures.UNSEEN, *(pictures.AGAIN + far for far in ("", *_LEVELS)))
_PICTURES_LEFT: Mapping[OcrLevel, str] = {
    "off": "It may be a scan; reading text in pictures is turned off in the settings.",
    "cheap": "It may be a long scan; reading text in all pictures can be chosen in the settings.",
    "all": "It has too many pages without text to be read as pictures.",
}


@dataclass(frozen=True, slots=True)
class _Read:
    """A file or member on its way into the library."""

    file: FileState
    outcome: Extracted | EngineError | None
    """None where it holds other files, or is known already."""
    cut: Cut
    unread_pictures: bool
    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """What becomes of the sight of pictures."""

    preprocessing: Preprocessing | None = None
    """Of the image encoder; None where none is ready."""
    keep: Callable[[Mapping[str, Sight]], None] = lambda _: None
    """Keeps sights by content hash, before their documents are stored."""
    lacks: Callable[[str], bool] = lambda _: False
    """Whether the sight of a picture of this content hash is to be had once more."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """All members of a file have come, but for the pictures in documents."""

    path: str
    members: Collection[str]


@dataclass(frozen=True, slots=True)
class _LookedInside:
    """All pictures in a document have come."""

    path: str
    holder: str
    """The document's path within the file; empty for the file itself."""
    members: Collection[str]


@dataclass(slots=True)
class _Waiting:
    """What is still to be read of a file."""

    file: FileState
    name: str
    """The file's."""
    members: set[str] = field(default_factory=set)
    """Pictures by their path within; empty for the file itself."""
    due: set[str] = field(default_factory=set)
    """Documents that were not searched for pictures yet, likewise."""
    told: set[str] = field(default_factory=set)
    """What came of it."""

    def part(self) -> Part:
        """What the extractor is asked for."""
        lie_in = {inside.holder_of(member) for member in self.members if member}
        holders = {holder for holder in lie_in if holds_pictures(holder or self.name)}
        return Part("" in self.members, tuple(sorted(holders | self.due)))


@dataclass(slots=True)
class Intake:
    """Takes the files of one root in; for one thread and one run."""

    library: Database
    root: Root
    extractor: Extractor
    job: Job
    after_commit: Callable[[], None]
    tally: Tally
    ocr: OcrLevel
    """How far text in pictures is to be read in the end."""
    looking: Looking = field(default_factory=Looking)
    _level: OcrLevel = "off"
    """How far it is read now."""
    _at_pictures: bool = False
    """Whether pictures are looked at now."""
    _ready: list[_Read | _Ended | _LookedInside] = field(default_factory=list)
    _coming: set[str] = field(default_factory=set)
    """Content hashes of what was read in `_ready`."""
    _committed_at: float = 0.0

    def read(self, files: Sequence[FileState]) -> list[FileState]:
        """Extract files and commit them; returns those that changed meanwhile, as they are now.

        Of these nothing is stored but members, which the next reading puts right.
        """
        self._level, self._at_pictures = "off", False
        return self._read(self._unknown(files), len(files), "")

    def read_again(self, files: Sequence[FileState], password: str) -> None:
        """Read files whatever is known of them, pictures in them at once.

        `password` is tried on what is locked, and not kept; it may be empty.
        """
        self._level, self._at_pictures = self.ocr, True
        self._read(files, len(files), password)
        with self.library.write() as connection:
            documents.remove_orphans(connection)
        self.after_commit()

    def look_at_pictures(self) -> int:
        """Look at pictures that were not looked at yet, or not well; returns at how many files."""
        with self.library.read() as connection:
            unseen = documents.unread_pictures(connection, self.root.id, _UNSEEN)
            due = inside.due(connection, self.root.id, HOLDER_ENDINGS)
        waiting = [self._waiting(file, unseen[file], due.pop(file, set())) for file in unseen]
        waiting += [self._waiting(file, set(), holders) for file, holders in due.items()]
        self._level, self._at_pictures = "off", True
        return self._read_waiting(waiting, self._has_seen, "Looking at pictures")

    def read_pictures(self) -> int:
        """Read text in pictures that was left out, as far as is wanted; returns how many files."""
        lower = _LEVELS[: _LEVELS.index(self.ocr)]
        with self.library.read() as connection:
            unread = documents.unread_pictures(connection, self.root.id, lower) if lower else {}
        waiting = [self._waiting(file, members) for file, members in unread.items()]
        self._level, self._at_pictures = self.ocr, True
        return self._read_waiting(waiting, self._has_read, "Reading text in pictures")

    def _waiting(self, file: FileState, members: set[str], due: Collection[str] = ()) -> _Waiting:
        return _Waiting(file, self.path(file).name, members, set(due))

    def _read_waiting(
        self, waiting: Sequence[_Waiting], is_known: Callable[[str], bool], stage: str
    ) -> int:
        """Read what waits, but for what is known by its content hash; returns how many files."""
        if not waiting:
            return 0
        by_path = {
            self.path(one.file): one
            for one in waiting
            if one.due or one.members != {""} or not self._takes_over(one.file, is_known)
        }

        def wanted(path: Path, member: MemberFound) -> bool:
            return _waits(by_path[path], member) and not is_known(member.content_hash)

        parts = {path: one.part() for path, one in by_path.items()}
        n_done = 0
        try:
            for outcome in self._outcomes(list(by_path), wanted, "", parts):
                one = by_path[outcome.path]
                n_done += isinstance(outcome, FileOutcome)
                if isinstance(outcome, MemberOutcome):
                    self._take_waiting(one, outcome)
                    continue
                if as_it_is_now(outcome.path, one.file) != one.file:
                    continue  # The next look sees to it.
                if "" in one.members:
                    self._take(one.file, outcome)
                    one.told.add("")
                self._ready += [_LookedInside(one.file.path, h, one.told) for h in one.due]
                self._give_up(one)
                self._commit_if_due()
                self.job.progress(stage, n_done, len(by_path), "files", outcome.path.name)
        finally:
            self._commit()
        with self.library.write() as connection:
            documents.remove_orphans(connection)
        self.after_commit()
        return len(waiting)

    def _take_waiting(self, one: _Waiting, outcome: MemberOutcome) -> None:
        member = outcome.member
        if not _waits(one, member):
            return
        # Nobody can mend a picture in a document: one that cannot be seen is left out.
        if member.inside in one.members or not isinstance(outcome.outcome, EngineError):
            one.told.add(member.inside)
            self._take_member(one.file, outcome)

    def _takes_over(self, file: FileState, is_known: Callable[[str], bool]) -> bool:
        """Store a file as what equal content was found to be, if that is known."""
        if not is_known(file.content_hash):
            return False
        self._ready.append(_Read(file, None, Cut(), False))
        return True

    def _has_read(self, content_hash: str) -> bool:
        """Whether equal pictures were read before: a logo lies in a thousand mails."""
        if content_hash in self._coming:
            return True
        with self.library.read() as connection:
            return documents.has_read_pictures(connection, content_hash)

    def _has_seen(self, content_hash: str) -> bool:
        """Whether an equal picture was looked at, and what was seen of it is still there."""
        if content_hash in self._coming:
            return True
        if self.looking.lacks(content_hash):
            return False
        with self.library.read() as connection:
            found = documents.find(connection, content_hash, CHUNKER_VERSION)
            return found is not None and bool(pictures.of(connection, [found]))

    def _unknown(self, files: Sequence[FileState]) -> list[FileState]:
        """Files whose content is in no document yet; the others are stored, pictures noted."""
        unknown = []
        with self.library.write() as connection:
            for file in files:
                kind = media_type(self.path(file)) or ""
                same = documents.find(connection, file.content_hash, CHUNKER_VERSION)
                if same is not None and kind not in MAIL_TYPES:
                    left = documents.pictures_of(connection, same)
                    documents.put_file(connection, self.root.id, file, same, left)
                elif is_picture(kind):
                    documents.put_container(connection, self.root.id, file, pictures.UNSEEN)
                else:
                    unknown.append(file)
        return unknown

    def _read(self, files: Sequence[FileState], n_files: int, password: str) -> list[FileState]:
        todo = deque(files)
        changing: list[FileState] = []
        members: list[str] = []
        self._committed_at = time.monotonic()
        paths = [self.path(file) for file in files]
        try:
            for outcome in self._outcomes(paths, self._is_unknown, password):
                if isinstance(outcome, MemberOutcome):
                    members.append(outcome.member.inside)
                    self._take_member(todo[0], outcome)
                    continue
                file = todo.popleft()
                now = as_it_is_now(outcome.path, file)
                if now != file:
                    changing += [now] if now else []
                else:
                    if outcome.complete:
                        self._ready.append(_Ended(file.path, tuple(members)))
                    self._take(file, outcome)
                members.clear()
                self._commit_if_due()
                self.job.progress(
                    "Reading files", n_files - len(todo), n_files, "files", outcome.path.name
                )
        finally:
            self._commit()
        return changing

    def _outcomes(
        self,
        paths: Sequence[Path],
        wanted: Callable[[Path, MemberFound], bool],
        password: str,
        parts: Mapping[Path, Part] | None = None,
    ) -> Iterator[MemberOutcome | FileOutcome]:
        """What comes of files; the job may be stopped between any two."""
        at = deque(paths)
        for outcome in self.extractor.extract_many(
            paths,
            lambda member: wanted(at[0], member),
            ocr=self._level,
            password=password,
            preprocessing=self.looking.preprocessing,
            parts=parts,
        ):
            self.job.checkpoint()
            if isinstance(outcome, FileOutcome):
                at.popleft()
            if not isinstance(outcome, StillReading):
                yield outcome

    def _is_unknown(self, _: Path, member: MemberFound) -> bool:
        """Whether a member must be read; equal content is one document wherever it lies."""
        if not self._at_pictures and is_picture(media_type(member.inside) or ""):
            return False
        if not member.content_hash:
            return True
        if member.content_hash in self._coming:
            return False
        with self.library.read() as connection:
            return documents.find(connection, member.content_hash, CHUNKER_VERSION) is None

    def _take_member(self, file: FileState, outcome: MemberOutcome) -> None:
        member = outcome.member
        state = FileState(file.path, member.size, file.mtime_ns, member.content_hash, member.inside)
        self._take(state, outcome)
        self._commit_if_due()

    def _take(self, file: FileState, outcome: MemberOutcome | FileOutcome) -> None:
        if isinstance(outcome.outcome, Extracted):
            self._coming.add(file.content_hash)
        self._ready.append(
            _Read(file, outcome.outcome, outcome.cut, outcome.unread_pictures, outcome.sight)
        )

    def _give_up(self, one: _Waiting) -> None:
        """Do not wait for ever for pictures that cannot be reached."""
        with self.library.write() as connection:
            for member in one.members - one.told:
                documents.pictures_done(connection, self.root.id, one.file.path, member, "")

    def _commit_if_due(self) -> None:
        if (
            len(self._ready) >= _FILES_A_COMMIT
            or time.monotonic() - self._committed_at > _COMMIT_EVERY_S
        ):
            self._commit()
            self.after_commit()
            self._committed_at = time.monotonic()

    def _commit(self) -> None:
        sights = {read.file.content_hash: read.sight for read in self._seen() if read.sight}
        if sights:
            self.looking.keep(sights)
        with self.library.write() as connection:
            for read in self._ready:
                if isinstance(read, _Ended):
                    documents.keep_members(
                        connection, self.root.id, read.path, read.members, self._holds_pictures
                    )
                    continue
                if isinstance(read, _LookedInside):
                    inside.looked(connection, self.root.id, read.path, read.holder, read.members)
                    continue
                if read.file.inside:
                    documents.put_begun(connection, self.root.id, read.file.path)
                self._store(connection, read)
        self._ready.clear()
        self._coming.clear()

    def _seen(self) -> list[_Read]:
        return [read for read in self._ready if isinstance(read, _Read)]

    def _store(self, connection: Connection, read: _Read) -> None:
        """Store one file: as a document, as a holder of others, or as one that failed."""
        root_id, file = self.root.id, read.file
        left: str = self._level if read.unread_pictures else ""
        has_picture = is_picture(media_type(file.inside or self.path(file)) or "")
        found = documents.find(connection, file.content_hash, CHUNKER_VERSION)
        match read.outcome:
            case None if found is not None:
                left = documents.pictures_of(connection, found) if self._level == "off" else ""
                documents.put_file(connection, root_id, file, found, left)
            case None:
                later = pictures.UNSEEN if has_picture and not self._at_pictures else ""
                documents.put_container(connection, root_id, file, later)
            case Extracted(picture=shown, text="") if shown and found is not None:
                # What was read in it before stays, and so do its passages where none was.
                if self._level == "off":
                    left = documents.pictures_of(connection, found)
                pictures.put(connection, found, shown)
                documents.put_file(connection, root_id, file, found, left)
            case Extracted(text=text, picture=shown) as extracted if shown or text.strip():
                if found is None or self._level != "off":
                    found = documents.put(
                        connection, file.content_hash, extracted, read.cut, CHUNKER_VERSION
                    )
                documents.put_file(connection, root_id, file, found, left)
            case Extracted() if left and left != self.ocr:
                documents.put_container(connection, root_id, file, left)
            case Extracted():
                self._fail(connection, file, *_no_text(self.ocr if left else None), left)
            case EngineError() as error:
                hint = " ".join(part for part in (error.message, error.hint) if part)
                self._fail(connection, file, error.title, hint, "")

    def _fail(
        self,
        connection: Connection,
        file: FileState,
        reason: str,
        hint: str,
        pictures: str,
    ) -> None:
        """Store a failure; a document whose pictures alone could not be read stays."""
        self.tally.failed += 1
        kept = documents.document_at(connection, self.root.id, file)
        if kept is not None and self._at_pictures:
            documents.pictures_done(connection, self.root.id, file.path, file.inside, pictures)
        else:
            documents.put_failure(connection, self.root.id, file, reason, hint, pictures)

    def _holds_pictures(self, name: str) -> bool:
        return holds_pictures(self.root.path if name == "." else name)

    def path(self, file: FileState) -> Path:
        """Where a file of the root lies."""
        base = Path(self.root.path)
        return base if file.path == "." else base / file.path


def _waits(one: _Waiting, member: MemberFound) -> bool:
    return member.inside in one.members or inside.holder_of(member.inside) in one.due


def _no_text(left_at: OcrLevel | None) -> tuple[str, str]:
    hint = _PICTURES_LEFT[left_at] if left_at else ""
    return "No text found", f"There is no text in it to search for. {hint}".strip()
