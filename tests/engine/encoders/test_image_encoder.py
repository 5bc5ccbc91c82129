from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from engine.encoders.image_encoder import Preprocessing, prepared_pixels, unit

GREY = (0.5, 0.5, 0.5)


def preprocessing(fit: str, size: int = 10, fill: int = 0) -> Preprocessing:
    return Preprocessing(size, fit, "bicubic", GREY, GREY, fill)  # type: ignore[arg-type]


def striped(width: int, height: int) -> Image.Image:
    """Red on the left third, green in the middle, blue on the right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    third = width // 3
    for channel in range(3):
        pixels[:, channel * third : (channel + 1) * third, channel] = 255
    return Image.fromarray(pixels)


def test_that_fitting_the_shortest_side_sees_the_middle() -> None:
    pixels = prepared_pixels(striped(90, 30), preprocessing("shortest"))
    assert pixels.shape == (10, 10, 3) and pixels.dtype == np.uint8
    assert (pixels[5, 2:8] == [0, 255, 0]).all()


def test_that_squashing_sees_everything() -> None:
    pixels = prepared_pixels(striped(90, 30), preprocessing("squash"))
    assert pixels[5, 0].argmax() == 0 and pixels[5, 5].argmax() == 1 and pixels[5, 9].argmax() == 2


def test_that_fitting_the_longest_side_fills_the_rest() -> None:
    pixels = prepared_pixels(striped(90, 30), preprocessing("longest", fill=7))
    assert (pixels[0] == 7).all() and (pixels[9] == 7).all()
    assert pixels[5, 0].argmax() == 0 and pixels[5, 9].argmax() == 2


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK", "I;16", "F"])
def test_that_every_mode_becomes_red_green_blue(mode: str) -> None:
    source = Image.new("L", (12, 14), 200)
    image = source if mode == "L" else source.convert("RGB").convert("L").convert(mode)
    assert prepared_pixels(image, preprocessing("shortest")).shape == (10, 10, 3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (10, 10), (11, 13), (1, 200_000), (60_000, 1)])
@pytest.mark.parametrize("fit", ["shortest", "longest", "squash"])
def test_that_every_shape_becomes_the_square(shape: tuple[int, int], fit: str) -> None:
    assert prepared_pixels(Image.new("RGB", shape), preprocessing(fit)).shape == (10, 10, 3)


@pytest.mark.parametrize("fit", ["shortest", "longest", "squash"])
@pytest.mark.parametrize("shape", [(37, 53), (200, 131), (7, 9), (32, 32), (33, 32)])
def test_that_pixels_are_those_of_open_clip(fit: str, shape: tuple[int, int]) -> None:
    from engine.encoders.torchvision_ops import define_missing

    define_missing()
    from open_clip.transform import PreprocessCfg, image_transform_v2

    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (shape[1], shape[0], 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    theirs = image_transform_v2(
        PreprocessCfg(size=32, mean=(0.0,) * 3, std=(1.0,) * 3, resize_mode=fit, fill_color=9),
        is_train=False,
    )(image)
    expected = (theirs * 255).round().permute(1, 2, 0).numpy().astype(np.uint8)
    assert (prepared_pixels(image, preprocessing(fit, 32, 9)) == expected).all()


def test_that_unit_vectors_keep_their_direction() -> None:
    vectors = np.array([[3.0, 4.0], [0.0, 0.0]], np.float32)
    assert unit(vectors).tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0.0, 0.0]]
