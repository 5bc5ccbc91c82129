"""Captions and tags that the user gave to pictures: an append-only log of steps that can be undone.

Like a label, what is said of a picture is kept by its content hash, so it outlives moving,
re-indexing and deleting it. An event holds all that is said of one picture from then on; those of
one request are one step.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from sqlite3 import Connection, Row

import msgspec

from engine.errors import InvalidInput, NotFound

MOST_TAGS = 50
LONGEST_CAPTION = 1000
"""Characters."""
_LONGEST_TAG = 100


@dataclass(frozen=True, slots=True)
class Said:
    """What the user says of a picture."""

    caption: str = ""
    tags: tuple[str, ...] = ()


NOTHING_SAID = Said()


@dataclass(frozen=True, slots=True)
class Description:
    """What is to be said of pictures from now on."""

    caption: str | None = None
    """None leaves each as it is; empty takes it away."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one request said of one or many pictures."""

    number: int
    after_event: int
    """The newest relevance event when it was written."""


def describe(
    connection: Connection, document_ids: Sequence[int], description: Description, after_event: int
) -> tuple[int, ...]:
    """Say something of pictures in one step; returns the documents of which that was new.

    Raises NotFound, InvalidInput where a document is no picture, or too much is said.
    """
    wanted = _cleaned(description)
    hashes = _pictures(connection, document_ids)
    before = in_force(connection, list(hashes.values()))
    newest_step = connection.execute("SELECT ifnull(max(step), 0) FROM caption_events").fetchone()
    changed: list[int] = []
    for document_id, content_hash in hashes.items():
        old = before.get(content_hash, NOTHING_SAID)
        new = _described(old, wanted)
        if new == old:
            continue
        if not changed:
            forget_undone(connection)
        changed.append(document_id)
        connection.execute(
            "INSERT INTO caption_events (step, after_event, content_hash, caption, tags, at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                newest_step[0] + 1,
                after_event,
                content_hash,
                new.caption,
                _json(new.tags),
                time.time(),
            ),
        )
    return tuple(changed)


def in_force(connection: Connection, hashes: Sequence[str]) -> dict[str, Said]:
    """What is said of pictures, by content hash; of which nothing ever was is absent."""
    rows = connection.execute(
        "SELECT content_hash, caption, tags FROM captions"
        " WHERE content_hash IN (SELECT value FROM json_each(?))",
        (_json(hashes),),
    )
    return {row["content_hash"]: _said(row) for row in rows}


def tags_of_user(stored: str | None) -> list[str]:
    """Tags as they are stored."""
    return msgspec.json.decode(stored, type=list[str]) if stored else []


def newest(connection: Connection) -> Step | None:
    """The step that would be undone next."""
    return _step(
        connection.execute(
            "SELECT step, after_event FROM caption_events WHERE undone = 0 ORDER BY id DESC LIMIT 1"
        ).fetchone()
    )


def first_undone(connection: Connection) -> Step | None:
    """The step that would be redone next."""
    return _step(
        connection.execute(
            "SELECT step, after_event FROM caption_events WHERE undone = 1 ORDER BY id LIMIT 1"
        ).fetchone()
    )


def set_undone(connection: Connection, step: Step, *, undone: bool) -> None:
    """Take a step back, or do it again."""
    connection.execute(
        "UPDATE caption_events SET undone = ? WHERE step = ? AND undone = ?",
        (undone, step.number, not undone),
    )


def forget_undone(connection: Connection) -> None:
    """Nothing that was undone can be redone any more."""
    connection.execute("UPDATE caption_events SET undone = 2 WHERE undone = 1")


def documents_of(connection: Connection, step: Step) -> tuple[int, ...]:
    """The documents of the library of which a step says something."""
    rows = connection.execute(
        "SELECT documents.id FROM caption_events JOIN documents USING (content_hash)"
        " WHERE step = ? ORDER BY documents.id",
        (step.number,),
    )
    return tuple(row[0] for row in rows)


