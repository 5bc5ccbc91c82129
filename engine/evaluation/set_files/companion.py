"""`set.json`, which lies beside the files of a folder and says what they have no place for.

That is the set's name, guideline and scale, whether ids are percent-encoded, the names of splits
that cannot be those of files, where queries come from, and splits that hold no grade of a query.
A folder that another program wrote has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import InvalidInput
from engine.evaluation.line_file import LONGEST_LINE, Problems, decoded
from engine.evaluation.set_files.gathered import About
from engine.evaluation_records import QueryOrigin
from engine.storage.evalset_record import SetRecord

NAME = "set.json"
FORMAT = 1
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}(?<!\.)")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


class Companion(msgspec.Struct, frozen=True):
    """What stands in `set.json`."""

    format: int
    layout: Literal["beir", "trec"]
    name: str = ""
    guideline: str = ""
    scale: tuple[str, ...] = ()
    dataset: bool | None = None
    version: int | None = None
    percent_encoded: bool = False
    """Ids, and texts in columns."""
    files: dict[str, str] = {}
    """Name of a split by its file's, without ending, where they differ."""
    origins: dict[str, QueryOrigin] = {}
    """By query id, where it is not `imported`."""
    splits: dict[str, tuple[str, ...]] = {}
    """By query id, where they are not those in which it has grades."""

    @property
    def about(self) -> About:
        """The set as a whole."""
        return About(self.name, self.guideline, self.scale, self.dataset, self.version)


def companion_of(
    record: SetRecord, layout: Literal["beir", "trec"], *, percent_encoded: bool
) -> Companion:
    """What a set's files of one layout do not say."""
    graded: dict[str, set[str]] = {}
    for grade in record.grades:
        graded.setdefault(grade.query_id, set()).add(grade.split)
    stems = file_stems(grade.split for grade in record.grades)
    return Companion(
        format=FORMAT,
        layout=layout,
        name=record.name,
        guideline=record.guideline,
        scale=record.scale,
        dataset=record.dataset,
        version=record.version,
        percent_encoded=percent_encoded,
        files={stem: split for split, stem in stems.items() if stem != split},
        origins={query.id: query.origin for query in record.queries if query.origin != "imported"},
        splits={
            query.id: query.splits
            for query in record.queries
            if set(query.splits) != graded.get(query.id, set())
        },
    )


def file_stems(splits: Iterable[str]) -> Mapping[str, str]:
    """By split, a file name without ending that every file system can have, no two the same."""
    names = sorted(set(splits))
    taken: set[str] = set()
    stems = {}
    for split in names:
        sound = _FILE_NAME.fullmatch(split) and not _RESERVED.fullmatch(split)
        if sound and split.casefold() not in taken:
            stems[split] = split
            taken.add(split.casefold())
    number = 0
    for split in names:
        if split not in stems:
            number += 1
            while f"split-{number}" in taken:
                number += 1
            stems[split] = f"split-{number}"
    return stems


def written(companion: Companion) -> bytes:
    """The file."""
    return msgspec.json.format(msgspec.json.encode(companion), indent=2) + b"\n"


def read(folder: Path, problems: Problems) -> Companion | None:
    """A folder's `set.json`; None where there is none. Raises InvalidInput."""
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST_LINE)
    except OSError as error:
        problems.add(NAME, None, f"it cannot be opened ({error.strerror})")
        raw = b"{}"
    found = decoded(msgspec.json.Decoder(Companion), raw, NAME, None, problems)
    problems.raise_any()
    if found is not None and found.format > FORMAT:
        raise InvalidInput(
            "A newer format",
            f"{path} was written by a newer version of the program.",
            "Export it there as JSONL or CSV, or use the newer version.",
        )
    return found
