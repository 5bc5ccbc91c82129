"""Judgments and feedback: an append-only log of events that can be undone and redone.

Captions and tags of pictures stand in the same line of time: undoing takes back the newest of all.
A label names its document by content hash, so it outlives moving, re-chunking and deleting; it
keeps the text that was shown, so it can train a model after the file is gone. A judgment that was
given from the search page into an evaluation set is an event here too, for the line of time is one,
but no label: it counts in its set alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from sqlite3 import Connection, Row
from typing import Literal

import msgspec

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import GivenJudgment
from engine.records import Label, LabelState
from engine.storage import captions, evalset_documents, evalset_queries, evalsets, judgments
from engine.storage.captions import Description, Step
from engine.storage.evalset import EvalSet

Kind = Literal["judgment", "feedback"]

_SPLIT_OF_SEARCHES = "test"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change, of labels or of captions."""

    state: LabelState
    described: tuple[int, ...] = ()
    """Documents of which something else is said now."""


@dataclass(frozen=True, slots=True)
class NewLabel:
    """A judgment or a thumb, about to be given."""

    kind: Kind
    query: str
    document_id: int
    value: int | None
    """None takes the label away."""
    text: str
    """The passage that was shown."""
    rank: int | None
    scores: Mapping[str, float]
    model: str
    judgment_id: int | None = None
    """The judgment in an evaluation set that this is; None where it is the user's own label."""


def give(connection: Connection, label: NewLabel) -> LabelState:
    """Record a label; raises NotFound where the document is unknown."""
    document = connection.execute(
        "SELECT content_hash, title, (SELECT path FROM files WHERE document_id = documents.id)"
        " FROM documents WHERE id = ?",
        (label.document_id,),
    ).fetchone()
    if document is None:
        raise NotFound(
            "The document is gone",
            "It left the library before it was judged.",
            "Search again.",
        )
    content_hash, title, path = document
    _forget_undone(connection)
    connection.execute(
        "INSERT INTO relevance_events (kind, query, content_hash, document, title, text, text_hash,"
        " value, rank, scores, model, at, judgment_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            label.kind,
            label.query,
            content_hash,
            path or "",
            title,
            label.text,
            sha256(label.text.encode()).hexdigest(),
            label.value,
            label.rank,
            msgspec.json.encode(label.scores).decode(),
            label.model,
            time.time(),
            label.judgment_id,
        ),
    )
    return _state(connection, label.query, content_hash, label.judgment_id)


def give_in_set(
    connection: Connection, evalset: EvalSet, rater: str, label: NewLabel
) -> LabelState:
    """Record a judgment of a search result in a set, and its query there if it is new.

    Raises NotFound where the document is none of the set's, InvalidInput.
    """
    key = evalset_documents.key_of(connection, evalset, label.document_id)
    if key is None:
        raise NotFound(
            "Not a document of this set",
            f"It is not among the documents that “{evalset.name}” is about.",
            "Choose a set over the whole library.",
        )
    ids = evalset_queries.add_texts(
        connection, evalset.id, [label.query], _SPLIT_OF_SEARCHES, "search"
    )
    if not ids:
        raise InvalidInput("Empty query", "Nothing was searched for.", "Type some words.")
    said = GivenJudgment(ids[0], key, rater, label.value, span_text=label.text)
    judgment_id = judgments.give(connection, evalset, said, "search")
    return give(connection, replace(label, judgment_id=judgment_id))


def describe(
    connection: Connection, document_ids: Sequence[int], description: Description
) -> Outcome:
    """Say something of pictures, see `captions.describe`."""
    described = captions.describe(
        connection, document_ids, description, after_event=last_event(connection)
    )
    if described:
        _forget_undone(connection)
    return _described(connection, document_ids, described)


def undo(connection: Connection) -> Outcome:
    """Take back the newest judgment, thumb or caption that is not undone."""
    return _turn(connection, _next_undo(connection), undone=True)


def redo(connection: Connection) -> Outcome:
    """Give again what was undone last, unless something newer was given since."""
    return _turn(connection, _next_redo(connection), undone=False)


def of_query(
    connection: Connection, query: str, document_ids: Sequence[int]
) -> dict[int, dict[Kind, int]]:
    """The labels in force of one query, by document and kind."""
    marks = ",".join("?" * len(document_ids))
    rows = connection.execute(
        "SELECT documents.id, labels.kind, labels.value FROM labels"
        " JOIN documents ON documents.content_hash = labels.content_hash"
        f" WHERE labels.query = ? AND documents.id IN ({marks})",
        (query, *document_ids),
    )
    found: dict[int, dict[Kind, int]] = {}
    for document_id, kind, value in rows:
        found.setdefault(document_id, {})[kind] = value
    return found


def grades_in_set(
    connection: Connection, name: str, rater: str, query: str, document_ids: Sequence[int]
) -> dict[int, int]:
    """A rater's grades of one query's documents in a set; none where it has no such query."""
    try:
        evalset = evalsets.find(connection, name)
    except NotFound:
        return {}
    same = evalset_queries.same_text(query)
    query_id = next(
        (
            each.id
            for each in evalset_queries.every(connection, evalset.id)
            if evalset_queries.same_text(each.text) == same
        ),
        None,
    )
    found = {}
    for document_id in document_ids if query_id is not None else ():
        key = evalset_documents.key_of(connection, evalset, document_id)
        said = key and judgments.of_pair(connection, evalset.id, query_id or "", key, rater)
        if said and said.grade is not None:
            found[document_id] = said.grade
    return found


