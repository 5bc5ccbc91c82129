"""What is on the disk between two steps, and what is read back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from engine.errors import ModelRejected
from engine.training.checkpoint import Checkpoint, State, newest, newest_state, write
from engine.training.train_messages import Probed, Stepped

CURVE = (Stepped(1, 9, 0.5, 1e-4, 3.0, 100, "stage 1 of 1"), Probed(1, 0.25, 1.5))


def made(step: int, best_step: int = 0) -> Checkpoint:
    weights = {"layer.weight": torch.full((2, 2), float(step))}
    moments = {f"{kind}/layer.weight": torch.full((2, 2), 0.5) for kind in ("exp_avg",)}
    best = {"layer.weight": torch.full((2, 2), float(best_step))} if best_step else {}
    state = State("order", step, 0, step, best_step, 1.0, 0, 2.5, "", CURVE)
    return Checkpoint(state, weights, moments, best)


def test_that_all_is_read_back_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, made(4, best_step=2))
    found = newest(tmp_path, "order")
    assert found is not None
    assert found.state == made(4, best_step=2).state
    assert newest_state(tmp_path) == found.state
    assert torch.equal(found.weights["layer.weight"], torch.full((2, 2), 4.0))
    assert torch.equal(found.best["layer.weight"], torch.full((2, 2), 2.0))
    assert torch.equal(found.moments["exp_avg/layer.weight"], torch.full((2, 2), 0.5))


def test_that_two_are_kept_with_the_best_that_they_name(tmp_path: Path) -> None:
    for step, best_step in ((1, 0), (2, 2), (3, 2), (4, 4)):
        write(tmp_path, made(step, best_step))
    assert sorted(os.listdir(tmp_path)) == [
        "best-00000002.safetensors",
        "best-00000004.safetensors",
        "step-00000003",
        "step-00000004",
    ]


def test_that_what_was_being_written_is_no_checkpoint(tmp_path: Path) -> None:
    write(tmp_path, made(1))
    (tmp_path / ".writing-abc").mkdir()
    (tmp_path / ".writing-abc" / "weights.safetensors").write_bytes(b"half")
    found = newest(tmp_path, "order")
    assert found is not None
    assert found.state.step == 1
    assert os.listdir(tmp_path) == ["step-00000001"]


@pytest.mark.parametrize("name", ["weights.safetensors", "moments.safetensors", "state.json"])
def test_that_a_damaged_one_is_passed_over(tmp_path: Path, name: str) -> None:
    write(tmp_path, made(1))
    write(tmp_path, made(2))
    file = tmp_path / "step-00000002" / name
    content = bytearray(file.read_bytes())
    content[-3] ^= 0xFF
    file.write_bytes(content)
    found = newest(tmp_path, "order")
    assert found is not None
    assert found.state.step == 1
    write(tmp_path, made(2))
    again = newest_state(tmp_path)
    assert again is not None
    assert again.step == 2


def test_that_one_of_another_order_is_refused(tmp_path: Path) -> None:
    write(tmp_path, made(1))
    with pytest.raises(ModelRejected, match="another recipe"):
        newest(tmp_path, "another order")


def test_that_an_empty_folder_holds_none(tmp_path: Path) -> None:
    assert newest(tmp_path, "order") is None
    assert newest_state(tmp_path) is None
