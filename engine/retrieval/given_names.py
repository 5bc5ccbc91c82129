"""A search by keywords that heeds names that cameras gave only where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.records import ScoredChunk
from engine.retrieval.analyzer import terms, words
from engine.retrieval.deepened import deepened
from engine.retrieval.query import ParsedQuery, parse
from engine.retrieval.search import Lexical


@dataclass(frozen=True, slots=True)
class LexicalWithNames:
    """A keyword index in which some documents have nothing but such a name.

    `Screenshot 2024-05-01` answers `screenshot 2024`, and not `report 2024`.
    """

    index: Lexical
    wordless: Collection[int]
    """These documents."""
    load_names: Callable[[Sequence[int]], Mapping[int, str]]
    """By document id."""

    def search(
        self,
        query: str,
        k: int,
        *,
        prefix: bool = False,
        documents: Collection[int] | None = None,
        without: Collection[int] = (),
    ) -> list[ScoredChunk]:
        """The best k of the passages, as `LexicalIndex.search` finds them."""
        parsed = parse(query, prefix=prefix)

        def counting(run: list[ScoredChunk]) -> list[ScoredChunk]:
            named = {hit.document_id for hit in run if hit.document_id in self.wordless}
            names = self.load_names(list(named)) if named else {}
            asked_for = {n for n, name in names.items() if _is_asked_for(name, parsed)}
            return [
                hit for hit in run if hit.document_id not in named or hit.document_id in asked_for
            ]

        return deepened(
            lambda depth: self.index.search(
                query, depth, prefix=prefix, documents=documents, without=without
            ),
            k,
            counting,
        )


def _is_asked_for(name: str, query: ParsedQuery) -> bool:
    """Whether all that is asked for stands in a name."""
    there = set(terms(name))
    missing = [term for term in query.terms if term not in there]
    if query.prefix and missing:
        begun = any(word.startswith(query.prefix) for word in words(name))
        missing = [term for term in missing if not (begun and term == terms(query.prefix)[-1])]
    return not missing and all(there.issuperset(phrase) for phrase in query.phrases)
