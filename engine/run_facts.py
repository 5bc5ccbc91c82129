"""What the run log tells of a request and of a result: names with words, names with numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping

import msgspec

from engine.evaluation_records import ComparisonReport
from engine.events import JobResult
from engine.records import (
    EvaluationReport,
    ImportReport,
    IndexReport,
    Mode,
    TuneReport,
)
from engine.training_records import CurvePoint, MeasuredOn

MAX_POINTS = 500
"""Of a curve; more are thinned evenly."""

_SECRET = frozenset({"api_key", "password"})
_WORDS = frozenset({"version", "seed"})
"""Numbers that are no measure."""


def params(request: object) -> dict[str, str]:
    """What was asked, by field; fields of fields are joined by dots, those of a recipe are its own.

    What is secret, or was not said, is left out.
    """
    return dict(_params(request, ""))


def _params(value: object, name: str) -> Iterator[tuple[str, str]]:
    if (fields := _fields(value)) is not None:
        inside = f"{name}." if name and name != "recipe" else ""
        for field, part in fields.items():
            if field not in _SECRET:
                yield from _params(part, inside + _renamed(name, field))
    elif isinstance(value, tuple | list) and any(_fields(part) is not None for part in value):
        for number, part in enumerate(value, start=1):
            yield from _params(part, f"{name}.{number}")
    elif isinstance(value, tuple | list):
        if value:
            yield name, ", ".join(map(str, value))
    elif isinstance(value, bool):
        yield name, "yes" if value else "no"
    elif value is not None and value != "":
        yield name, str(value)


def _renamed(owner: str, field: str) -> str:
    """A recipe's own name is what it is called by among other parameters."""
    return "recipe" if (owner, field) == ("recipe", "name") else field


def facts(result: JobResult | None) -> tuple[dict[str, str], dict[str, float]]:
    """What came of a job, in words and in numbers."""
    if isinstance(result, ComparisonReport):
        return _compared(result)
    words: dict[str, str] = {}
    numbers: dict[str, float] = {}
    _gather(result, "", words, numbers)
    return words, numbers


def _gather(value: object, inside: str, words: dict[str, str], numbers: dict[str, float]) -> None:
    for field, part in (_fields(value) or {}).items():
        name = inside + field
        if isinstance(part, bool) or (isinstance(part, str) and part):
            words[name] = str(part) if isinstance(part, str) else ("yes" if part else "no")
        elif isinstance(part, int | float):
            if field in _WORDS:
                words[name] = str(part)
            elif math.isfinite(part):
                numbers[name] = float(part)
        elif isinstance(part, Mapping):
            inner = "" if field == "measures" else f"{name}."
            _gather_numbers(part, inner, numbers)
        elif _fields(part) is not None:
            _gather(part, f"{name}.", words, numbers)


def _gather_numbers(
    values: Mapping[object, object], inside: str, numbers: dict[str, float]
) -> None:
    for name, value in values.items():
        if isinstance(value, int | float) and math.isfinite(value):
            numbers[f"{inside}{name}"] = float(value)


def _compared(report: ComparisonReport) -> tuple[dict[str, str], dict[str, float]]:
    words = {"set": report.set, "split": report.split}
    if report.version is not None:
        words["version"] = str(report.version)
    numbers = {"n_queries": float(report.n_queries)}
    for figures in report.systems:
        _gather_numbers(
            {f"{measure}, {figures.name}": mean for measure, mean in figures.measures.items()},
            "",
            numbers,
        )
    return words, numbers


def artefacts(result: JobResult | None) -> tuple[str, ...]:
    """What a job made: ids of models, paths."""
    made: list[str] = []
    if isinstance(result, TuneReport | ImportReport):
        made.append(result.model)
    if path := getattr(result, "path", ""):
        made.append(path)
    return tuple(made)


def message(result: JobResult | None) -> str:
    """What a job ended with, in words."""
    return result.reason if isinstance(result, TuneReport) else ""


def is_empty(result: JobResult | None) -> bool:
    """Whether a job only found that there was nothing to do."""
    if not isinstance(result, IndexReport):
        return False
    return not any(
        getattr(result, field)
        for field in ("added", "changed", "moved", "removed", "failed", "encoded")
    )


def measured(
    result: JobResult | None, active_model: str, at: float
) -> Iterator[tuple[str, MeasuredOn]]:
    """Which models reached what on an evaluation set, by the model's id."""
    if isinstance(result, EvaluationReport):
        if result.mode != "lexical":
            yield (
                result.model,
                _measured_on(result, result.mode, result.reranked, result.measures, at),
            )
    elif isinstance(result, ComparisonReport):
        for figures in result.systems:
            system = figures.system
            if system.run is None and system.mode != "lexical":
                model = system.model or active_model
                yield model, _measured_on(result, system.mode, system.rerank, figures.measures, at)


def _measured_on(
    report: EvaluationReport | ComparisonReport,
    mode: Mode,
    reranked: bool,
    measures: dict[str, float],
    at: float,
) -> MeasuredOn:
    told = {name: value for name, value in measures.items() if math.isfinite(value)}
    return MeasuredOn(report.set, report.split, report.version, mode, reranked, told, at)


def thinned(points: list[CurvePoint]) -> list[CurvePoint]:
    """A curve with at most `MAX_POINTS` points, evenly spaced; both its ends stay."""
    if len(points) <= MAX_POINTS:
        return points
    step = (len(points) - 1) / (MAX_POINTS - 1)
    return [points[round(number * step)] for number in range(MAX_POINTS)]


def _fields(value: object) -> dict[str, object] | None:
    """Fields of a record by name; None where it is none."""
    if isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return None
