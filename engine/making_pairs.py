"""Makes pairs out of the library while a stage of training asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.parts import Parts
from engine.prepared_pairs import prepare
from engine.recipe import Origin
from engine.storage import documents
from engine.training.examples import MakePairs
from engine.training.heuristic_queries import SourcePassage, heuristic_pairs
from engine.training.hidden import AlikeTexts
from engine.training.training_set import WeakPair
from engine.training_records import WEIGHTS

_AT_ONCE = 500


def maker(parts: Parts, evalset: str | None, split: str) -> MakePairs:
    """What makes pairs of titles or headings, of the documents that are searched.

    No query of a test split of an evaluation set is among them.
    """

    def make(origin: Origin, n: int, seed: int) -> Sequence[WeakPair]:
        if origin not in ("title", "heading"):
            return ()
        gathered = prepare(parts, evalset, split).gathered
        tested = AlikeTexts(gathered.tested)
        made = heuristic_pairs(_passages(parts, gathered.names), origin, n, seed)
        return [
            WeakPair(origin, pair.query, pair.document, pair.positive, WEIGHTS[origin])
            for pair in made
            if not tested.have(pair.query)
        ]

    return make


def _passages(parts: Parts, names: Mapping[int, str]) -> list[SourcePassage]:
    """The documents' passages, those of one following each other."""
    numbers = sorted(names)
    found = []
    with parts.library.read() as connection:
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            titles = documents.titles(connection, some)
            found += [
                SourcePassage(
                    names[chunk.document_id],
                    titles.get(chunk.document_id, ""),
                    chunk.context,
                    chunk.text,
                )
                for chunk in documents.chunks(connection, some)
            ]
    return found
