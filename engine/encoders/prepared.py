"""What is known of an encoder that was prepared on this machine (`onnx/encoder.json`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from engine.encoders.catalogue import ONNX, SAFETENSORS, TOKENIZER, ModelCard, file_sha256

Variant = Literal["int8", "fp32"]

RECORD = "encoder.json"
_PREPROCESSING = 1
"""Changes with whatever makes vectors of the same weights incomparable."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One variant on the check set."""

    ndcg_at_10: float
    passages_per_s: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared encoder."""

    variant: Variant
    fingerprint: str
    """Of weights, variant, tokenizer, pooling, prompt, length and preprocessing, hex."""
    cosine: float | None
    """Mean over the check set's texts, int8 against fp32; None where there is only one."""
    int8: Measured | None
    fp32: Measured | None


def read_prepared(folder: Path) -> Prepared | None:
    """The record of a prepared encoder's folder; None where it has to be prepared (again)."""
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=Prepared)
    except (OSError, msgspec.DecodeError):
        return None


def write_prepared(prepared: Prepared, folder: Path) -> None:
    """Write the record; the last step of preparing."""
    (folder / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(prepared)))


def fingerprint(
    card: ModelCard, weights: Path, variant: Variant, calibrated_on: Sequence[Sequence[int]] = ()
) -> str:
    """Which vectors may be compared with each other: those of one fingerprint, 32 hex digits.

    It is of what was put in, not of the converted file, so that a rebuilt encoder finds the vectors
    that its forerunner cached. `calibrated_on` are the token ids that quantising was fitted to:
    fitted to others, the same weights give slightly other vectors.
    """
    file = weights / SAFETENSORS
    parts = (
        file_sha256(file if file.exists() else weights / ONNX),
        variant,
        file_sha256(weights / TOKENIZER),
        card.pooling,
        card.query_prompt,
        card.max_tokens,
        calibrated_on,
        _PREPROCESSING,
    )
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]
