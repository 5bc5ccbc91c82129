"""Frozen versions of evaluation sets: what was frozen never changes, and its hash tells so."""

from __future__ import annotations

import re
import time
import zlib
from hashlib import sha256
from sqlite3 import Connection

import msgspec

from engine.errors import InvalidInput, LibraryUnreadable, NotEnoughData, NotFound
from engine.evaluation_records import SetVersion
from engine.storage import evalset_queries, evalsets, judgments
from engine.storage.evalset import EvalSet


class Content(msgspec.Struct, frozen=True):
    """What measures of a set depend on."""

    scale: tuple[str, ...]
    queries: dict[str, str]
    """Text by query id."""
    splits: dict[str, list[str]]
    """Query ids by split, sorted."""
    qrels: dict[str, dict[str, dict[str, int]]]
    """By split, query id and document, the grade in force."""


def content(connection: Connection, evalset: EvalSet) -> Content:
    """A set's content as it stands."""
    queries = evalset_queries.every(connection, evalset.id)
    splits: dict[str, list[str]] = {}
    for query in queries:
        for split in query.splits:
            splits.setdefault(split, []).append(query.id)
    return Content(
        scale=evalset.scale,
        queries={query.id: query.text for query in queries},
        splits={split: sorted(ids) for split, ids in splits.items()},
        qrels={split: judgments.grades(connection, evalset.id, split) for split in splits},
    )


def canonical(frozen: Content) -> bytes:
    """The bytes that are hashed: JSON without blanks, keys sorted."""
    return msgspec.json.encode(frozen, order="deterministic")


def freeze(connection: Connection, evalset: EvalSet, note: str) -> SetVersion:
    """Make a version.

    Raises NotEnoughData where nothing is judged, InvalidInput where nothing has changed.
    """
    frozen = content(connection, evalset)
    n_judgments = sum(len(of) for qrels in frozen.qrels.values() for of in qrels.values())
    if not n_judgments:
        raise NotEnoughData(
            "Nothing to freeze",
            f"Nothing in “{evalset.name}” is judged yet.",
            "Judge some results first.",
        )
    body = canonical(frozen)
    digest = sha256(body).hexdigest()
    present = every(connection, evalset.id)
    if present and present[-1].sha256 == digest:
        raise InvalidInput(
            "Nothing has changed",
            f"“{evalset.name}” is as it was frozen in version {present[-1].number}.",
            f"Use {evalset.name}@{present[-1].number}.",
        )
    version = SetVersion(
        number=present[-1].number + 1 if present else 1,
        frozen_at=time.time(),
        note=note.strip(),
        n_queries=len(frozen.queries),
        n_judgments=n_judgments,
        sha256=digest,
    )
    connection.execute(
        "INSERT INTO evalset_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            evalset.id,
            version.number,
            version.frozen_at,
            version.note,
            version.n_queries,
            version.n_judgments,
            version.sha256,
            zlib.compress(body),
        ),
    )
    return version


def every(connection: Connection, set_id: int) -> tuple[SetVersion, ...]:
    """A set's versions, the newest last."""
    rows = connection.execute(
        "SELECT number, frozen_at, note, n_queries, n_judgments, sha256 FROM evalset_versions"
        " WHERE evalset_id = ? ORDER BY number",
        (set_id,),
    )
    return tuple(SetVersion(*row) for row in rows)


def named(connection: Connection, name: str) -> tuple[EvalSet, int | None]:
    """A set and the version that `name@3` asks for; None is the set as it stands.

    Raises NotFound.
    """
    match = re.fullmatch(r"(.+)@([0-9]{1,9})", name)
    if match is None:
        return evalsets.find(connection, name), None
    return evalsets.find(connection, match[1]), int(match[2])


def load(connection: Connection, evalset: EvalSet, number: int) -> Content:
    """What was frozen; raises NotFound, LibraryUnreadable where it is not what it was."""
    row = connection.execute(
        "SELECT content, sha256 FROM evalset_versions WHERE evalset_id = ? AND number = ?",
        (evalset.id, number),
    ).fetchone()
    if row is None:
        known = ", ".join(str(each.number) for each in every(connection, evalset.id)) or "none yet"
        raise NotFound(
            "No such version",
            f"“{evalset.name}” has no version {number}; it has: {known}.",
            "Freeze one with `evalset freeze`.",
        )
    try:
        body = zlib.decompress(row["content"])
    except zlib.error:
        body = b""
    if sha256(body).hexdigest() != row["sha256"]:
        raise LibraryUnreadable(
            "A frozen version is damaged",
            f"Version {number} of “{evalset.name}” is not what was frozen.",
            "Put back a backup from before.",
        )
    return msgspec.json.decode(body, type=Content)


def unchanged_since(connection: Connection, evalset: EvalSet) -> int | None:
    """The newest version's number, if the set is still as it was frozen."""
    newest = every(connection, evalset.id)[-1:]
    for version in newest:
        if sha256(canonical(content(connection, evalset))).hexdigest() == version.sha256:
            return version.number
    return None
