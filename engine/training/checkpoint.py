"""Checkpoints of a training: what it takes to go on as if it had never been interrupted.

A folder holds at most two, `step-00000120/` with `weights.safetensors`, `moments.safetensors` and
`state.json`, and the best weights that they name, `best-00000080.safetensors`. Each is written
aside, flushed and then given its name, so that one that is there is whole; a damaged one is passed
over for the one before.
"""

from __future__ import annotations

import shutil
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from engine.errors import ModelRejected
from engine.flush import flush_file, flush_folder
from engine.training.train_messages import Probed, Stepped

_KEPT = 2
_STATE, _WEIGHTS, _MOMENTS = "state.json", "weights.safetensors", "moments.safetensors"
_ASIDE = ".writing-"
_CHUNK_BYTES = 1 << 20


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a training has come."""

    order: str
    """SHA-256 of all that decides what comes of it, hex."""
    step: int
    """Taken in all stages together."""
    stage: int
    """The stage it is in, from 0."""
    stage_step: int
    """Steps taken in that stage."""
    best_step: int
    best_loss: float
    """On the probe."""
    probes_since_best: int
    seconds: float
    """Spent so far."""
    stopped: str
    """Why an earlier stage ended before its last step; empty where none did."""
    curve: tuple[Stepped | Probed, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A state with its tensors, each by its weight's name."""

    state: State
    weights: Mapping[str, Tensor]
    """Only what trains."""
    moments: Mapping[str, Tensor]
    """AdamW's, under `exp_avg/NAME`, `exp_avg_sq/NAME` and `step/NAME`."""
    best: Mapping[str, Tensor]
    """As `weights`; empty while the model as it came is the best."""


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`state.json`."""

    state: State
    sums: dict[str, int]
    """File name -> CRC-32."""


def write(folder: Path, checkpoint: Checkpoint) -> None:
    """Put a checkpoint on the disk, and remove all but the last two; raises OSError."""
    state = checkpoint.state
    target = folder / _name(state.step)
    if not target.exists():
        sums = {}
        if checkpoint.best:
            best = folder / _best_name(state.best_step)
            if not best.exists():
                aside = folder / f"{_ASIDE}{best.name}"
                save_file(dict(checkpoint.best), aside)
                flush_file(aside)
                aside.replace(best)
            sums[best.name] = _sum(best)
        building = Path(tempfile.mkdtemp(dir=folder, prefix=_ASIDE))
        for name, tensors in ((_WEIGHTS, checkpoint.weights), (_MOMENTS, checkpoint.moments)):
            save_file(dict(tensors), building / name)
            flush_file(building / name)
            sums[name] = _sum(building / name)
        (building / _STATE).write_bytes(msgspec.json.encode(_Written(state, sums)))
        flush_file(building / _STATE)
        building.rename(target)
        flush_folder(folder)
    _tidy(folder)


def newest(folder: Path, order: str) -> Checkpoint | None:
    """The newest checkpoint that is whole; None where there is none. Damaged ones are removed.

    Raises:
        ModelRejected: it is of another order.
    """
    _tidy(folder)
    for place in reversed(_places(folder)):
        found = _read(folder, place)
        if found is None:
            shutil.rmtree(place)  # else a whole one of the same step could not take its place
            continue
        if found.state.order != order:
            raise ModelRejected(
                "This tuning cannot go on",
                "Its checkpoints were made with another recipe, other pairs or another model.",
                "Discard it and start anew.",
            )
        return found
    return None


def newest_state(folder: Path) -> State | None:
    """How far the newest whole checkpoint is, without its tensors; None where there is none."""
    for place in reversed(_places(folder)):
        written = _written(place)
        if written is not None:
            return written.state
    return None


def _read(folder: Path, place: Path) -> Checkpoint | None:
    written = _written(place)
    if written is None:
        return None
    tensors: dict[str, dict[str, Tensor]] = {}
    for name, expected in written.sums.items():
        file = (place if name in (_WEIGHTS, _MOMENTS) else folder) / name
        try:
            content = file.read_bytes()  # not mapped: Windows removes no file that is mapped
            if file.name != name or zlib.crc32(content) != expected:
                return None
            tensors[name] = load(content)
        except (OSError, SafetensorError):
            return None
    best = tensors.get(_best_name(written.state.best_step), {})
    return Checkpoint(written.state, tensors[_WEIGHTS], tensors[_MOMENTS], best)


def _written(place: Path) -> _Written | None:
    try:
        return msgspec.json.decode((place / _STATE).read_bytes(), type=_Written)
    except (OSError, msgspec.DecodeError):
        return None


def _tidy(folder: Path) -> None:
    """Remove what was being written when it ended, all but the last two, and what none names."""
    places = _places(folder)
    for old in places[:-_KEPT]:
        shutil.rmtree(old)
    named = {name for place in places[-_KEPT:] if (found := _written(place)) for name in found.sums}
    for other in (*folder.glob(f"{_ASIDE}*"), *folder.glob("best-*")):
        if other.name in named:
            continue
        if other.is_dir():
            shutil.rmtree(other)
        else:
            other.unlink()


def _places(folder: Path) -> list[Path]:
    """The checkpoints' folders, the newest last."""
    return sorted(folder.glob("step-*"))


def _name(step: int) -> str:
    return f"step-{step:08d}"


def _best_name(step: int) -> str:
    return f"best-{step:08d}.safetensors"


def _sum(file: Path) -> int:
    found = 0
    with file.open("rb") as opened:
        while part := opened.read(_CHUNK_BYTES):
            found = zlib.crc32(part, found)
    return found
