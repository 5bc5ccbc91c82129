"""Finds the passages of the library that judgments are about, in the form they are encoded in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.training.corpus import Corpus
from engine.training.pairs import JudgedQuery, LabelledPassage


def locate(
    queries: Sequence[JudgedQuery], query_vectors: NDArray[np.float32], corpus: Corpus
) -> tuple[JudgedQuery, ...]:
    """The same queries with each labelled passage's text as the corpus has it.

    A judged passage becomes the corpus's passage that contains it, with its context. One that no
    passage contains (it was cut anew, or the document is gone) keeps the text that was judged.
    For a document that was judged as a whole its best passage for the query stands, as in search;
    if it is not in the corpus it is left out. Positives may come to be none.

    Args:
        queries: judged queries.
        query_vectors: `(n_queries, dim)` L2-normalised, of the corpus's model.
        corpus: the library.
    """
    rows_of = corpus.rows_by_document()

    def found(passage: LabelledPassage, vector: NDArray[np.float32]) -> str:
        rows = rows_of.get(passage.document, [])
        if passage.text:
            holding = (corpus.texts[row] for row in rows if passage.text in corpus.texts[row])
            return next(holding, passage.text)
        if not rows:
            return ""
        return corpus.texts[rows[int(np.argmax(corpus.vectors[rows] @ vector))]]

    def located(
        passages: Sequence[LabelledPassage], vector: NDArray[np.float32]
    ) -> tuple[LabelledPassage, ...]:
        with_text = (replace(passage, text=found(passage, vector)) for passage in passages)
        return tuple(passage for passage in with_text if passage.text.strip())

    return tuple(
        replace(
            query,
            positives=located(query.positives, vector),
            negatives=located(query.negatives, vector),
        )
        for query, vector in zip(queries, query_vectors, strict=True)
    )
