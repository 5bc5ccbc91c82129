"""Writes a bi-encoder's folder in the layout of sentence-transformers, from its card.

Only files with weights and words are copied; what tells how they are used is written anew, so that
nothing comes along that nobody looked at.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from engine.encoders.catalogue import SAFETENSORS, TOKENIZER, ModelCard
from engine.encoders.text_source import LENGTH, MODULES, PROMPTS

_COPIED = (
    SAFETENSORS,
    TOKENIZER,
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
)
_PARTS = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))


def write_layout(card: ModelCard, source: Path, target: Path, *, with_weights: bool = True) -> None:
    """Fill an empty folder with a model, from the folder of its transformer."""
    for name in _COPIED:
        if (source / name).is_file() and (with_weights or name != SAFETENSORS):
            shutil.copyfile(source / name, target / name)
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": path,
            "type": f"sentence_transformers.models.{kind}",
        }
        for number, (path, kind) in enumerate(_PARTS)
    ]
    _write(target / MODULES, modules)
    (target / "1_Pooling").mkdir()
    pooling = {
        "word_embedding_dimension": card.dim,
        "pooling_mode_cls_token": card.pooling == "cls",
        "pooling_mode_mean_tokens": card.pooling == "mean",
        "pooling_mode_max_tokens": False,
        "pooling_mode_mean_sqrt_len_tokens": False,
    }
    _write(target / "1_Pooling" / "config.json", pooling)
    (target / "2_Normalize").mkdir()
    _write(target / LENGTH, {"max_seq_length": card.max_tokens, "do_lower_case": False})
    prompts = {"query": card.query_prompt} if card.query_prompt else {}
    _write(
        target / PROMPTS,
        {"prompts": prompts, "default_prompt_name": None, "similarity_fn_name": "cosine"},
    )


def _write(path: Path, value: object) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")
