from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.encoders.bridge import Bridge, fit_bridge
from engine.encoders.fitted import FIT, FittedEncoder, load_fitted, save_fit
from engine.encoders.held_out import Setting
from engine.encoders.image_encoder import ImageEncoder
from engine.encoders.query_adapter import QueryAdapter
from engine.errors import ModelRejected
from tests.engine.encoders.described import Colours, world

SWAP = np.eye(3, dtype=np.float32)[[1, 0, 2]]
RED = np.zeros((1, 4, 4, 3), np.uint8)
RED[..., 0] = 255


def test_that_an_encoder_with_a_bridge_is_an_encoder_of_its_own() -> None:
    bridge = Bridge("colours", np.zeros(3, np.float32), SWAP, Setting(0.01, 1.0))
    encoder: ImageEncoder = FittedEncoder(Colours(), bridge)
    assert encoder.fingerprint not in ("colours", bridge.fingerprint)
    vectors = encoder.encode_images(RED)
    assert vectors.look[0].argmax() == 0 and vectors.meaning[0].argmax() == 1
    assert (encoder.encode_queries(["x"]) == Colours().encode_queries("x")).all()


def test_that_an_adapter_changes_queries_alone() -> None:
    adapter = QueryAdapter("colours", np.zeros(3, np.float32), SWAP, Setting(0.01, 1.0))
    encoder: ImageEncoder = FittedEncoder(Colours(), adapter)
    assert encoder.encode_images(RED).meaning[0].argmax() == 0
    assert encoder.encode_queries(["x", "y", "z"]).argmax(axis=1).tolist() == [1, 0, 2]


@pytest.mark.parametrize("kind", [Bridge, QueryAdapter])
def test_that_a_saved_fit_gives_the_same_vectors(
    kind: type[Bridge] | type[QueryAdapter], tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    mean, weights = (random.normal(size=size).astype(np.float32) for size in (3, (3, 3)))
    encoder = FittedEncoder(Colours(), fit := kind("colours", mean, weights, Setting(0.01, 0.4)))
    save_fit(fit, tmp_path)
    loaded = load_fitted(Colours(), tmp_path)
    assert loaded.fingerprint == encoder.fingerprint
    assert (loaded.encode_images(RED).meaning == encoder.encode_images(RED).meaning).all()
    assert (loaded.encode_queries(["x"]) == encoder.encode_queries(["x"])).all()


def test_that_meaning_comes_from_the_bases_vectors_without_a_picture() -> None:
    bridge = Bridge("colours", np.full(3, 0.2, np.float32), SWAP, Setting(0.01, 0.6))
    encoder = FittedEncoder(Colours(), bridge)
    assert (
        encoder.meaning_of(Colours().encode_images(RED)) == encoder.encode_images(RED).meaning
    ).all()


def test_that_a_damaged_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match="missing"):
        load_fitted(Colours(), tmp_path)
    save_fit(Bridge("colours", np.zeros(3, np.float32), SWAP, Setting(0.01, 1.0)), tmp_path)
    path = tmp_path / FIT
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ModelRejected, match="damaged"):
        load_fitted(Colours(), tmp_path)


def test_that_a_fit_of_another_encoder_is_refused(tmp_path: Path) -> None:
    bridge, _ = fit_bridge(world(40), "encoder")
    save_fit(bridge, tmp_path)
    with pytest.raises(ModelRejected, match="another model"):
        load_fitted(Colours(), tmp_path)
