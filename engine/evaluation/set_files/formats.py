"""Writes and reads evaluation sets in any of their formats: whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from engine.errors import InvalidInput, NotFound, StorageFull
from engine.evaluation.line_file import Problems
from engine.evaluation.set_files import (
    beir_folder,
    companion,
    csv_file,
    jsonl_file,
    trec_folder,
)
from engine.evaluation.set_files.gathered import Gathered
from engine.evaluation_records import SetFormat
from engine.storage.evalset_record import SetRecord

_HINT = (
    "A set is a BEIR folder, a TREC folder with NAME.qrels and topics.tsv, or a JSONL or CSV file"
    " as they are exported. Nothing was imported."
)


def write_set(record: SetRecord, path: Path, form: SetFormat, rater: str | None) -> None:
    """Write a set; a file is replaced, a folder must be empty or not be there.

    Raises:
        InvalidInput: it cannot be written there.
        StorageFull: the disk is full. Nothing is left of it.
    """
    with _whole(path) as part:
        match form:
            case "beir":
                _write_folder(part, beir_folder.written(record))
            case "trec":
                _write_folder(part, trec_folder.written(record))
            case "jsonl":
                _write_file(part, jsonl_file.written(record))
            case "csv":
                _write_file(part, csv_file.written(record, rater))


def write_file(path: Path, pieces: Iterator[bytes]) -> None:
    """Write one file, in the place of what is there; raises as `write_set` does."""
    with _whole(path) as part:
        _write_file(part, pieces)


def read_set(path: Path) -> SetRecord:
    """Read a set in whatever format it is.

    Raises:
        NotFound: there is nothing at this path.
        InvalidInput: it is no set, or something is wrong; the message names files and lines.
    """
    gathered = Gathered(Problems("The set cannot be read", _HINT))
    match guess_format(path):
        case "beir":
            return beir_folder.read(path, gathered)
        case "trec":
            return trec_folder.read(path, gathered)
        case "jsonl":
            return jsonl_file.read(path, gathered)
        case "csv":
            return csv_file.read(path, gathered)


def guess_format(path: Path) -> SetFormat:
    """What a set was written as, from what is there; raises NotFound, InvalidInput."""
    try:
        if path.is_dir():
            found = _guess_folder(path)
            if found is None:
                raise InvalidInput("Not a set", f"{path} holds no evaluation set.", _HINT)
            return found
        if path.exists() and not path.is_file():
            raise InvalidInput("Not a set", f"{path} is neither a file nor a folder.", _HINT)
        with path.open("rb") as file:
            begin = file.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()
    except FileNotFoundError as error:
        raise NotFound("Nothing there", f"There is nothing at {path}.", _HINT) from error
    except OSError as error:
        told = f"{path} cannot be opened ({error.strerror})."
        raise InvalidInput("The set cannot be read", told, _HINT) from error
    return "jsonl" if begin.startswith(b"{") else "csv"


def _guess_folder(path: Path) -> SetFormat | None:
    told = companion.read(path, Problems("The set cannot be read", _HINT))
    if told is not None:
        return told.layout
    if (path / "corpus.jsonl").exists() and (path / "queries.jsonl").exists():
        return "beir"
    return "trec" if trec_folder.qrels_files(path) else None


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Where to write to: it takes the place of `path` once all is written, else goes."""
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        if part.is_dir() and path.is_dir():
            path.rmdir()
        os.replace(part, path)
    except OSError as error:
        raise _not_written(path, error) from error
    finally:
        _take_away(part)


def _write_folder(folder: Path, files: Iterator[tuple[str, Iterator[bytes]]]) -> None:
    folder.mkdir()
    for name, pieces in files:
        (folder / name).parent.mkdir(exist_ok=True)
        _write_file(folder / name, pieces)


def _write_file(path: Path, pieces: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())


def _take_away(part: Path) -> None:
    with contextlib.suppress(OSError):
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink(missing_ok=True)


def _not_written(path: Path, error: OSError) -> InvalidInput | StorageFull:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            "The disk is full",
            f"It could not all be written to {path}; nothing is left of it.",
            "Free some space, or write it to another disk.",
        )
    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
        return InvalidInput(
            "The folder is not empty",
            f"There is something in {path} already.",
            "Choose a new folder. Nothing was written.",
        )
    return InvalidInput(
        "It cannot be written",
        f"{path}: {error.strerror or error}.",
        "Choose another place. Nothing was written.",
    )
