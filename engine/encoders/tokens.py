"""Tokenizers of encoders, without the padding and the lengths that their files carry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ModelRejected

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def load_tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    """Load a `tokenizer.json` that cuts what is longer than `max_tokens`; raises ModelRejected.

    Of a pair, the longer text is cut first.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    # The library raises Exception itself.
    except Exception as error:
        raise ModelRejected(
            "Model cannot be loaded",
            f"{path} is missing or damaged.",
            "Delete the folder it lies in if it is called onnx: it is made anew. Otherwise restore"
            " the model from a backup.",
        ) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens, strategy="longest_first")
    return tokenizer
