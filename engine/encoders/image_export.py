"""Traces image and text towers with torch into ONNX graphs; only the export worker imports this."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from engine.encoders.image_encoder import Preprocessing
from engine.encoders.image_graph import ImageGraph
from engine.encoders.onnx_session import default_threads
from engine.errors import ModelRejected

_OPSET = 17
_MAX_DIFFERENCE = 1e-4
"""Between torch and onnxruntime, in parts of the largest output or of 1."""


class FromPixels(nn.Module):  # type: ignore[misc]
    """A tower behind its normalisation: takes pixels (1, size, size, 3) uint8."""

    def __init__(self, tower: Any, preprocessing: Preprocessing) -> None:
        super().__init__()
        self.tower = tower
        for name, values in (("mean", preprocessing.mean), ("std", preprocessing.std)):
            self.register_buffer(name, torch.tensor(values).reshape(1, 3, 1, 1))

    def forward(self, pixels: Any) -> Any:
        """What the tower makes of them."""
        images = pixels.permute(0, 3, 1, 2).float() / 255
        return self.tower((images - self.mean) / self.std)


def sample_pixels(size: int) -> list[Any]:
    """Pixels to compare with, each (1, size, size, 3) uint8: noise in blocks, coarse to fine."""
    random = np.random.default_rng(0)
    return [
        torch.from_numpy(
            random.integers(0, 256, (1, cells, cells, 3), dtype=np.uint8)
            .repeat(-(-size // cells), axis=1)
            .repeat(-(-size // cells), axis=2)[:, :size, :size]
            .copy()
        )
        for cells in (4, 32, size)
    ]


def export_tower(tower: Any, samples: Sequence[Any], outputs: list[str], target: Path) -> float:
    """Trace a tower as a graph of one input a run and compare both on the samples.

    `samples` are tensors with a batch axis of 1. Returns the greatest difference between any two
    numbers, in parts of the largest output or of 1. Raises ModelRejected.
    """
    torch.set_num_threads(default_threads())
    # torch's own fused attention has no form in ONNX.
    torch.backends.mha.set_fastpath_enabled(False)
    with torch.no_grad():
        try:
            torch.onnx.export(
                tower,
                (samples[0],),
                str(target),
                input_names=["input"],
                output_names=outputs,
                opset_version=_OPSET,
                # torch's newer exporter needs a further package and makes the same graph.
                dynamo=False,
            )
        except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
            raise _refused("It has a part that cannot be converted.") from error
        exported = ImageGraph(target, threads=1)
        greatest = 0.0
        for sample in samples:
            expected = tower(sample)
            wanted = expected if isinstance(expected, tuple) else (expected,)
            found = exported.run(sample[0].numpy())
            for one, other in zip(wanted, found, strict=True):
                greatest = max(greatest, _difference(one[0].numpy(), other))
    if greatest > _MAX_DIFFERENCE:
        raise _refused("Its converted form does not give the same vectors.")
    return greatest


def _difference(one: Any, other: Any) -> float:
    if one.shape != other.shape or not np.isfinite(one).all() or not np.isfinite(other).all():
        return np.inf
    return float(np.abs(one - other).max() / max(1.0, np.abs(one).max()))


def _refused(why: str) -> ModelRejected:
    return ModelRejected(
        "Model cannot be converted", why, "Go on with the picture model you used before."
    )