def in_words(connection: Connection, step: Step | None) -> str:
    """What a step changed: `caption on “beach.jpg”`, `2 tags on 14 pictures`."""
    if step is None:
        return ""
    tags: set[str] = set()
    written = removed = False
    events = connection.execute(
        "SELECT content_hash, caption, tags, (SELECT max(id) FROM caption_events AS earlier"
        " WHERE content_hash = event.content_hash AND id < event.id AND undone = 0) AS before"
        " FROM caption_events AS event WHERE step = ?",
        (step.number,),
    ).fetchall()
    earlier = _events(connection, [row["before"] for row in events if row["before"]])
    for row in events:
        new, old = _said(row), earlier.get(row["before"], NOTHING_SAID)
        tags |= set(new.tags) ^ set(old.tags)
        written |= new.caption != old.caption and new.caption != ""
        removed |= new.caption != old.caption and new.caption == ""
    caption = "caption" if written else "removed caption" if removed else ""
    labels = f"{len(tags)} tag{'s' * (len(tags) != 1)}" if tags else ""
    what = " and ".join(part for part in (caption, labels) if part)
    if len(events) > 1:
        return f"{what} on {len(events):,} pictures"
    return f"{what} on {_name(connection, events[0]['content_hash'])}"


def _pictures(connection: Connection, document_ids: Sequence[int]) -> dict[int, str]:
    """Content hashes by document, in the order asked for, each once."""
    rows = connection.execute(
        "SELECT id, content_hash, document_id IS NOT NULL FROM documents"
        " LEFT JOIN pictures ON document_id = id WHERE id IN (SELECT value FROM json_each(?))",
        (_json(document_ids),),
    )
    found = {number: (content_hash, bool(picture)) for number, content_hash, picture in rows}
    gone = [number for number in document_ids if number not in found]
    if gone:
        raise NotFound(
            "The picture is gone",
            "It left the library before it was described. Nothing was changed.",
            "Search again.",
        )
    if not all(picture for _, picture in found.values()):
        raise InvalidInput(
            "Not a picture",
            "Captions and tags are for pictures; among these is another document."
            " Nothing was changed.",
            "Choose pictures alone.",
        )
    return {number: found[number][0] for number in dict.fromkeys(document_ids)}


def _cleaned(description: Description) -> Description:
    caption = description.caption
    if caption is not None:
        caption = _clean(caption).strip()
        if len(caption) > LONGEST_CAPTION:
            raise InvalidInput(
                "The caption is too long",
                f"It has {len(caption):,} characters, {LONGEST_CAPTION:,} are possible.",
                "Make it shorter.",
            )
    add, remove = (
        tuple(tag for given in tags if (tag := " ".join(_clean(given).split())))
        for tags in (description.add_tags, description.remove_tags)
    )
    if any(len(tag) > _LONGEST_TAG for tag in add):
        raise InvalidInput(
            "The tag is too long",
            f"A tag may have {_LONGEST_TAG} characters.",
            "Make it shorter, or write it as the caption.",
        )
    return Description(caption, add, remove)


def _described(old: Said, wanted: Description) -> Said:
    without = {tag.casefold() for tag in wanted.remove_tags}
    tags = {tag.casefold(): tag for tag in old.tags if tag.casefold() not in without}
    for tag in wanted.add_tags:
        tags.setdefault(tag.casefold(), tag)
    if len(tags) > max(MOST_TAGS, len(old.tags)):
        raise InvalidInput(
            "Too many tags",
            f"A picture may have {MOST_TAGS} tags. Nothing was changed.",
            "Remove some first.",
        )
    return Said(old.caption if wanted.caption is None else wanted.caption, tuple(tags.values()))


def _clean(text: str) -> str:
    """Without what cannot be stored: NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _events(connection: Connection, numbers: Sequence[int]) -> dict[int, Said]:
    rows = connection.execute(
        "SELECT id, caption, tags FROM caption_events WHERE id IN (SELECT value FROM json_each(?))",
        (_json(numbers),),
    )
    return {row["id"]: _said(row) for row in rows}


def _name(connection: Connection, content_hash: str) -> str:
    """A picture's file name, while it is in the library."""
    row = connection.execute(
        "SELECT iif(inside != '', inside, iif(files.path = '.', roots.path, files.path))"
        " FROM files JOIN roots ON roots.id = root_id WHERE content_hash = ?"
        " ORDER BY inside != '', mtime_ns DESC, files.id",
        (content_hash,),
    ).fetchone()
    return f"“{PurePosixPath(row[0].replace(chr(92), '/')).name}”" if row else "a picture"


def _step(row: Row | None) -> Step | None:
    return None if row is None else Step(row["step"], row["after_event"])


def _said(row: Row) -> Said:
    return Said(row["caption"], msgspec.json.decode(row["tags"], type=tuple[str, ...]))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
