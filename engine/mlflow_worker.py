"""The MLflow worker: writes one run to a folder or a server; the only place that imports MLflow.

`python -m engine.mlflow_worker`; `engine.mlflow_log` is its parent.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from engine.jobs.worker import Parent, WorkerError
from engine.training_records import RunRecord

_EXPERIMENT = "Attune"
_LONGEST_PARAM = 5000
_AT_ONCE = 500
_STATES = {"finished": "FINISHED", "cancelled": "KILLED", "failed": "FAILED"}
_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GIT_PYTHON_REFRESH": "quiet",
    # Fails soon where nobody answers, rather than after minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "15",
    # Plain folders are what a user can look into; MLflow would rather have a database.
    "MLFLOW_ALLOW_FILE_STORE": "true",
}


class LogRun(msgspec.Struct, frozen=True, tag=True):
    """The parent's order."""

    address: str
    """A folder, or an address that begins with http:// or https://."""
    run: RunRecord


class Logged(msgspec.Struct, frozen=True, tag=True):
    """The answer: it is written."""

    run_id: str
    """As MLflow calls it."""


Answer = Logged | WorkerError


def log(order: LogRun) -> str:
    """Write a run; returns MLflow's id of it. Raises what MLflow raises."""
    os.environ.update(_ENVIRONMENT)
    from mlflow.entities import Metric, Param, RunTag
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=_uri(order.address))
    experiment = client.get_experiment_by_name(_EXPERIMENT)
    if experiment is None:
        try:
            number = client.create_experiment(_EXPERIMENT)
        except MlflowException:  # another one was faster
            experiment = client.get_experiment_by_name(_EXPERIMENT)
            if experiment is None:
                raise
    if experiment is not None:
        number = experiment.experiment_id
    run = order.run
    made = client.create_run(number, start_time=round(run.began_at * 1000), run_name=run.title)
    run_id = str(made.info.run_id)
    ended = round((run.ended_at or run.began_at) * 1000)
    metrics = [Metric(_name(name), value, ended, 0) for name, value in run.metrics.items()]
    # MLflow's steps are whole numbers; those of parts of epochs become thousandths.
    finer = 1 if all(point.step == int(point.step) for point in run.points) else 1000
    metrics += [
        Metric(_name(point.series), point.value, ended, round(point.step * finer))
        for point in run.points
    ]
    params = [Param(_name(name), value[:_LONGEST_PARAM]) for name, value in run.params.items()]
    said = {"job": run.job, "kind": run.kind, "message": run.message}
    tags = [RunTag(f"attune.{name}", text) for name, text in said.items() if text]
    tags += [RunTag(f"attune.artefact.{n}", name) for n, name in enumerate(run.artefacts, 1)]
    client.log_batch(run_id, params=params[:100], tags=tags[:100])
    for start in range(0, len(metrics), _AT_ONCE):
        client.log_batch(run_id, metrics=metrics[start : start + _AT_ONCE])
    client.set_terminated(run_id, _STATES.get(run.state, "FAILED"), end_time=ended)
    return run_id


def _uri(address: str) -> str:
    if address.startswith(("http://", "https://")):
        return address
    return Path(address).expanduser().absolute().as_uri()


def _name(text: str) -> str:
    """A name as MLflow takes it: `nDCG@10` becomes `nDCG at 10`."""
    spelt = text.replace("@", " at ")
    return "".join(c if c.isalnum() or c in "_-. /" else "-" for c in spelt)[:250]


def _failure(error: Exception) -> WorkerError:
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == "mlflow":
        return WorkerError(
            "MLflow is not installed",
            "The run is in the run log here; it was not written to MLflow as well.",
            "Install it with: pip install attune[mlflow] – or clear its address in the settings.",
        )
    return WorkerError(
        "The run was not written to MLflow",
        f"{type(error).__name__}: {str(error)[:300]}",
        "It is in the run log here. Check the address of MLflow in the settings, or clear it.",
    )


def main() -> None:
    """Carry out orders until the parent is gone."""
    parent: Parent[Any] = Parent(LogRun)
    while True:
        order = parent.receive()
        try:
            parent.send(Logged(log(order)))
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told)
            parent.send(_failure(error))


if __name__ == "__main__":
    main()
