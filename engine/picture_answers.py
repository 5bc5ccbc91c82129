"""What pictures add to the answer to a query: those that fit its words, or look like another."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import InvalidInput
from engine.parts import Parts
from engine.pictures import Pictures
from engine.records import Kind, Passage, ScoredChunk
from engine.requests import Search
from engine.retrieval.deepened import deepened
from engine.retrieval.exact import ExactVectors
from engine.retrieval.picture_search import DEPTH, as_hits, joined, showing
from engine.retrieval.search import Hit, Options
from engine.served_pictures import ServedPictures
from engine.storage import documents

_AMONG_TEXTS = 0.95
"""Weight of pictures that fit the words, beside texts: the best of them stands fifth."""
_HALF = 0.5
_WORDS_ALIKE = 0.3
"""Weight of texts on and about pictures that are like the query's words, beside what it shows."""
_ALIKE = 0.25
"""Share of the list by look that counts as alike: what is said on and about others is not heeded.
Few pictures hold a word, so that any of them would stand first beside lists of all pictures."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that others are to look like."""

    served: ServedPictures
    """What its look was taken by."""
    look: NDArray[np.float32]
    weight: float
    """Share of the words beside it, 0 to 1."""
    document_id: int | None = None
    """Where it is one of the library: it is not among its own answers."""


def shown(pictures: Pictures, request: Search) -> Shown | None:
    """The picture that a request searches with, if it does; raises InvalidInput, NotFound."""
    if request.image is None and request.like is None:
        return None
    if request.kind == "text":
        raise InvalidInput(
            "No texts look like a picture",
            "A picture finds pictures, and only texts were asked for.",
            "Search for pictures, or by words alone.",
        )
    weight = _HALF if request.weight is None else min(max(request.weight, 0.0), 1.0)
    served = pictures.require_served()
    if request.like is not None:
        return Shown(served, served.look_of(request.like), weight, request.like)
    look = pictures.look_of_file(served, Path(request.image or "").expanduser())
    return Shown(served, look, weight)


def found(
    parts: Parts,
    options: Options,
    kind: Kind,
    picture: Shown | None,
    search: Callable[[Options], list[Hit]],
    served: ServedPictures | None = None,
    without: Sequence[str] = (),
) -> list[Hit]:
    """The k best documents of a kind for words, a picture, or both.

    `served` are pictures as another model than the active one sees them. `search` finds by words
    alone. Pictures that fit the words join these by rank: all of them where pictures alone are
    wanted, else those that fit better than by chance. Beside a picture, what is written counts
    only of those that look like it. Those that show what is said by `without` are left out.
    """
    served = picture.served if picture else served or parts.pictures.served
    if picture is None and (kind == "text" or served is None or not len(served.meaning)):
        return search(options)
    pictures_only = kind == "image" or picture is not None
    left_out = _left_out(served, options, without) if served is not None else options.without
    lists: list[tuple[float, list[Hit]]] = []
    words = 1.0 if picture is None else picture.weight
    looks: list[ScoredChunk] = []
    read = options
    if picture is not None and words < 1:
        looks = _nearest(picture.served.look, picture.look, options, left_out)
        alike = looks[: math.ceil(_ALIKE * len(looks))]
        read = replace(options, documents={line.document_id for line in alike})
    if options.query.strip() and words > 0:
        texts = _by_texts_of_pictures if pictures_only else _by_texts
        lists += [(words * share, hits) for share, hits in texts(read, search)]
        if options.mode != "lexical" and served is not None:
            share = words if pictures_only else _AMONG_TEXTS
            lists.append((share, _by_meaning(served, options, left_out, every=pictures_only)))
    lists.append((1 - words, as_hits(looks, "look")))
    hits = joined(lists)
    if picture is not None:
        hits = [hit for hit in hits if hit.document_id != picture.document_id]
    return with_passages(parts, hits[: options.k])


def _by_texts(
    options: Options, search: Callable[[Options], list[Hit]]
) -> list[tuple[float, list[Hit]]]:
    return [(1.0, search(replace(options, k=max(options.k, DEPTH))))]


def _by_texts_of_pictures(
    options: Options, search: Callable[[Options], list[Hit]]
) -> list[tuple[float, list[Hit]]]:
    """By what is written on and about pictures: the words themselves, then what is like them.

    Of a few pictures with words some are always nearest to a query by meaning, however far off.
    """
    plain = replace(options, k=max(options.k, DEPTH), rerank=False)
    lists = []
    if options.mode != "dense":
        lists.append((1.0, search(replace(plain, mode="lexical"))))
    if options.mode != "lexical":
        lists.append((_WORDS_ALIKE, search(replace(plain, mode="dense"))))
    return lists


def _by_meaning(
    served: ServedPictures, options: Options, left_out: Collection[int], *, every: bool
) -> list[Hit]:
    query = served.encode_query(options.query)
    run = _nearest(served.meaning, query, options, left_out)
    return as_hits([h for h in run if every or h.score >= served.by_chance], "meaning")


def _nearest(
    vectors: ExactVectors,
    query: NDArray[np.float32],
    options: Options,
    left_out: Collection[int],
) -> list[ScoredChunk]:
    return deepened(
        lambda depth: vectors.search(query, depth, options.documents),
        DEPTH,
        lambda run: [hit for hit in run if hit.document_id not in left_out],
    )


def _left_out(served: ServedPictures, options: Options, without: Sequence[str]) -> Collection[int]:
    """Documents that hold the words of `without`, and pictures that show what they say."""
    if not without:
        return options.without
    query = served.encode_query(options.query) if options.query.strip() else None
    unwanted = np.stack([served.encode_query(words) for words in without])
    return showing(served.meaning, unwanted, query).union(options.without)


def with_passages(parts: Parts, hits: list[Hit]) -> list[Hit]:
    """Give those that no passage found their first one; what has left the library goes."""
    kept = []
    with parts.library.read() as connection:
        for hit in hits:
            if hit.passages:
                kept.append(hit)
                continue
            first = next(documents.chunks(connection, [hit.document_id]), None)
            if first is not None:
                passage = Passage(first.id, first.text, first.start, first.end, first.page, ())
                kept.append(replace(hit, passages=(passage,)))
    return kept
