"""What Attune writes beside ONNX graphs that it exports, so that it can take them in again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.encoders.catalogue import Pooling
from engine.errors import ModelRejected

MANIFEST = "attune.json"
FP32, INT8 = "onnx/model.onnx", "onnx/model_int8.onnx"


class OnnxVariant(msgspec.Struct, frozen=True):
    """One graph of a model."""

    file: str
    """Below the folder."""
    sha256: str
    agreement: float
    """Smallest cosine between its vectors and the exact ones, over the check texts."""
    ndcg_at_10: float
    """On the general set."""


class OnnxManifest(msgspec.Struct, frozen=True):
    """How texts become vectors with the graphs of a folder."""

    name: str
    pooling: Pooling
    query_prompt: str
    max_tokens: int
    dim: int
    licence: str
    variants: dict[str, OnnxVariant]
    """By `fp32` and `int8`."""
    probes: tuple[str, ...]
    """Texts, as passages are encoded."""
    vectors: tuple[tuple[float, ...], ...]
    """The exact vectors of the probes, L2-normalised."""


def read_manifest(folder: Path) -> OnnxManifest | None:
    """The manifest of an exported folder; None where there is none. Raises ModelRejected."""
    try:
        told = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=OnnxManifest)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ModelRejected(
            "Model cannot be read", f"{MANIFEST} in {folder} is damaged.", "Export it anew."
        ) from error
    whole = len(told.vectors) == len(told.probes) > 0
    if not whole or any(len(vector) != told.dim for vector in told.vectors):
        raise ModelRejected(
            "Model does not fit together",
            f"{MANIFEST} tells of vectors of {told.dim} numbers, but holds others.",
            "Export it anew.",
        )
    return told


def write_manifest(manifest: OnnxManifest, folder: Path) -> None:
    """Write the manifest of a folder."""
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
