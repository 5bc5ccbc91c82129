"""A bi-encoder that runs in torch: what its other forms are compared with; for workers only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.encoders.catalogue import TOKENIZER, ModelCard
from engine.encoders.onnx_session import default_threads, open_session
from engine.encoders.tokens import load_tokenizer
from engine.encoders.torch_export import load_transformer
from engine.errors import ModelRejected

_OPSET = 17
_MAX_DIFFERENCE = 1e-3
_SHAPES = ((1, 3), (3, 40), (2, 16))
"""Texts and tokens that a traced graph is compared on."""


class TorchEncoder:
    """The exact vectors of a folder of weights, one text at a time."""

    def __init__(self, card: ModelCard, weights: Path) -> None:
        import torch

        torch.set_num_threads(default_threads())
        self._card = card
        self._tokenizer = load_tokenizer(weights / TOKENIZER, card.max_tokens)
        self.transformer = load_transformer(weights).eval()

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries, (n, dim) float32, L2-normalised."""
        return self.encode_passages([self._card.query_prompt + text for text in texts])

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors of passages, (n, dim) float32, L2-normalised; `on_batch` may raise to stop."""
        import torch

        vectors = []
        for number, text in enumerate(texts, start=1):
            ids = torch.tensor([self._tokenizer.encode(text).ids])
            with torch.no_grad():
                tokens = self.transformer(input_ids=ids).last_hidden_state[0].numpy()
            vector = tokens.mean(axis=0) if self._card.pooling == "mean" else tokens[0]
            vectors.append(vector / max(float(np.linalg.norm(vector)), 1e-12))
            if on_batch:
                on_batch(number)
        return np.array(vectors, dtype=np.float32)


def trace_in_batches(encoder: TorchEncoder, target: Path) -> None:
    """Write the graph that other programs expect: batches of texts with their attention masks.

    Its inputs are `input_ids`, `attention_mask` and, where the model has them, `token_type_ids`,
    (batch, tokens) int64; its output `last_hidden_state`, (batch, tokens, dim) float32. Raises
    ModelRejected where it does not give torch's vectors.
    """
    import torch

    transformer = encoder.transformer
    names = ["input_ids", "attention_mask"]
    if getattr(transformer.config, "type_vocab_size", 0) > 1:
        names.append("token_type_ids")

    class Batches(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = transformer

        def forward(self, *inputs: Any) -> Any:
            return self.model(**dict(zip(names, inputs, strict=True))).last_hidden_state

    def inputs(texts: int, tokens: int) -> tuple[Any, ...]:
        ids = torch.arange(texts * tokens).reshape(texts, tokens) % transformer.config.vocab_size
        mask = torch.ones_like(ids)
        mask[-1, tokens // 2 + 1 :] = 0
        return (ids, mask, torch.zeros_like(ids))[: len(names)]

    graph = Batches().eval()
    with torch.no_grad():
        torch.onnx.export(
            graph,
            inputs(2, 12),
            str(target),
            input_names=names,
            output_names=["last_hidden_state"],
            dynamic_axes={
                name: {0: "batch", 1: "tokens"} for name in (*names, "last_hidden_state")
            },
            opset_version=_OPSET,
            # torch's newer exporter needs a further package and makes the same graph.
            dynamo=False,
        )
        session = open_session(target)
        for shape in _SHAPES:
            given = inputs(*shape)
            feeds = {name: value.numpy() for name, value in zip(names, given, strict=True)}
            seen = given[1].numpy()[..., None]
            difference = (session.run(None, feeds)[0] - graph(*given).numpy()) * seen
            if np.abs(difference).max() > _MAX_DIFFERENCE:
                raise ModelRejected(
                    "Model cannot be converted",
                    "Its converted form does not give the same vectors.",
                    "Export it in the layout of sentence-transformers instead.",
                )
