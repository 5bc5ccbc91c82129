from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.encoders.bridge import (
    Bridge,
    BridgedEncoder,
    FittedBridge,
    fit_bridge,
    load_bridge,
    save_bridge,
)
from engine.encoders.image_encoder import ImageEncoder, ImageVectors, Preprocessing, unit
from engine.errors import InvalidInput, ModelRejected, NotEnoughData

D_LOOK, DIM = 24, 16
Vectors = NDArray[np.float32]


def world(
    pictures: int, captions_each: int = 2, noise: float = 0.3, told: float = 0.1
) -> tuple[ImageVectors, Vectors, NDArray[np.int64]]:
    """Pictures whose captions follow from their look by a linear map, and which say little of it.

    `told` is how much of what their captions say is in their own meaning.
    """
    random = np.random.default_rng(5)

    def normal(*shape: int) -> Vectors:
        return random.normal(size=shape).astype(np.float32)

    look = unit(normal(pictures, D_LOOK))
    said = unit(look @ normal(D_LOOK, DIM))
    picture_of = np.repeat(np.arange(pictures), captions_each)
    captions = unit(said[picture_of] + noise * normal(len(picture_of), DIM) / DIM**0.5)
    meaning = unit(told * said + normal(pictures, DIM) / DIM**0.5)
    return ImageVectors(look, meaning), captions, picture_of


@pytest.fixture(scope="module")
def fitted() -> FittedBridge:
    return fit_bridge(*world(150), "encoder")


def test_that_a_bridge_learns_what_pictures_do_not_say(fitted: FittedBridge) -> None:
    assert fitted.gain.helps
    assert fitted.gain.recall_after > 0.8 > 0.4 > fitted.gain.recall_before
    assert fitted.gain.pictures == 150 and fitted.gain.captions == 300
    assert fitted.bridge.share >= 0.5


def test_that_a_fitted_bridge_serves_pictures_it_has_not_seen() -> None:
    pictures, captions, picture_of = world(200)
    half = picture_of < 120
    bridge = fit_bridge(pictures, captions[half], picture_of[half], "encoder").bridge
    unseen = ImageVectors(pictures.look[120:], pictures.meaning[120:])
    found = (captions[~half] @ bridge.meaning(unseen).T).argmax(axis=1)
    assert float((found == picture_of[~half] - 120).mean()) > 0.6


def test_that_captions_without_a_pattern_gain_nothing() -> None:
    pictures, captions, picture_of = world(80, told=3.0)
    shuffled = np.random.default_rng(0).permutation(pictures.look)
    gain = fit_bridge(ImageVectors(shuffled, pictures.meaning), captions, picture_of, "x").gain
    assert not gain.helps
    assert gain.recall_after >= gain.recall_before - 0.02


def test_that_more_pictures_than_dimensions_and_fewer_are_solved_alike() -> None:
    from engine.encoders.bridge import _regressions

    pictures, captions, picture_of = world(20)
    for rows in (20, 12):
        kept = picture_of < rows
        (found,) = _regressions(pictures.look[:rows], captions[kept], picture_of[kept], (0.01,))
        look = (pictures.look[:rows] - pictures.look[:rows].mean(axis=0)).astype(float)
        said = captions[kept].reshape(rows, 2, DIM).mean(axis=1) - captions[kept].mean(axis=0)
        expected = np.linalg.solve(look.T @ look + 0.01 * rows * np.eye(D_LOOK), look.T @ said)
        assert found == pytest.approx(expected, abs=1e-4)


def test_that_many_dimensions_are_solved_over_pictures() -> None:
    from engine.encoders.bridge import _regressions

    pictures, captions, picture_of = world(60)
    (wide,) = _regressions(np.pad(pictures.look, ((0, 0), (0, 100))), captions, picture_of, (0.01,))
    (narrow,) = _regressions(pictures.look, captions, picture_of, (0.01,))
    assert wide[:D_LOOK] == pytest.approx(narrow, abs=1e-4)
    assert wide[D_LOOK:] == pytest.approx(0.0, abs=1e-6)


def test_that_fitting_the_same_twice_gives_the_same(fitted: FittedBridge) -> None:
    again = fit_bridge(*world(150), "encoder")
    assert again.bridge.fingerprint == fitted.bridge.fingerprint
    assert again.gain == fitted.gain


