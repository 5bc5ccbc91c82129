"""The extractor worker: reads untrusted files, one after the other, in a process of its own.

`python -m engine.ingest.extractor_worker`; `engine.ingest.extract` is its parent. Answers come in
the order of the questions. A crash here costs one file.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from engine.errors import InvalidInput
from engine.ingest.decoding import clean, decode
from engine.ingest.html_text import read_html
from engine.ingest.mail_text import read_mail
from engine.ingest.media_types import HTML, MAIL, PDF, is_parsed, media_type
from engine.ingest.titles import title_of
from engine.jobs.worker import Parent, WorkerError
from engine.records import Extracted

MAX_CHARACTERS = 20_000_000
"""Of a document's text: ten thousand pages."""


class ReadFile(msgspec.Struct, frozen=True, tag=True):
    """The parent's question."""

    path: bytes
    """As the file system spells it."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """Said once, when the worker has started."""


class FileRead(msgspec.Struct, frozen=True, tag=True):
    """The answer."""

    extracted: Extracted


Answer = Ready | FileRead | WorkerError


def read_file(path: Path) -> Extracted:
    """Read one file; raises InvalidInput with a reason for people."""
    kind = media_type(path)
    if kind is None:
        raise InvalidInput("Not a supported type", "Files of this type are not read yet.")
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InvalidInput("Gone", "It was moved or deleted while it was being read.") from error
    except OSError as error:
        raise InvalidInput(
            "Cannot be opened",
            f"The system refused to open it ({error.strerror}).",
            "Check that you are allowed to read it and that no other program keeps it locked.",
        ) from error
    extracted = _extracted(path, kind, data)
    if len(extracted.text) > MAX_CHARACTERS:
        raise _too_much_text()
    if not extracted.text or extracted.text.isspace():
        hint = "It may be a scan; text in pictures is not read." if kind == PDF else ""
        raise InvalidInput("No text found", "There is no text in it to search for.", hint)
    return extracted


def _extracted(path: Path, kind: str, data: bytes) -> Extracted:
    if is_parsed(kind):
        # Loaded for the first document that needs it: it is the slow part of starting.
        from engine.ingest.parsed_text import parse

        parsed = parse(data, kind)
        title = title_of(path, kind, parsed.text, parsed.title)
        return Extracted(title, parsed.text, kind, parsed.pages)
    if len(data) > 4 * MAX_CHARACTERS:
        raise _too_much_text()
    declared = heading = ""
    if kind == HTML:
        page = read_html(data)
        declared, heading, text = page.title, page.heading, page.text
    elif kind == MAIL:
        declared, text = read_mail(data)
    else:
        text = decode(data)
    text = clean(text)
    return Extracted(title_of(path, kind, text, declared, heading), text, kind)


def _too_much_text() -> InvalidInput:
    return InvalidInput(
        "Too much text",
        f"It holds more than {MAX_CHARACTERS // 1_000_000} million characters.",
        "Split it into smaller files.",
    )


def _answer(path: Path) -> FileRead | WorkerError:
    """Read a file and survive whatever it does to a parser."""
    try:
        return FileRead(read_file(path))
    except InvalidInput as error:
        return WorkerError.of(error)
    except MemoryError:
        return WorkerError("Out of memory", "It needed more memory than it is allowed.")
    except (KeyboardInterrupt, SystemExit):
        raise
    # A panic of a Rust parser is no Exception.
    except BaseException:  # noqa: BLE001
        return WorkerError(
            "Damaged",
            "Its content could not be understood.",
            "Open it with the program that made it, and save it again.",
        )


def main() -> None:
    """Answer until the parent is gone."""
    parent: Parent[ReadFile] = Parent(ReadFile)
    parent.send(Ready())
    while True:
        parent.send(_answer(Path(os.fsdecode(parent.receive().path))))


if __name__ == "__main__":
    main()
