"""What raters said of the pairs of evaluation sets: an append-only log that can be undone.

Every judged pair is in the set's pool. A rater's judgments in a set are one line of time, but for
those given from the search page: they are undone there, with its other labels, and those that were
merged, which were given elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection, Row
from statistics import median, median_low
from typing import Literal

from engine.errors import InvalidInput, NotFound
from engine.evaluation_records import ADJUDICATED, IMPORTED, GivenJudgment, JudgingProgress
from engine.storage import evalset_documents, evalset_queries
from engine.storage.evalset import EvalSet

Origin = Literal["room", "search", "thumb", "merged"]

_OWN = "origin IN ('room', 'thumb')"
_PACE_OF = 20
_CAME_GRADED = (
    "EXISTS (SELECT 1 FROM qrels WHERE qrels.evalset_id = pool.evalset_id"
    " AND qrels.query_id = pool.query_id AND qrels.document = pool.document AND grade >= 0)"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a rater is with one query."""

    n_pooled: int
    n_graded: int
    n_skipped: int
    n_flagged: int


def give(connection: Connection, evalset: EvalSet, judgment: GivenJudgment, origin: Origin) -> int:
    """Record a judgment, and keep its document; returns the event's id.

    Raises InvalidInput, NotFound.
    """
    _check(evalset, judgment)
    evalset_queries.text_of(connection, evalset.id, judgment.query_id)
    evalset_documents.require(connection, evalset, judgment.document)
    if origin in ("room", "thumb"):
        connection.execute(
            "UPDATE judgment_events SET undone = 2"
            f" WHERE evalset_id = ? AND rater = ? AND undone = 1 AND {_OWN}",
            (evalset.id, judgment.rater),
        )
    return record(connection, evalset.id, judgment, origin)


def record(connection: Connection, set_id: int, judgment: GivenJudgment, origin: Origin) -> int:
    """Record a judgment as it is, without looking at it; returns the event's id."""
    at = judgment.at or time.time()
    connection.execute(
        "INSERT OR IGNORE INTO pool VALUES (?, ?, ?, '{}', ?)",
        (set_id, judgment.query_id, judgment.document, at),
    )
    start, end = judgment.span or (None, None)
    cursor = connection.execute(
        "INSERT INTO judgment_events (evalset_id, query_id, document, rater, grade, skipped,"
        " flagged, note, span_start, span_end, span_text, seconds, origin, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            set_id,
            judgment.query_id,
            judgment.document,
            judgment.rater,
            judgment.grade,
            judgment.skipped,
            judgment.flagged,
            judgment.note,
            start,
            end,
            judgment.span_text,
            judgment.seconds,
            origin,
            at,
        ),
    )
    return int(cursor.lastrowid or 0)


def undo(connection: Connection, evalset: EvalSet, rater: str) -> tuple[str, str]:
    """Take back a rater's newest judgment; returns its pair. Raises NotFound."""
    event = _next_undo(connection, evalset.id, rater)
    if event is None:
        raise NotFound("Nothing to undo", f"{rater} has judged nothing in this set yet.")
    connection.execute("UPDATE judgment_events SET undone = 1 WHERE id = ?", (event["id"],))
    return event["query_id"], event["document"]


def redo(connection: Connection, evalset: EvalSet, rater: str) -> tuple[str, str]:
    """Give again what was undone last, and return its pair, unless something newer was given.

    Raises NotFound.
    """
    event = _next_redo(connection, evalset.id, rater)
    if event is None:
        raise NotFound("Nothing to redo", "Nothing was undone since the last judgment.")
    connection.execute("UPDATE judgment_events SET undone = 0 WHERE id = ?", (event["id"],))
    return event["query_id"], event["document"]


def of_pair(
    connection: Connection, set_id: int, query_id: str, document: str, rater: str
) -> GivenJudgment | None:
    """What a rater's newest word on a pair is."""
    row = connection.execute(
        "SELECT * FROM judgment_events WHERE evalset_id = ? AND query_id = ? AND document = ?"
        " AND rater = ? AND undone = 0 ORDER BY id DESC LIMIT 1",
        (set_id, query_id, document, rater),
    ).fetchone()
    return None if row is None else given(row)


def in_force(connection: Connection, set_id: int) -> list[GivenJudgment]:
    """Every rater's newest word on every pair, but those taken away; oldest first."""
    rows = connection.execute(
        "SELECT * FROM judgment_events WHERE id IN (SELECT max(id) FROM judgment_events"
        " WHERE evalset_id = ? AND undone = 0 GROUP BY query_id, document, rater) ORDER BY id",
        (set_id,),
    )
    return [given(row) for row in rows if _says_something(row)]


