"""A retrieval task of general knowledge: what a model may not unlearn while it is tuned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.beir import Dataset, read_beir
from engine.evaluation.qrels import Qrels
from engine.places import GENERAL_SET
from engine.storage.encoding_key import encoding_text
from engine.training.dense_ndcg import dense_ndcg


class Encoder(Protocol):
    """A bi-encoder that is ready: a prepared one, on any runtime."""

    def encode_queries(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """`(n, dim)` float32, L2-normalised."""
        ...

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None, /
    ) -> NDArray[np.float32]:
        """`(n, dim)` float32, L2-normalised; `on_batch` hears how many are done, may raise."""
        ...


@dataclass(frozen=True, slots=True)
class GeneralSet:
    """Passages of everyday knowledge, queries that test with them, and pairs to learn from."""

    documents: tuple[str, ...]
    """`(n_passages,)` keys, distinct."""
    texts: tuple[str, ...]
    """`(n_passages,)` as they are encoded."""
    queries: Mapping[str, str]
    """Query id -> text, of the test."""
    qrels: Qrels
    """Of the test."""
    pairs: tuple[tuple[str, str], ...]
    """Queries and passages that answer them, of the split that may be learnt: they share nothing
    with the test."""


def read_general_set(folder: Path = GENERAL_SET) -> GeneralSet:
    """Read the set that comes with the program; raises InvalidInput where it is damaged."""
    dataset: Dataset = read_beir(folder)
    texts = {d.id: encoding_text(d.title, d.text) for d in dataset.documents}
    qrels = dataset.splits["test"]
    return GeneralSet(
        documents=tuple(texts),
        texts=tuple(texts.values()),
        queries={query: dataset.queries[query] for query in qrels},
        qrels=qrels,
        pairs=tuple(
            (dataset.queries[query], texts[document])
            for query, grades in dataset.splits.get("train", {}).items()
            for document, grade in grades.items()
            if grade > 0
        ),
    )


def general_ndcg(general: GeneralSet, encoder: Encoder) -> dict[str, float]:
    """nDCG@10 of each query of the test by exact dense search."""
    passages = encoder.encode_passages(general.texts)
    vectors = encoder.encode_queries(list(general.queries.values()))
    return dense_ndcg(general.qrels, vectors, general.documents, passages)
