"""From files on disk to documents and chunks in library.db: scan, extract, chunk, commit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.errors import InvalidInput
from engine.ingest.changing import KEEPS_CHANGING, TRIES, WAIT_S, as_it_is_now
from engine.ingest.chunk import CHUNKER_VERSION, Chunker
from engine.ingest.cut import cut
from engine.ingest.extract import Extractor, FileOutcome
from engine.ingest.intake import Intake, Looking
from engine.ingest.look import Tally, look
from engine.ingest.order import reading_order
from engine.ingest.scan import Rules, Unreadable, hashed
from engine.jobs.job import Job
from engine.records import DatasetDocument, Extracted, OcrLevel, Root
from engine.storage import documents
from engine.storage.database import Database
from engine.storage.documents import FileState

_RECUT_A_COMMIT = 200


def ingest_root(
    library: Database,
    root: Root,
    extractor: Extractor,
    job: Job,
    after_commit: Callable[[], None],
    tally: Tally,
    *,
    ocr: OcrLevel = "off",
    rules: Rules,
    retry_failed: bool,
) -> None:
    """Bring a folder root up to date, counting in `tally`; `after_commit` follows every commit.

    Pictures are only noted, to be read after all else (`Intake.read_pictures`). A cancelled or
    killed run keeps what it committed, and the next one goes on from there. Raises NotFound where
    the root is away; nothing is forgotten then.
    """
    with library.read() as connection:
        known = documents.files_of_root(connection, root.id)
        again = documents.stale_files(connection, root.id, CHUNKER_VERSION, retry_failed)
    found = look(root, known, job, tally, rules)
    with library.write() as connection:
        for old_path, file in found.moved:
            documents.move_file(connection, root.id, old_path, file)
        for file, reason, hint in found.unreadable:
            documents.put_failure(connection, root.id, file, reason, hint)
        documents.remove_files(connection, root.id, found.removed)
    after_commit()
    to_read = {file.path: file for file in again if file.content_hash}
    to_read |= {file.path: file for file in found.to_read}
    for path in found.removed:
        to_read.pop(path, None)
    intake = Intake(library, root, extractor, job, after_commit, tally, ocr)
    changing = reading_order(to_read.values())
    for tries_left in reversed(range(TRIES)):
        changing = intake.read(changing)
        if changing:
            changing = _look_again(library, root, known, changing, job, tally, rules, tries_left)
    with library.write() as connection:
        documents.remove_orphans(connection)
    after_commit()


def read_again(intake: Intake, paths: Collection[str], password: str, rules: Rules) -> None:
    """Read files that failed, or hold what failed, once more; those that are gone are left."""
    library, root = intake.library, intake.root
    with library.read() as connection:
        known = documents.files_of_root(connection, root.id)
    files = []
    for path in paths:
        now = as_it_is_now(intake.path(known[path]), known[path]) if path in known else None
        if now is None:
            continue
        found = hashed(Path(root.path), now, intake.job.checkpoint, rules)
        if isinstance(found, FileState):
            files.append(found)
            continue
        intake.tally.failed += 1
        with library.write() as connection:
            documents.put_failure(connection, root.id, found.file, found.reason, found.hint)
    intake.tally.changed += len(files)
    intake.read_again(files, password)


def read_dataset_pictures(
    folder: Path,
    dataset: Sequence[DatasetDocument],
    extractor: Extractor,
    looking: Looking,
    job: Job,
) -> dict[str, tuple[str, Extracted]]:
    """Look at a dataset's pictures: content hash and content by document id.

    Their sights are kept; text in them is not read. Raises InvalidInput where one cannot be read.
    """
    shown = [document for document in dataset if document.image]
    outcomes = extractor.extract_many(
        [folder / document.image for document in shown], preprocessing=looking.preprocessing
    )
    read: dict[str, tuple[str, Extracted]] = {}
    for outcome in outcomes:
        job.checkpoint()
        if not isinstance(outcome, FileOutcome):
            continue
        document = shown[len(read)]
        if not isinstance(outcome.outcome, Extracted) or outcome.sight is None:
            raise InvalidInput(
                "The dataset cannot be read",
                f"{document.image} is no picture, or damaged.",
                "Mend it or take it out. Nothing was imported.",
            )
        key = hashlib.sha256(outcome.path.read_bytes()).hexdigest()
        looking.keep({key: outcome.sight})
        read[document.id] = (
            key,
            replace(
                outcome.outcome,
                title=document.title,
                text=document.text,
                created_at=None,
                details={},
            ),
        )
        job.progress("Looking at pictures", len(read), len(shown), "pictures")
    return read


def ingest_dataset(
    library: Database,
    root_id: int,
    dataset: Sequence[DatasetDocument],
    chunker: Chunker,
    job: Job,
    pictures: Mapping[str, tuple[str, Extracted]] | None = None,
) -> None:
    """Store a dataset's documents under its root; call it inside the transaction that adds it.

    `pictures` are content hash and content of those that are pictures, by document id.
    """
    for done, document in enumerate(dataset, start=1):
        job.checkpoint()
        job.progress("Reading the dataset", done, len(dataset), "documents")
        text = document.text or document.title
        if pictures and document.id in pictures:
            key, extracted = pictures[document.id]
        else:
            key = hashlib.sha256(f"{document.title}\0{text}".encode()).hexdigest()
            extracted = Extracted(document.title, text, "text/plain")
        file = FileState(document.id, len(text.encode()), int(time.time_ns()), key)
        with library.write() as connection:
            found = documents.find(connection, key, CHUNKER_VERSION)
            if found is None:
                found = documents.put(
                    connection, key, extracted, cut(chunker, extracted), CHUNKER_VERSION
                )
            documents.put_file(connection, root_id, file, found)


def recut_datasets(library: Database, chunker: Chunker, job: Job) -> None:
    """Cut the documents of datasets anew where an older chunker cut them."""
    with library.read() as connection:
        stale = documents.stale_in_datasets(connection, CHUNKER_VERSION)
    for begin in range(0, len(stale), _RECUT_A_COMMIT):
        job.checkpoint()
        job.progress("Cutting datasets anew", begin, len(stale), "documents")
        with library.write() as connection:
            for document_id in stale[begin : begin + _RECUT_A_COMMIT]:
                old = documents.load(connection, document_id)
                new = Extracted(old.title, old.text, old.media_type, picture=old.picture)
                key = old.content_hash
                documents.put(connection, key, new, cut(chunker, new), CHUNKER_VERSION)


def _look_again(
    library: Database,
    root: Root,
    known: Mapping[str, FileState],
    files: Sequence[FileState],
    job: Job,
    tally: Tally,
    rules: Rules,
    tries_left: int,
) -> list[FileState]:
    """Files that changed while they were read, ready to be read again after a while, if ever."""
    if tries_left:
        job.rest(WAIT_S)
        outcomes = [hashed(Path(root.path), file, job.checkpoint, rules) for file in files]
    else:
        tally.left.update(documents.absolute(root.path, file.path) for file in files)
        # What was read of it before says more than a failure.
        unread = [f for f in files if f.path not in known or not known[f.path].content_hash]
        outcomes = [Unreadable(file, *KEEPS_CHANGING) for file in unread]
    with library.write() as connection:
        for outcome in outcomes:
            if isinstance(outcome, Unreadable):
                tally.failed += 1
                documents.put_failure(
                    connection, root.id, outcome.file, outcome.reason, outcome.hint
                )
    return [outcome for outcome in outcomes if isinstance(outcome, FileState)]
