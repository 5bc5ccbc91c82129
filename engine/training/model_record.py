"""What is kept beside a tuned model: how it came about, and what it learnt from."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from engine.flush import flush_file
from engine.training.pairs import Example, JudgedQuery
from engine.training.plan import Plan
from engine.training_records import ModelRecord

RECORD = "record.json"
TRAINING_SET = "training_set.jsonl"
"""One line an example or a held-out query; with `.gz` at its end where it is large."""

_LARGE_BYTES = 1_000_000
_LIBRARIES = ("attune", "torch", "sentence-transformers", "transformers", "onnxruntime", "numpy")


class _Learnt(msgspec.Struct, frozen=True, tag="learnt", tag_field="role"):
    stage: int
    """From 1; 0 is general knowledge."""
    example: Example


class _HeldOut(msgspec.Struct, frozen=True, tag="held out", tag_field="role"):
    query: JudgedQuery


def versions() -> dict[str, str]:
    """Of the program and of the libraries that make a model; what is not installed is left out."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write_record(record: ModelRecord, folder: Path) -> None:
    """Write how a model came about into its folder."""
    file = folder / RECORD
    file.write_bytes(msgspec.json.format(msgspec.json.encode(record)))
    flush_file(file)


def read_record(folder: Path) -> ModelRecord | None:
    """How the model in a folder came about; None where that was not kept or cannot be read."""
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=ModelRecord)
    except (OSError, msgspec.DecodeError):
        return None


def write_training_set(plan: Plan, folder: Path) -> Path:
    """Write what a model learnt from, and what it was tested with; returns the file."""
    lines = b"".join(msgspec.json.encode(line) + b"\n" for line in _lines(plan))
    file = folder / TRAINING_SET
    if len(lines) > _LARGE_BYTES:
        file = folder / f"{TRAINING_SET}.gz"
        lines = gzip.compress(lines, mtime=0)
    file.write_bytes(lines)
    flush_file(file)
    return file


def _lines(plan: Plan) -> Iterator[_Learnt | _HeldOut]:
    for number, stage in enumerate(plan.order.stages, start=1):
        for example in stage.examples:
            yield _Learnt(number, example)
    for example in plan.order.general:
        yield _Learnt(0, example)
    for query in plan.held_out:
        yield _HeldOut(query)
