"""A model to be tuned: read from its own files alone, written back in the same layout."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from engine.encoders.torchvision_ops import define_missing
from engine.errors import ModelRejected
from engine.flush import flush_file, flush_folder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_NO_ATTENTION_DROPOUT = {"attention_probs_dropout_prob": 0.0, "attention_dropout": 0.0}
"""Dropout on attention weights more than doubles the time and the memory of a step on a CPU. All
other dropout stays: without it less was found on queries that training had not seen."""

_OTHER_FILES = shutil.ignore_patterns("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt", "*.onnx", "*.py")
"""The same weights in other formats, and code: none of it is loaded, none of it is passed on."""


def load(folder: Path, max_tokens: int, device: str) -> SentenceTransformer:
    """Load a model from its own files alone: no code, no pickles, no network."""
    define_missing()
    # Only now: it looks for torchvision.
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(
        str(folder),
        device=device,
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={
            "use_safetensors": True,
            "dtype": torch.float32,
            # Of torch's fused attention the backward pass alone is two fifths of a step on a CPU.
            "attn_implementation": "eager" if device == "cpu" else "sdpa",
        },
        config_kwargs=_NO_ATTENTION_DROPOUT,
    )
    model.max_seq_length = min(max_tokens, model.max_seq_length or max_tokens)
    for name, weight in model.named_parameters():
        # A transformer's own pooler has no part in a sentence's vector.
        weight.requires_grad_(weight.is_floating_point() and ".pooler." not in name)
    return model


def save(model: SentenceTransformer, base: Path, target: Path) -> None:
    """Write the model next to its target, then give it the target's name.

    Only the weights are new. Configuration and tokenizer are the base's own files, byte for byte,
    so that nothing about how texts are prepared changes by being read and written again.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        saved, building = Path(scratch) / "saved", Path(scratch) / "building"
        model.save(str(saved), create_model_card=False, safe_serialization=True)
        shutil.copytree(base, building, ignore=_OTHER_FILES)
        for weights in [file.relative_to(base) for file in base.rglob("*.safetensors")]:
            if not (saved / weights).is_file():
                raise ModelRejected(
                    "This model cannot be tuned",
                    f"Its weights are laid out in a way that is not known here ({weights}).",
                    "Tune another model.",
                )
            (saved / weights).replace(building / weights)
            flush_file(building / weights)
        building.rename(target)
        flush_folder(target.parent)


def weights_hash(folder: Path) -> str:
    """SHA-256 of all weights, hex."""
    found = hashlib.sha256()
    for file in sorted(folder.rglob("*.safetensors")):
        found.update(file.relative_to(folder).as_posix().encode())
        with file.open("rb") as opened:
            found.update(hashlib.file_digest(opened, "sha256").digest())
    return found.hexdigest()