def in_force(connection: Connection) -> tuple[Label, ...]:
    """All labels in force, newest first."""
    rows = connection.execute(
        "SELECT labels.*, (SELECT min(id) FROM documents"
        " WHERE content_hash = labels.content_hash) AS document_id"
        " FROM labels ORDER BY id DESC"
    )
    return tuple(_label(row) for row in rows)


def last_event(connection: Connection) -> int:
    """Number of the newest event; 0 where there is none."""
    return int(connection.execute("SELECT ifnull(max(id), 0) FROM relevance_events").fetchone()[0])


def _label(row: Row) -> Label:
    return Label(
        id=row["id"],
        kind=row["kind"],
        query=row["query"],
        document_id=row["document_id"],
        document=row["document"],
        title=row["title"],
        text=row["text"],
        text_hash=row["text_hash"],
        value=row["value"],
        at=row["at"],
        rank=row["rank"],
        scores=msgspec.json.decode(row["scores"], type=dict[str, float]),
        model=row["model"],
    )


def _turn(connection: Connection, event: Row | Step | None, *, undone: bool) -> Outcome:
    if event is None:
        if undone:
            raise NotFound("Nothing to undo", "No judgment, thumb or caption was given yet.")
        raise NotFound("Nothing to redo", "Nothing was undone since the last of them was given.")
    if isinstance(event, Step):
        captions.set_undone(connection, event, undone=undone)
        described = captions.documents_of(connection, event)
        return _described(connection, described, described)
    connection.execute("UPDATE relevance_events SET undone = ? WHERE id = ?", (undone, event["id"]))
    connection.execute(
        "UPDATE judgment_events SET undone = ? WHERE id = ?", (undone, event["judgment_id"])
    )
    return Outcome(_state(connection, event["query"], event["content_hash"], event["judgment_id"]))


def _state(
    connection: Connection, query: str, content_hash: str, judgment_id: int | None
) -> LabelState:
    values = dict(
        connection.execute(
            "SELECT kind, value FROM labels WHERE query = ? AND content_hash = ?",
            (query, content_hash),
        ).fetchall()
    )
    document = connection.execute(
        "SELECT min(id) FROM documents WHERE content_hash = ?", (content_hash,)
    ).fetchone()
    in_set = connection.execute(
        "SELECT name, evalset_id, query_id, document, rater FROM judgment_events"
        " JOIN evalsets ON evalsets.id = evalset_id WHERE judgment_events.id = ?",
        (judgment_id,),
    ).fetchone()
    said = judgments.of_pair(connection, *in_set[1:]) if in_set else None
    return LabelState(
        query=query,
        document_id=document[0],
        grade=(said.grade if said else None) if in_set else values.get("judgment"),
        thumb=values.get("feedback"),
        undo=_in_words(connection, _next_undo(connection)),
        redo=_in_words(connection, _next_redo(connection)),
        evalset=in_set["name"] if in_set else "",
    )


def _described(connection: Connection, about: Sequence[int], described: tuple[int, ...]) -> Outcome:
    """`about` are the documents that the change names, `described` those that it changed."""
    state = LabelState(
        query="",
        document_id=about[0] if len(set(about)) == 1 else None,
        grade=None,
        thumb=None,
        undo=_in_words(connection, _next_undo(connection)),
        redo=_in_words(connection, _next_redo(connection)),
    )
    return Outcome(state, described)


def _next_undo(connection: Connection) -> Row | Step | None:
    event: Row | None = connection.execute(
        "SELECT * FROM relevance_events WHERE undone = 0 ORDER BY id DESC LIMIT 1"
    ).fetchone()
    step = captions.newest(connection)
    if event is None or step is None:
        return event or step
    return step if step.after_event >= event["id"] else event


def _next_redo(connection: Connection) -> Row | Step | None:
    event: Row | None = connection.execute(
        "SELECT * FROM relevance_events WHERE undone = 1 ORDER BY id LIMIT 1"
    ).fetchone()
    step = captions.first_undone(connection)
    if event is None or step is None:
        return event or step
    return step if step.after_event < event["id"] else event


def _forget_undone(connection: Connection) -> None:
    connection.execute(
        "UPDATE judgment_events SET undone = 2 WHERE undone = 1"
        " AND id IN (SELECT judgment_id FROM relevance_events WHERE undone = 1)"
    )
    connection.execute("UPDATE relevance_events SET undone = 2 WHERE undone = 1")
    captions.forget_undone(connection)


def _in_words(connection: Connection, event: Row | Step | None) -> str:
    if event is None or isinstance(event, Step):
        return captions.in_words(connection, event)
    about = f"on “{event['title'] or event['document']}”"
    in_set = connection.execute(
        "SELECT name FROM evalsets JOIN judgment_events ON evalsets.id = evalset_id"
        " WHERE judgment_events.id = ?",
        (event["judgment_id"],),
    ).fetchone()
    if in_set:
        about += f" in “{in_set[0]}”"
    match event["kind"], event["value"]:
        case "judgment", None:
            return f"removed grade {about}"
        case "judgment", grade:
            return f"grade {grade} {about}"
        case _, None:
            return f"removed thumb {about}"
        case _, thumb:
            return f"thumb {'up' if thumb > 0 else 'down'} {about}"