def grades(
    connection: Connection, set_id: int, split: str | None = None
) -> dict[str, dict[str, int]]:
    """The grade in force of each judged pair, by query id and document; of all splits, or of one.

    It is the adjudicated one, else the raters' median (the lower of two), else the imported one.
    """
    found: dict[str, dict[str, int]] = {}
    for query_id, document, grade in connection.execute(
        "SELECT query_id, document, grade FROM qrels WHERE evalset_id = :set"
        " AND (:split IS NULL OR split = :split) ORDER BY split, query_id, document",
        {"set": set_id, "split": split},
    ):
        found.setdefault(query_id, {})[document] = grade
    said: dict[tuple[str, str], dict[str, int]] = {}
    for query_id, document, rater, grade, _ in connection.execute(
        "SELECT query_id, document, rater, grade, max(id) FROM judgment_events"
        " WHERE evalset_id = :set AND undone = 0 AND (:split IS NULL OR query_id IN ("
        "  SELECT query_id FROM evalset_splits WHERE evalset_id = :set AND split = :split))"
        " GROUP BY query_id, document, rater",
        {"set": set_id, "split": split},
    ):
        if grade is not None:
            said.setdefault((query_id, document), {})[rater] = grade
    for (query_id, document), by_rater in said.items():
        found.setdefault(query_id, {})[document] = (
            by_rater[ADJUDICATED] if ADJUDICATED in by_rater else median_low(by_rater.values())
        )
    return found


def standing(connection: Connection, set_id: int, rater: str) -> dict[str, Standing]:
    """How far a rater is with each pooled query, by its id.

    What came with a grade is not asked again: it counts only where the rater judged it nonetheless.
    """
    pooled = connection.execute(
        f"SELECT query_id, sum(NOT {_CAME_GRADED} OR EXISTS ("
        " SELECT 1 FROM judgment_events AS event WHERE event.evalset_id = pool.evalset_id"
        "  AND event.query_id = pool.query_id AND event.document = pool.document"
        "  AND rater = ? AND undone = 0)) FROM pool WHERE evalset_id = ? GROUP BY query_id",
        (rater, set_id),
    ).fetchall()
    said = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT query_id, count(grade), sum(skipped AND grade IS NULL), sum(flagged) FROM ("
            " SELECT query_id, grade, skipped, flagged, max(id) FROM judgment_events"
            " WHERE evalset_id = ? AND rater = ? AND undone = 0 GROUP BY query_id, document"
            ") GROUP BY query_id",
            (set_id, rater),
        )
    }
    return {query: Standing(n, *said.get(query, (0, 0, 0))) for query, n in pooled}


def to_judge(
    connection: Connection, set_id: int, rater: str, query_id: str, *, skipped: bool
) -> list[str]:
    """The documents of a query that a rater has not graded; those skipped, or the others.

    Those that came with a grade are not among the others.
    """
    rows = connection.execute(
        "SELECT document, ("
        " SELECT iif(grade IS NOT NULL, 'graded', iif(skipped, 'skipped', 'open'))"
        "  FROM judgment_events AS event WHERE event.evalset_id = pool.evalset_id"
        "  AND event.query_id = pool.query_id AND event.document = pool.document"
        "  AND rater = :rater AND undone = 0 ORDER BY id DESC LIMIT 1) AS state,"
        f" {_CAME_GRADED} AS came_graded FROM pool WHERE evalset_id = :set AND query_id = :query",
        {"set": set_id, "rater": rater, "query": query_id},
    )
    if skipped:
        return [row["document"] for row in rows if row["state"] == "skipped"]
    return [
        row["document"]
        for row in rows
        if row["state"] == "open" or (row["state"] is None and not row["came_graded"])
    ]


def pooled(connection: Connection, set_id: int, query_id: str) -> list[str]:
    """The documents of a query's pool."""
    rows = connection.execute(
        "SELECT document FROM pool WHERE evalset_id = ? AND query_id = ?", (set_id, query_id)
    )
    return [row[0] for row in rows]


