from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from engine.encoders.catalogue import BUNDLED, IMAGE_CLASSIFIER, IMAGE_WEIGHTS, weights_folder
from engine.encoders.classifier_encoder import ClassifierEncoder, load_classifier
from engine.encoders.image_encoder import ImageEncoder, prepared_pixels
from engine.encoders.image_prepare import prepare_classifier
from engine.encoders.text_encoder import TextEncoder, load_encoder
from engine.errors import JobCancelled, ModelRejected


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures") / "efficientnet"
    prepare_classifier(folder, lambda: None)
    return folder


@pytest.fixture(scope="module")
def text(prepared_minilm: Path) -> TextEncoder:
    return load_encoder(BUNDLED[0], prepared_minilm / "onnx", threads=2)


@pytest.fixture(scope="module")
def encoder(prepared: Path, text: TextEncoder) -> ClassifierEncoder:
    return load_classifier(prepared, text, threads=2)


def scene(seed: int) -> Image.Image:
    """A picture of coloured shapes that is unlike that of another seed."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (320, 240), tuple(random.integers(0, 256, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        x, y, wide, high = random.integers(0, (280, 200, 120, 90)).tolist()
        paint = draw.ellipse if random.random() < 0.5 else draw.rectangle
        paint((x, y, x + wide, y + high), fill=tuple(random.integers(0, 256, 3).tolist()))
    return image.filter(ImageFilter.GaussianBlur(1))


def pixels(encoder: ImageEncoder, images: list[Image.Image]) -> NDArray[np.uint8]:
    return np.stack([prepared_pixels(image, encoder.preprocessing) for image in images])


def tennis_ball() -> Image.Image:
    """Yellow-green with two pale seams, on a court."""
    image = Image.new("RGB", (260, 260), (60, 110, 70))
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 40, 220, 220), fill=(205, 225, 60))
    draw.arc((-90, 40, 110, 220), -60, 60, fill=(245, 245, 235), width=9)
    draw.arc((150, 40, 350, 220), 120, 240, fill=(245, 245, 235), width=9)
    return image.filter(ImageFilter.GaussianBlur(1))


def test_that_vectors_are_of_length_one_and_of_the_stated_shape(
    encoder: ClassifierEncoder,
) -> None:
    vectors = encoder.encode_images(pixels(encoder, [scene(1), scene(2)]))
    assert vectors.look.shape == (2, 1280) and vectors.meaning.shape == (2, 384)
    for part in (vectors.look, vectors.meaning, encoder.encode_queries(["a dog"])):
        assert part.dtype == np.float32
        assert np.linalg.norm(part, axis=1) == pytest.approx(1.0, abs=1e-5)
    nothing = encoder.encode_images(pixels(encoder, [scene(1)])[:0])
    assert nothing.look.shape == (0, 1280) and nothing.meaning.shape == (0, 384)


def test_that_a_picture_is_found_by_what_it_shows(encoder: ClassifierEncoder) -> None:
    meaning = encoder.encode_images(pixels(encoder, [tennis_ball()])).meaning
    texts = ["a tennis ball", "a castle", "a bowl of soup", "a bald eagle", "a steam train"]
    scores = encoder.encode_queries(texts) @ meaning[0]
    assert scores.argmax() == 0


def test_that_a_changed_copy_looks_like_its_original(encoder: ClassifierEncoder) -> None:
    originals = [scene(seed) for seed in range(8)]
    flipped = [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in originals]
    smaller = [image.resize((160, 120)) for image in originals]
    look = encoder.encode_images(pixels(encoder, originals)).look
    for changed in (flipped, smaller):
        similar = encoder.encode_images(pixels(encoder, changed)).look @ look.T
        assert (similar.argmax(axis=1) == np.arange(8)).all()


def test_that_a_vector_does_not_depend_on_what_it_is_encoded_with(
    encoder: ClassifierEncoder,
) -> None:
    both = encoder.encode_images(pixels(encoder, [scene(1), scene(2)]))
    alone = encoder.encode_images(pixels(encoder, [scene(2)]))
    assert (both.look[1] == alone.look[0]).all()


def test_that_the_graph_gives_what_torch_gives(prepared: Path) -> None:
    import torch

    from engine.encoders.efficientnet import load_efficientnet
    from engine.encoders.image_graph import ImageGraph

    model = load_efficientnet(weights_folder(IMAGE_CLASSIFIER) / IMAGE_WEIGHTS)
    image = np.asarray(scene(3).resize((260, 260)))
    with torch.no_grad():
        # Scaled as the weights were trained: (value - 127) / 128.
        scaled = (torch.from_numpy(image.astype(np.float32)) - 127) / 128
        expected = model(scaled.permute(2, 0, 1)[None])
    found = ImageGraph(prepared / "image.onnx", 1).run(image)
    for one, other in zip(expected, found, strict=True):
        assert np.abs(one[0].numpy() - other).max() < 1e-3


def test_that_label_vectors_are_kept_and_made_anew_when_damaged(
    prepared: Path, text: TextEncoder, encoder: ClassifierEncoder, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(prepared, folder)
    (kept,) = folder.glob("labels-*.npy")
    kept.write_bytes(b"damaged")
    again = load_classifier(folder, text, threads=1)
    assert again.fingerprint == encoder.fingerprint
    assert np.load(kept).shape == (1000, 384)
    image = pixels(encoder, [scene(4)])
    one, other = encoder.encode_images(image).meaning, again.encode_images(image).meaning
    assert one == pytest.approx(other, abs=1e-6)


def test_that_another_text_encoder_makes_another_fingerprint(
    prepared: Path, text: TextEncoder, encoder: ClassifierEncoder
) -> None:
    class Other:
        fingerprint = "other"
        dim = text.dim
        encode_queries = text.encode_queries
        encode_passages = text.encode_passages

    assert load_classifier(prepared, Other(), threads=1).fingerprint != encoder.fingerprint


def test_that_cancelling_leaves_nothing_behind(tmp_path: Path) -> None:
    def cancel() -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        prepare_classifier(tmp_path / "models" / "pictures", cancel)
    assert list((tmp_path / "models").iterdir()) == []


def test_that_an_encoder_that_was_not_prepared_is_refused(
    tmp_path: Path, text: TextEncoder
) -> None:
    with pytest.raises(ModelRejected, match="not been prepared"):
        load_classifier(tmp_path, text)


def test_that_damaged_weights_are_refused(tmp_path: Path) -> None:
    from engine.encoders.efficientnet import load_efficientnet

    damaged = tmp_path / IMAGE_WEIGHTS
    damaged.write_bytes((weights_folder(IMAGE_CLASSIFIER) / IMAGE_WEIGHTS).read_bytes()[:100_000])
    with pytest.raises(ModelRejected, match="damaged"):
        load_efficientnet(damaged)
