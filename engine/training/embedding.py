"""Batches of texts into vectors with gradients, in pieces of like length so little is padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.training.losses import Batch
from engine.training.pairs import Example

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_AT_ONCE = {"cpu": 16, "mps": 32, "cuda": 128}
"""Texts a piece. On a CPU small ones are as fast as large ones, and pad less."""
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


@dataclass(frozen=True, slots=True)
class Embedder:
    """A model with how it is to be run."""

    model: SentenceTransformer
    device: str
    bf16: bool

    def embed(self, examples: Sequence[Example], seed: int) -> Batch:
        """The batch's vectors, which gradients flow back from; `seed` draws the dropout."""
        pieces = self._pieces(examples)
        return _batch(examples, self._all(pieces, seed), pieces, self.device)

    def learn(
        self, examples: Sequence[Example], loss: Callable[[Batch], Tensor], seed: int, cached: bool
    ) -> float:
        """Add a batch's gradients to those of the weights; returns its loss.

        With `cached`, a piece's activations are kept no longer than its own backward pass, so any
        batch fits into memory, and each piece is run twice: Gao et al. 2021, Scaling deep
        contrastive learning batch size under memory limited setup (arXiv 2101.06983).
        """
        pieces = self._pieces(examples)
        if not cached:
            value = loss(_batch(examples, self._all(pieces, seed), pieces, self.device))
            value.backward()
            return float(value.detach())
        with torch.no_grad():
            vectors = self._all(pieces, seed)
        leaves = [vector.requires_grad_() for vector in vectors]
        value = loss(_batch(examples, leaves, pieces, self.device))
        value.backward()
        for number, (piece, leaf) in enumerate(zip(pieces, leaves, strict=True)):
            self._run(piece, seed + number).backward(leaf.grad)
        return float(value.detach())

    def _all(self, pieces: Sequence[_Piece], seed: int) -> list[Tensor]:
        return [self._run(piece, seed + number) for number, piece in enumerate(pieces)]

    def _run(self, piece: _Piece, seed: int) -> Tensor:
        """`(n_texts, dim)` float32 of a piece; the same seed drops the same out."""
        torch.manual_seed(seed)
        features = self.model.preprocess(list(piece.texts), prompt=piece.prompt or None)
        features = {
            name: value.to(self.device) if isinstance(value, Tensor) else value
            for name, value in features.items()
        }
        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.bf16):
            vectors: Tensor = self.model(features)["sentence_embedding"]
        return vectors.float()

    def _pieces(self, examples: Sequence[Example]) -> list[_Piece]:
        prompts = self.model.prompts
        passage_prompt = next((prompts[n] for n in _PASSAGE_PROMPTS if prompts.get(n)), "")
        queries = [e.query for e in examples]
        passages = [e.positive for e in examples] + [t for e in examples for t in e.negatives]
        return [
            _Piece(tuple(ordered[start : start + at_once]), prompt, is_query)
            for texts, prompt, is_query in (
                (queries, prompts.get("query") or "", True),
                (passages, passage_prompt, False),
            )
            for ordered in [sorted(dict.fromkeys(texts), key=len)]
            for at_once in [_AT_ONCE[self.device]]
            for start in range(0, len(ordered), at_once)
        ]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Texts that are run together; none occurs twice in a batch."""

    texts: tuple[str, ...]
    prompt: str
    are_queries: bool


def _batch(
    examples: Sequence[Example], vectors: Sequence[Tensor], pieces: Sequence[_Piece], device: str
) -> Batch:
    """Put the vectors back into the order of the examples."""
    place: dict[tuple[bool, str], int] = {}
    for piece in pieces:
        for text in piece.texts:
            place[piece.are_queries, text] = len(place)
    every = torch.cat(list(vectors))

    def rows(texts: Sequence[str], *, queries: bool = False) -> Tensor:
        chosen = torch.tensor([place[queries, text] for text in texts], dtype=torch.int64)
        return every[chosen.to(device)]

    def numbers(values: Sequence[float]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=device)

    scored = [e if e.scores else None for e in examples]
    return Batch(
        queries=rows([e.query for e in examples], queries=True),
        positives=rows([e.positive for e in examples]),
        negatives=rows([text for e in examples for text in e.negatives]),
        negative_of=torch.tensor(
            [row for row, e in enumerate(examples) for _ in e.negatives],
            dtype=torch.int64,
            device=device,
        ),
        weights=numbers([e.weight for e in examples]),
        grades=numbers([e.grade for e in examples]),
        positive_scores=numbers([e.scores[0] if e else 0.0 for e in scored]),
        negative_scores=numbers(
            [
                score
                for e in examples
                for score in (e.scores[1:] if e.scores else (0.0,) * len(e.negatives))
            ]
        ),
    )
