"""Importing a CLIP, in the real worker, from a tiny model that open_clip built."""

from __future__ import annotations

import json
import pickle
import shutil
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.encoders.clip_encoder import ClipEncoder, load_clip
from engine.encoders.image_encoder import prepared_pixels
from engine.encoders.image_loading import load_image_encoder
from engine.encoders.image_prepare import prepare_clip
from engine.encoders.image_prepared import read_prepared_images
from engine.encoders.torchvision_ops import define_missing
from engine.errors import ModelRejected
from tests.tiny_clip import MODEL_CFG, PREPROCESS_CFG, write_config, write_tiny_clip

TEXTS = ["a dog on a beach", "", "It's 3 o'clock &amp; <end_of_text> ÄÖÜ 日本", "word " * 60]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("clip") / "tiny"
    return folder, write_tiny_clip(folder)


@pytest.fixture(scope="module")
def encoder(imported_clip: Path) -> ClipEncoder:
    return load_clip(imported_clip, threads=2)


def pictures() -> list[Image.Image]:
    random = np.random.default_rng(0)
    return [
        Image.fromarray(random.integers(0, 256, (40 + nth, 60, 3), dtype=np.uint8))
        for nth in range(3)
    ]


def test_that_pictures_have_the_vectors_of_open_clip(
    source: tuple[Path, Any], encoder: ClipEncoder
) -> None:
    define_missing()
    import torch
    from open_clip.transform import PreprocessCfg, image_transform_v2

    transform = image_transform_v2(PreprocessCfg(size=32, **PREPROCESS_CFG), is_train=False)
    images = torch.stack([transform(image) for image in pictures()])
    with torch.no_grad():
        expected = source[1].encode_image(images, normalize=True).numpy()
    pixels = np.stack([prepared_pixels(image, encoder.preprocessing) for image in pictures()])
    vectors = encoder.encode_images(pixels)
    assert np.abs(vectors.meaning - expected).max() < 1e-4
    assert (vectors.look == vectors.meaning).all()
    assert encoder.encode_images(pixels[:0]).look.shape == (0, 24)


def test_that_queries_have_the_vectors_of_open_clip(
    source: tuple[Path, Any], encoder: ClipEncoder
) -> None:
    define_missing()
    import open_clip
    import torch

    tokens = open_clip.get_tokenizer(f"local-dir:{source[0]}")(TEXTS)
    with torch.no_grad():
        expected = source[1].encode_text(tokens, normalize=True).numpy()
    assert np.abs(encoder.encode_queries(TEXTS) - expected).max() < 1e-4


def test_that_the_folder_holds_what_running_it_needs_and_no_more(imported_clip: Path) -> None:
    assert sorted(file.name for file in imported_clip.iterdir()) == [
        "image.onnx",
        "image_card.json",
        "image_encoder.json",
        "text.onnx",
        "tokenizer.json",
    ]
    prepared = read_prepared_images(imported_clip)
    assert prepared is not None and prepared.kind == "clip" and prepared.name == "tiny"
    assert prepared.preprocessing.size == 32 and prepared.preprocessing.fit == "squash"


def test_that_it_loads_as_what_it_is(imported_clip: Path) -> None:
    class NoText:
        fingerprint, dim = "", 0
        encode_queries = encode_passages = None

    loaded = load_image_encoder(imported_clip, NoText(), threads=1)  # type: ignore[arg-type]
    assert isinstance(loaded, ClipEncoder)


def test_that_other_preprocessing_makes_another_encoder_of_the_same_weights(
    source: tuple[Path, Any], tmp_path: Path, encoder: ClipEncoder
) -> None:
    """Here the weights are a pickled checkpoint with its configuration beside it."""
    import torch

    checkpoint = tmp_path / "tiny.pt"
    torch.save({"epoch": 3, "state_dict": source[1].state_dict()}, checkpoint)
    write_config(tmp_path, MODEL_CFG, PREPROCESS_CFG | {"resize_mode": "shortest"})
    prepare_clip(checkpoint, tmp_path / "target", lambda: None)
    other = load_clip(tmp_path / "target", threads=1)
    assert other.fingerprint != encoder.fingerprint
    assert other.preprocessing.fit == "shortest"
    assert (other.encode_queries(TEXTS) == encoder.encode_queries(TEXTS)).all()


