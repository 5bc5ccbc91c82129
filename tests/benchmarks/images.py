"""Quality of searching pictures: `python -m tests.benchmarks.images PICTURES MINILM [--encoder E]`.

PICTURES is a BEIR folder whose corpus lines have an `image` (a path below it) and whose queries are
captions; MINILM a folder with MiniLM's `onnx/`. Encodes every picture with the built-in encoder
(prepared first; --encoder takes a folder that was prepared before, or a CLIP's) and prints pictures
a second, R@1, R@5 and R@10 of captions, how often a changed copy finds its original first, and what
is fitted to the captions of one half gains on the other half's.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from engine.encoders.catalogue import BUNDLED
from engine.encoders.descriptions import Descriptions
from engine.encoders.fitted import fit_to
from engine.encoders.image_encoder import ImageEncoder, ImageVectors, prepared_pixels
from engine.encoders.image_loading import load_image_encoder
from engine.encoders.image_prepare import prepare_classifier
from engine.encoders.text_encoder import load_encoder

_STEP = 32
_CUTOFFS = (1, 5, 10)
Vectors = NDArray[np.float32]


def read_collection(folder: Path) -> tuple[list[Path], list[str], NDArray[np.int64]]:
    """Pictures, captions, and by caption the row of its picture."""

    def lines(name: str) -> list[dict[str, str]]:
        with (folder / name).open(encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    corpus, queries = lines("corpus.jsonl"), lines("queries.jsonl")
    rows = {line["_id"]: row for row, line in enumerate(corpus)}
    (qrels,) = (folder / "qrels").glob("*.tsv")
    pairs = [line.split("\t") for line in qrels.read_text("utf-8").splitlines()[1:]]
    gold = {query: rows[picture] for query, picture, _ in pairs}
    queries = [line for line in queries if line["_id"] in gold]
    return (
        [folder / line["image"] for line in corpus],
        [line["text"] for line in queries],
        np.array([gold[line["_id"]] for line in queries]),
    )


def opened(path: Path) -> Image.Image:
    """A picture, upright."""
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def encode(
    encoder: ImageEncoder, paths: list[Path], change: Callable[[Image.Image], Image.Image]
) -> tuple[ImageVectors, float, float]:
    """Vectors of changed pictures, and the seconds of decoding and of encoding."""
    look, meaning, decoding, encoding = [], [], 0.0, 0.0
    for start in range(0, len(paths), _STEP):
        began = time.perf_counter()
        pixels = np.stack(
            [
                prepared_pixels(change(opened(path)), encoder.preprocessing)
                for path in paths[start : start + _STEP]
            ]
        )
        decoded = time.perf_counter()
        vectors = encoder.encode_images(pixels)
        decoding, encoding = decoding + decoded - began, encoding + time.perf_counter() - decoded
        look.append(vectors.look)
        meaning.append(vectors.meaning)
    return ImageVectors(np.concatenate(look), np.concatenate(meaning)), decoding, encoding


def recalls(scores: Vectors, gold: NDArray[np.int64]) -> str:
    """R@1, R@5, R@10 of scores (queries, pictures); a tie counts against the picture."""
    right = scores[np.arange(len(gold)), gold]
    ranks = (scores >= right[:, None]).sum(axis=1)
    return "  ".join(f"R@{k} {100 * float((ranks <= k).mean()):5.1f} %" for k in _CUTOFFS)


def half_the_area(image: Image.Image) -> Image.Image:
    """Somewhere within the picture, the same for the same size."""
    place = random.Random(str(image.size))
    width, height = (round(side * 0.5**0.5) for side in image.size)
    left, top = place.randint(0, image.width - width), place.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def encoded_again(image: Image.Image) -> Image.Image:
    """As a JPEG of quality 40."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40)
    return Image.open(file).convert("RGB")


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "flipped": ImageOps.mirror,
    "half of the area": half_the_area,
    "JPEG quality 40": encoded_again,
    "half as wide": lambda image: image.resize((image.width // 2, image.height // 2)),
}


def image_to_image(encoder: ImageEncoder, paths: list[Path], look: Vectors, sample: int) -> None:
    """Share of changed copies that find their original first among all pictures."""
    rows = np.linspace(0, len(paths) - 1, min(sample, len(paths))).astype(int)
    for name, change in CHANGES.items():
        copies, _, _ = encode(encoder, [paths[row] for row in rows], change)
        found = (copies.look @ look.T).argmax(axis=1) == rows
        print(f"{name:18} finds its original first {100 * float(found.mean()):5.1f} %", flush=True)


def half_and_half(
    encoder: ImageEncoder, vectors: ImageVectors, queries: Vectors, gold: NDArray[np.int64]
) -> None:
    """What is fitted to the captions of one half of the pictures, on the other half's."""
    order = np.random.default_rng(0).permutation(len(vectors.look))
    for half in (0, 1):
        fitted_to = np.sort(order[half::2])
        inside = np.isin(gold, fitted_to)
        began = time.perf_counter()
        pictures = ImageVectors(vectors.look[fitted_to], vectors.meaning[fitted_to])
        picture_of, n_texts = np.searchsorted(fitted_to, gold[inside]), int(inside.sum())
        texts = np.arange(n_texts)
        told = Descriptions(
            pictures, queries[inside], picture_of, texts, np.ones(n_texts, np.float32)
        )
        fit, held_out = fit_to(encoder, told)
        seconds = time.perf_counter() - began
        meaning = fit.meaning(vectors)
        others = np.setdiff1d(order, fitted_to)
        asked, right = queries[~inside], gold[~inside]
        row = np.searchsorted(others, right)
        print(f"fitted in {seconds:.1f} s: {fit.setting}")
        print(f"  cross-validated: {held_out.recall_before} -> {held_out.recall_after}")
        print(f"  other half, before  {recalls(asked @ vectors.meaning[others].T, row)}")
        print(f"  other half, after   {recalls(fit.queries(asked) @ meaning[others].T, row)}")
        print(f"  among all, before   {recalls(asked @ vectors.meaning.T, right)}")
        print(f"  among all, after    {recalls(fit.queries(asked) @ meaning.T, right)}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("minilm", type=Path)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--copies", type=int, default=200, help="pictures changed in each way")
    arguments = parser.parse_args()
    paths, captions, gold = read_collection(arguments.pictures)
    text = load_encoder(BUNDLED[0], arguments.minilm / "onnx", arguments.threads)
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.encoder or Path(scratch) / "encoder"
        if not arguments.encoder:
            prepare_classifier(folder, lambda: None)
        encoder = load_image_encoder(folder, text, arguments.threads)
        vectors, decoding, encoding = encode(encoder, paths, lambda image: image)
        print(f"decoding {len(paths) / decoding:6.1f} pictures/s on one thread")
        print(f"encoding {len(paths) / encoding:6.1f} pictures/s on {arguments.threads} threads")
        queries = encoder.encode_queries(captions)
        print(f"captions: {recalls(queries @ vectors.meaning.T, gold)}", flush=True)
        half_and_half(encoder, vectors, queries, gold)
        image_to_image(encoder, paths, vectors.look, arguments.copies)


if __name__ == "__main__":
    main()
