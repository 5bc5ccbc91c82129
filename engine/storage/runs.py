"""The run log: what each job was asked, what it measured and what came of it."""

from __future__ import annotations

from sqlite3 import Connection, Row

import msgspec

from engine.errors import NotFound
from engine.records import Mode
from engine.training_records import CurvePoint, MeasuredOn, RunFilter, RunRecord

_SUMMARY = "job, kind, title, state, began_at, ended_at, params, metrics, artefacts, message"


def put(connection: Connection, run: RunRecord) -> None:
    """Keep a run, in the place of what was kept of the same job."""
    points = [(point.series, point.step, point.value) for point in run.points]
    connection.execute(
        f"INSERT OR REPLACE INTO runs ({_SUMMARY}, points) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        (
            run.job,
            run.kind,
            run.title,
            run.state,
            run.began_at,
            run.ended_at,
            _json(run.params),
            _json(run.metrics),
            _json(run.artefacts),
            run.message,
            _json(points),
        ),
    )


def interrupt(connection: Connection, message: str) -> int:
    """Mark as failed what was running when its engine died; returns how many."""
    return connection.execute(
        "UPDATE runs SET state = 'failed', message = ? WHERE state = 'running'", (message,)
    ).rowcount


def thin_out(connection: Connection, kept: int) -> None:
    """Forget all but the newest runs."""
    connection.execute(
        "DELETE FROM runs WHERE job IN"
        " (SELECT job FROM runs ORDER BY began_at DESC, job DESC LIMIT -1 OFFSET ?)",
        (kept,),
    )


def find(connection: Connection, wanted: RunFilter) -> tuple[RunRecord, ...]:
    """Runs that fit a filter, the newest first, without their curves."""
    conditions, values = ["1"], list[object]()
    if wanted.kinds:
        conditions.append(f"kind IN ({','.join('?' * len(wanted.kinds))})")
        values += wanted.kinds
    if wanted.since is not None:
        conditions.append("began_at >= ?")
        values.append(wanted.since)
    if text := wanted.text.strip():
        within = "EXISTS (SELECT 1 FROM json_each({}) WHERE instr(lower(value), ?))"
        places = ("instr(lower(title), ?)", within.format("params"), within.format("artefacts"))
        conditions.append(f"({' OR '.join(places)})")
        values += [text.lower()] * len(places)
    rows = connection.execute(
        f"SELECT {_SUMMARY} FROM runs WHERE {' AND '.join(conditions)}"
        " ORDER BY began_at DESC, job DESC LIMIT ?",
        (*values, wanted.limit),
    )
    return tuple(_run(row, ()) for row in rows)


def load(connection: Connection, job_id: str) -> RunRecord:
    """One run with its curves; raises NotFound."""
    row = connection.execute(
        f"SELECT {_SUMMARY}, points FROM runs WHERE job = ?", (job_id,)
    ).fetchone()
    if row is None:
        raise NotFound("No such run", f"Nothing is kept of a job “{job_id}”.", "List the runs.")
    points = msgspec.json.decode(row["points"], type=list[tuple[str, float, float]])
    return _run(row, tuple(CurvePoint(*point) for point in points))


def put_measured(connection: Connection, model_id: str, measured: MeasuredOn) -> None:
    """Keep what a model reached, in the place of what it reached before under the same terms."""
    connection.execute(
        "INSERT OR REPLACE INTO model_measures"
        " (model_id, evalset, split, version, mode, reranked, measures, at)"
        " VALUES (?,?,?,?,?,?,?,?)",
        (
            model_id,
            measured.set,
            measured.split,
            measured.version,
            measured.mode,
            measured.reranked,
            _json(measured.measures),
            measured.at,
        ),
    )


def measured(connection: Connection, model_id: str) -> tuple[MeasuredOn, ...]:
    """What a model reached on sets, the newest of each set, split and way of searching."""
    rows = connection.execute(
        "SELECT * FROM model_measures WHERE model_id = ? ORDER BY evalset, split, mode, reranked",
        (model_id,),
    )
    return tuple(
        MeasuredOn(
            set=row["evalset"],
            split=row["split"],
            version=row["version"],
            mode=msgspec.convert(row["mode"], type=Mode),
            reranked=bool(row["reranked"]),
            measures=msgspec.json.decode(row["measures"], type=dict[str, float]),
            at=row["at"],
        )
        for row in rows
    )


def _run(row: Row, points: tuple[CurvePoint, ...]) -> RunRecord:
    return RunRecord(
        job=row["job"],
        kind=row["kind"],
        title=row["title"],
        state=row["state"],
        began_at=row["began_at"],
        ended_at=row["ended_at"],
        params=msgspec.json.decode(row["params"], type=dict[str, str]),
        metrics=msgspec.json.decode(row["metrics"], type=dict[str, float]),
        artefacts=msgspec.json.decode(row["artefacts"], type=tuple[str, ...]),
        message=row["message"],
        points=points,
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