def test_that_a_failed_import_leaves_the_old_one(
    source: tuple[Path, Any], imported_clip: Path, tmp_path: Path, encoder: ClipEncoder
) -> None:
    target = tmp_path / "target"
    shutil.copytree(imported_clip, target)
    checkpoint = source[0] / "open_clip_model.safetensors"
    with pytest.raises(ModelRejected, match="another architecture"):
        prepare_clip(checkpoint, target, lambda: None, "ViT-S-32-alt")
    assert load_clip(target, threads=1).fingerprint == encoder.fingerprint
    assert [entry.name for entry in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize(
    ("architecture", "mean"), [("ViT-B-32", 0.48145466), ("ViT-L-14", None), ("ViT-S-32-alt", None)]
)
def test_that_an_architecture_tells_preprocessing_where_all_its_weights_agree(
    architecture: str, mean: float | None, tmp_path: Path
) -> None:
    from engine.encoders.clip_config import read_clip_source
    from engine.encoders.clip_import import preprocess_of_source

    (tmp_path / "clip.pt").touch()
    found = preprocess_of_source(read_clip_source(tmp_path / "clip.pt", architecture))
    assert (found["mean"][0] if found else None) == mean


def test_that_a_checkpoint_that_runs_code_is_not_opened(tmp_path: Path) -> None:
    marker = tmp_path / "ran"

    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (marker,)

    checkpoint = tmp_path / "clip.pt"
    checkpoint.write_bytes(pickle.dumps({"state_dict": Payload()}))
    with pytest.raises(ModelRejected, match="more than weights"):
        prepare_clip(checkpoint, tmp_path / "target", lambda: None, "ViT-B-32")
    assert not marker.exists()
    assert not (tmp_path / "target").exists()


def test_that_weights_of_another_shape_are_refused(
    source: tuple[Path, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(source[0], folder)
    model_cfg = deepcopy(MODEL_CFG)
    model_cfg["text_cfg"]["layers"] = 3
    write_config(folder, model_cfg, PREPROCESS_CFG)
    with pytest.raises(ModelRejected, match="another architecture"):
        prepare_clip(folder, tmp_path / "target", lambda: None)


def test_that_a_model_with_a_tokenizer_of_its_own_uses_it(tmp_path: Path) -> None:
    from tests.tiny_model import write_tiny_model

    write_tiny_model(tmp_path / "text")
    words = json.loads((tmp_path / "text" / "tokenizer.json").read_text("utf-8"))
    model_cfg = deepcopy(MODEL_CFG)
    model_cfg["custom_text"] = True
    model_cfg["text_cfg"] |= {
        "hf_tokenizer_name": "somewhere/else",
        "vocab_size": len(words["model"]["vocab"]),
        "tokenizer_kwargs": {"clean": "canonicalize"},
        "pool_type": "last",
        "no_causal_mask": True,
    }
    folder = tmp_path / "siglip"
    model = write_tiny_clip(folder, model_cfg)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(tmp_path / "text" / name, folder / name)
    prepare_clip(folder, tmp_path / "target", lambda: None)
    define_missing()
    import open_clip
    import torch

    tokens = open_clip.get_tokenizer(f"local-dir:{folder}")(TEXTS)
    with torch.no_grad():
        expected = model.encode_text(tokens, normalize=True).numpy()
    found = load_clip(tmp_path / "target", threads=1).encode_queries(TEXTS)
    assert np.abs(found - expected).max() < 1e-4