def test_that_pictures_without_captions_are_told_apart_from_but_not_learned_from(
    fitted: FittedBridge,
) -> None:
    pictures, captions, picture_of = world(150)
    random = np.random.default_rng(9)
    others = [unit(random.normal(size=(500, dim)).astype(np.float32)) for dim in (D_LOOK, DIM)]
    more = ImageVectors(
        np.concatenate([others[0], pictures.look]), np.concatenate([others[1], pictures.meaning])
    )
    again = fit_bridge(more, captions, picture_of + 500, "encoder")
    assert again.bridge.look_mean == pytest.approx(fitted.bridge.look_mean, abs=1e-6)
    assert again.gain.pictures == 150
    assert again.gain.recall_before < fitted.gain.recall_before


def test_that_few_pictures_are_refused_in_words() -> None:
    with pytest.raises(NotEnoughData, match="12 pictures have a text"):
        fit_bridge(*world(12), "encoder")


def test_that_texts_of_another_space_are_refused() -> None:
    pictures, captions, picture_of = world(50)
    with pytest.raises(InvalidInput, match="space"):
        fit_bridge(pictures, captions[:, :-1], picture_of, "encoder")
    with pytest.raises(InvalidInput, match="not there"):
        fit_bridge(pictures, captions, picture_of + 1, "encoder")


def test_that_a_saved_bridge_is_the_same(fitted: FittedBridge, tmp_path: Path) -> None:
    save_bridge(fitted.bridge, tmp_path / "bridge.safetensors")
    loaded = load_bridge(tmp_path / "bridge.safetensors")
    assert loaded.fingerprint == fitted.bridge.fingerprint
    pictures = world(150)[0]
    assert (loaded.meaning(pictures) == fitted.bridge.meaning(pictures)).all()
    assert np.linalg.norm(loaded.meaning(pictures), axis=1) == pytest.approx(1.0, abs=1e-5)


def test_that_a_damaged_bridge_is_refused(fitted: FittedBridge, tmp_path: Path) -> None:
    path = tmp_path / "bridge.safetensors"
    with pytest.raises(ModelRejected):
        load_bridge(path)
    save_bridge(fitted.bridge, path)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(ModelRejected, match="damaged"):
        load_bridge(path)


def test_that_whatever_changes_vectors_changes_the_fingerprint(fitted: FittedBridge) -> None:
    bridge = fitted.bridge
    others = [
        replace(bridge, encoder_fingerprint="other"),
        replace(bridge, share=bridge.share / 2),
        replace(bridge, weights=bridge.weights * 2),
    ]
    assert len({other.fingerprint for other in [bridge, *others]}) == 4


class Colours:
    """An image encoder whose pictures look and mean as their mean colour says."""

    fingerprint = "colours"
    size, d_look, d_meaning = 4, 3, 3
    preprocessing = Preprocessing(4, "squash", "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))

    def encode_images(self, pixels: NDArray[np.uint8]) -> ImageVectors:
        look = unit(pixels.reshape(len(pixels), -1, 3).mean(axis=1).astype(np.float32))
        return ImageVectors(look, look)

    def encode_queries(self, texts: object) -> Vectors:
        return np.eye(3, dtype=np.float32)


def test_that_an_encoder_with_a_bridge_is_an_encoder_of_its_own() -> None:
    swap = np.eye(3, dtype=np.float32)[[1, 0, 2]]
    bridge = Bridge("colours", np.zeros(3, np.float32), swap, share=1.0, penalty=0.01)
    encoder: ImageEncoder = BridgedEncoder(Colours(), bridge)
    assert encoder.fingerprint not in ("colours", bridge.fingerprint)
    red = np.zeros((1, 4, 4, 3), np.uint8)
    red[..., 0] = 255
    vectors = encoder.encode_images(red)
    assert vectors.look[0].argmax() == 0 and vectors.meaning[0].argmax() == 1


def test_that_a_bridge_of_another_encoder_is_refused(fitted: FittedBridge) -> None:
    with pytest.raises(ModelRejected, match="another model"):
        BridgedEncoder(Colours(), fitted.bridge)
