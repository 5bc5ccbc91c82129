from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from engine.encoders.clip_config import preprocessing_of, read_clip_source
from engine.errors import ModelRejected
from tests.tiny_clip import MODEL_CFG, PREPROCESS_CFG, write_config


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder whose weights are never opened."""
    write_config(tmp_path, MODEL_CFG, PREPROCESS_CFG)
    (tmp_path / "open_clip_model.safetensors").touch()
    return tmp_path


def test_that_a_folder_tells_everything(folder: Path) -> None:
    source = read_clip_source(folder, None)
    assert source.weights.name == "open_clip_model.safetensors"
    assert source.context_length == 20 and source.cleaning == "lower"
    preprocessing = preprocessing_of(source.preprocess, 32)
    assert preprocessing.fit == "squash" and preprocessing.size == 32
    assert preprocessing.mean == tuple(PREPROCESS_CFG["mean"])


def test_that_what_preprocess_cfg_leaves_out_is_as_open_clip_has_it() -> None:
    preprocessing = preprocessing_of({"mean": [0.5] * 3, "std": [0.5] * 3}, 224)
    assert preprocessing.fit == "shortest" and preprocessing.interpolation == "bicubic"


@pytest.mark.parametrize(
    "change",
    [
        {"size": 64},
        {"size": [32, 48]},
        {"mean": [0.5, 0.5]},
        {"mean": [127, 127, 127]},
        {"std": [0.5, 0.5, 0]},
        {"std": None},
        {"mode": "BGR"},
        {"interpolation": "random"},
        {"resize_mode": "whatever"},
        {"fill_color": 300},
    ],
    ids=str,
)
def test_that_wrong_preprocessing_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ModelRejected, match="preprocess_cfg cannot be used"):
        preprocessing_of(PREPROCESS_CFG | change, 32)


@pytest.mark.parametrize("nothing", [None, {}])
def test_that_missing_preprocessing_is_refused(nothing: dict[str, Any] | None) -> None:
    with pytest.raises(ModelRejected, match="preprocess_cfg is missing"):
        preprocessing_of(nothing, 32)


def test_that_a_folder_without_its_configuration_is_refused(folder: Path) -> None:
    (folder / "open_clip_config.json").write_text("{", "utf-8")
    with pytest.raises(ModelRejected, match="damaged"):
        read_clip_source(folder, None)
    (folder / "open_clip_config.json").unlink()
    with pytest.raises(ModelRejected, match="has no open_clip_config"):
        read_clip_source(folder, None)


def test_that_a_folder_without_safe_weights_is_refused(folder: Path) -> None:
    (folder / "open_clip_model.safetensors").rename(folder / "open_clip_pytorch_model.bin")
    with pytest.raises(ModelRejected, match="safetensors"):
        read_clip_source(folder, None)


def test_that_a_folder_with_several_models_is_refused(folder: Path) -> None:
    (folder / "open_clip_model.safetensors").rename(folder / "a.safetensors")
    assert read_clip_source(folder, None).weights.name == "a.safetensors"
    (folder / "b.safetensors").touch()
    with pytest.raises(ModelRejected, match="several models"):
        read_clip_source(folder, None)


@pytest.mark.parametrize(
    ("part", "change", "why"),
    [
        ("text_cfg", {"hf_model_name": "roberta-base"}, "downloaded"),
        ("vision_cfg", {"timm_model_name": "hf-hub:someone/model"}, "downloaded"),
        ("text_cfg", {"tokenizer_kwargs": {"trust_remote_code": True}}, "unknown way"),
        ("text_cfg", {"tokenizer_kwargs": {"clean": "wash"}}, "unknown way"),
        ("text_cfg", {"tokenizer_mode": "clips"}, "unknown way"),
        ("text_cfg", {"hf_tokenizer_name": "someone/tokenizer"}, "tokenizer.json is missing"),
        ("text_cfg", {"context_length": "many"}, "context_length"),
    ],
)
def test_that_what_would_fetch_or_run_something_is_refused(
    folder: Path, part: str, change: dict[str, Any], why: str
) -> None:
    model_cfg = deepcopy(MODEL_CFG)
    model_cfg[part] |= change
    write_config(folder, model_cfg, PREPROCESS_CFG)
    with pytest.raises(ModelRejected, match=why):
        read_clip_source(folder, None)


def test_that_a_checkpoint_needs_an_architecture_that_is_known(tmp_path: Path) -> None:
    checkpoint = tmp_path / "clip.pt"
    checkpoint.touch()
    with pytest.raises(ModelRejected, match="what model it belongs to"):
        read_clip_source(checkpoint, None)
    with pytest.raises(ModelRejected, match="no architecture called ViT-Z"):
        read_clip_source(checkpoint, "ViT-Z")
    with pytest.raises(ModelRejected, match="no checkpoint"):
        read_clip_source(tmp_path / "missing.pt", "ViT-B-32")
    source = read_clip_source(checkpoint, "ViT-B-32")
    assert source.model["vision_cfg"]["patch_size"] == 32
    assert source.name == "clip" and source.context_length == 77