def progress(
    connection: Connection, evalset: EvalSet, rater: str, about: tuple[str, str] | None = None
) -> JudgingProgress:
    """How far a rater is, and what can be undone."""
    every = standing(connection, evalset.id, rater)
    wanted = evalset_queries.for_rater(connection, evalset.id, rater)
    of_rater = [every[query_id] for query_id in wanted if query_id in every]
    n_done = sum(each.n_graded for each in of_rater)
    n_total = sum(each.n_pooled for each in of_rater)
    pace = seconds_each(connection, evalset.id, rater)
    return JudgingProgress(
        n_done=n_done,
        n_total=n_total,
        n_skipped=sum(each.n_skipped for each in of_rater),
        n_flagged=sum(each.n_flagged for each in of_rater),
        seconds_each=pace,
        seconds_left=None if pace is None else pace * (n_total - n_done),
        undo=_in_words(connection, evalset, _next_undo(connection, evalset.id, rater)),
        redo=_in_words(connection, evalset, _next_redo(connection, evalset.id, rater)),
        about=about,
    )


def seconds_each(connection: Connection, set_id: int, rater: str | None = None) -> float | None:
    """Median time of the last judgments, of one rater or of all; None before there are any."""
    rows = connection.execute(
        "SELECT seconds FROM judgment_events WHERE evalset_id = ? AND undone = 0"
        " AND seconds IS NOT NULL AND grade IS NOT NULL"
        + (" AND rater = ?" if rater is not None else "")
        + f" ORDER BY id DESC LIMIT {_PACE_OF}",
        (set_id,) if rater is None else (set_id, rater),
    ).fetchall()
    return median(row[0] for row in rows) if rows else None


def given(row: Row) -> GivenJudgment:
    """A judgment of its row."""
    return GivenJudgment(
        query_id=row["query_id"],
        document=row["document"],
        rater=row["rater"],
        grade=row["grade"],
        skipped=bool(row["skipped"]),
        flagged=bool(row["flagged"]),
        note=row["note"],
        span=None if row["span_start"] is None else (row["span_start"], row["span_end"]),
        span_text=row["span_text"],
        seconds=row["seconds"],
        at=row["at"],
    )


def in_words(evalset: EvalSet, grade: int | None, title: str, *, skipped: bool = False) -> str:
    """A judgment as undo and redo speak of it."""
    if grade is not None:
        name = evalset.scale[grade] if grade < len(evalset.scale) else str(grade)
        return f"“{name}” on “{title}”"
    return f"{'skipping' if skipped else 'removed grade on'} “{title}”"


def raters(connection: Connection, set_id: int) -> list[str]:
    """Who judged in a set or is to judge, the adjudicated grades' name left out."""
    rows: Iterable[Row] = connection.execute(
        "SELECT rater FROM judgment_events WHERE evalset_id = :set AND undone = 0"
        " UNION SELECT rater FROM assignments WHERE evalset_id = :set ORDER BY rater",
        {"set": set_id},
    )
    return [row[0] for row in rows if row[0] != ADJUDICATED]


def _check(evalset: EvalSet, judgment: GivenJudgment) -> None:
    if not judgment.rater.strip() or judgment.rater == IMPORTED:
        raise InvalidInput(
            "Not a rater's name",
            f"“{judgment.rater}” cannot be the name of a rater.",
            "Say who judges.",
        )
    highest = len(evalset.scale) - 1
    if judgment.grade is not None and not 0 <= judgment.grade <= highest:
        raise InvalidInput(
            "No such grade",
            f"{judgment.grade} is not a grade of “{evalset.name}”, which go from 0 to {highest}.",
        )
    if judgment.grade is not None and judgment.skipped:
        raise InvalidInput("Graded and skipped", "A pair is either graded or skipped, not both.")
    if judgment.span is not None and not 0 <= judgment.span[0] <= judgment.span[1]:
        raise InvalidInput("Not a passage", "The passage that was marked ends before it begins.")


def _says_something(row: Row) -> bool:
    return row["grade"] is not None or bool(row["skipped"] or row["flagged"] or row["note"])


def _next_undo(connection: Connection, set_id: int, rater: str) -> Row | None:
    row: Row | None = connection.execute(
        "SELECT * FROM judgment_events WHERE evalset_id = ? AND rater = ? AND undone = 0"
        f" AND {_OWN} ORDER BY id DESC LIMIT 1",
        (set_id, rater),
    ).fetchone()
    return row


def _next_redo(connection: Connection, set_id: int, rater: str) -> Row | None:
    row: Row | None = connection.execute(
        "SELECT * FROM judgment_events WHERE evalset_id = ? AND rater = ? AND undone = 1"
        f" AND {_OWN} ORDER BY id LIMIT 1",
        (set_id, rater),
    ).fetchone()
    return row


def _in_words(connection: Connection, evalset: EvalSet, event: Row | None) -> str:
    if event is None:
        return ""
    title = evalset_documents.title_of(connection, evalset, event["document"])
    return in_words(evalset, event["grade"], title, skipped=bool(event["skipped"]))
