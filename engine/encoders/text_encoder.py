"""A loaded bi-encoder: texts in, L2-normalised vectors out.

A text's vector does not depend on what it is encoded along with. Queries run on the thread that
asks and never wait behind passages.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoders.catalogue import ONNX, TOKENIZER, ModelCard, weights_folder
from engine.encoders.onnx_session import OnnxModel
from engine.encoders.prepared import Prepared, read_prepared
from engine.encoders.text_adapter import TextAdapter
from engine.encoders.tokens import load_tokenizer
from engine.errors import ModelRejected

_TEXTS_A_STEP = 32


class TextEncoder:
    """A bi-encoder; every method may be called from any thread, from several at once."""

    def __init__(
        self, card: ModelCard, model: Path, tokenizer: Path, prepared: Prepared, threads: int
    ) -> None:
        self.dim = card.dim
        self.max_tokens = card.max_tokens
        self.fingerprint = prepared.fingerprint
        self.variant = prepared.variant
        self._prompt = card.query_prompt
        self._pooling = card.pooling
        self._tokenizer = load_tokenizer(tokenizer, card.max_tokens)
        self._model = OnnxModel(model, threads)
        self._adapter: TextAdapter | None = None

    def adapted(self, adapter: TextAdapter) -> TextEncoder:
        """The same encoder, its queries mapped by an adapter; passages are encoded as before."""
        other = copy.copy(self)
        other._adapter = adapter
        return other

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries, (n, dim) float32, L2-normalised."""
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._encode(self._prompt + text)
        return self._adapter.queries(vectors) if self._adapter else vectors

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors of passages, (n, dim) float32, L2-normalised.

        `on_batch` is told every second or so how many are done; it may raise to stop.
        """
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        # Longest first, so that no thread is left alone with a long text at the end.
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        step = _TEXTS_A_STEP * self._model.threads
        for start in range(0, len(order), step):
            rows = order[start : start + step]
            vectors[rows] = list(self._model.pool.map(self._encode, [texts[row] for row in rows]))
            if on_batch:
                on_batch(start + len(rows))
        return vectors

    def _encode(self, text: str) -> NDArray[np.float32]:
        encoding = self._tokenizer.encode(text)
        tokens = self._model.run(encoding.ids, encoding.type_ids)
        vector = tokens.mean(axis=0) if self._pooling == "mean" else tokens[0]
        unit: NDArray[np.float32] = vector / max(float(np.linalg.norm(vector)), 1e-12)
        return unit


def load_encoder(card: ModelCard, onnx_folder: Path, threads: int = 0) -> TextEncoder:
    """Load a prepared encoder; `threads` 0 takes the physical cores.

    Raises ModelRejected where it was not prepared, or its files are missing or damaged.
    """
    prepared = read_prepared(onnx_folder)
    if prepared is None:
        raise ModelRejected(
            "Model is not ready",
            f"{card.name} has not been prepared on this computer.",
            "Make it the active model again.",
        )
    folder = onnx_folder
    if card.origin == "bundled" and not (folder / ONNX).exists():
        folder = weights_folder(card.id)
    return TextEncoder(card, folder / ONNX, folder / TOKENIZER, prepared, threads)
