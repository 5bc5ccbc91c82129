"""The export worker for pictures: turns an image encoder into the graphs that are used here.

`python -m engine.encoders.image_export_worker`; `engine.encoders.image_prepare` is its parent. The
only place that runs an image encoder with torch.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.encoders.catalogue import IMAGE_CLASSIFIER, IMAGE_WEIGHTS, file_sha256
from engine.encoders.clip_config import read_clip_source
from engine.encoders.image_encoder import Preprocessing
from engine.encoders.image_prepared import IMAGE_GRAPH, LABELS, PreparedImages, fingerprint_of
from engine.encoders.imagenet_labels import imagenet_labels
from engine.errors import EngineError
from engine.jobs.worker import Parent, WorkerError

_VERSION = 1
"""Changes with whatever makes vectors of the same weights incomparable."""


class ExportClassifier(msgspec.Struct, frozen=True, tag=True):
    """Order the built-in encoder; paths are absolute."""

    weights: str
    """The checked folder of its weights."""
    target: str
    """An empty folder."""


class ImportClip(msgspec.Struct, frozen=True, tag=True):
    """Order a CLIP of open_clip's; paths are absolute."""

    source: str
    """A folder, or a checkpoint file."""
    architecture: str | None
    """open_clip's name of a checkpoint's architecture."""
    target: str
    """An empty folder."""
    known: dict[str, str]
    """Names by fingerprint of models that need not be imported again."""


class ImagesExported(msgspec.Struct, frozen=True, tag=True):
    """The answer: the record to be written."""

    prepared: PreparedImages


Order = ExportClassifier | ImportClip
Answer = ImagesExported | WorkerError


def export_classifier(weights: Path, target: Path) -> PreparedImages:
    """Export EfficientNet-Lite2 from features to logits, and its labels; raises ModelRejected."""
    from engine.encoders.efficientnet import SIZE, load_efficientnet
    from engine.encoders.image_export import FromPixels, export_tower, sample_pixels

    preprocessing = Preprocessing(SIZE, "shortest", "bicubic", (127 / 255,) * 3, (128 / 255,) * 3)
    file = weights / IMAGE_WEIGHTS
    tower = FromPixels(load_efficientnet(file), preprocessing).eval()
    outputs = ["features", "logits"]
    export_tower(tower, sample_pixels(SIZE), outputs, target / IMAGE_GRAPH)
    (target / LABELS).write_bytes(msgspec.json.encode(imagenet_labels()))
    return PreparedImages(
        kind="classifier",
        name="EfficientNet-Lite2",
        fingerprint=fingerprint_of(IMAGE_CLASSIFIER, file_sha256(file), preprocessing, _VERSION),
        preprocessing=preprocessing,
        d_look=tower.tower.fc.in_features,
        d_meaning=None,
        text=None,
    )


def _carry_out(order: Order) -> PreparedImages:
    if isinstance(order, ExportClassifier):
        return export_classifier(Path(order.weights), Path(order.target))
    # What the files lack is said before torch is loaded, which takes seconds.
    source = read_clip_source(Path(order.source), order.architecture)
    from engine.encoders.clip_import import import_clip

    return import_clip(source, Path(order.target), order.known)


def main() -> None:
    """Carry out orders until the parent is gone."""
    parent: Parent[Order] = Parent(Order)
    while True:
        order = parent.receive()
        try:
            parent.send(ImagesExported(_carry_out(order)))
        except EngineError as error:
            parent.send(WorkerError.of(error))


if __name__ == "__main__":
    main()
