"""The bundled cross-encoder: reads a query and a passage together and says how well they fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoders.catalogue import CROSS_ENCODER, ONNX, TOKENIZER, weights_folder
from engine.encoders.onnx_session import OnnxModel
from engine.encoders.tokens import load_tokenizer

_MAX_TOKENS = 128
"""Of query and passage together: the longer of them is cut."""


class CrossEncoder:
    """A loaded cross-encoder; any thread may call it."""

    def __init__(self, folder: Path, threads: int, max_tokens: int = _MAX_TOKENS) -> None:
        self._tokenizer = load_tokenizer(folder / TOKENIZER, max_tokens)
        self._model = OnnxModel(folder / ONNX, threads)

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Logits of the passages for a query, (n,) float32: higher fits better, 0 is undecided."""

        def logit(passage: str) -> float:
            pair = self._tokenizer.encode(query, passage)
            return float(self._model.run(pair.ids, pair.type_ids)[0])

        return np.fromiter(
            self._model.pool.map(logit, passages), dtype=np.float32, count=len(passages)
        )


def load_cross_encoder(threads: int = 0) -> CrossEncoder:
    """Load the bundled cross-encoder; `threads` 0 takes the physical cores.

    Raises ModelRejected where its files are missing or altered.
    """
    return CrossEncoder(weights_folder(CROSS_ENCODER), threads)
