"""What a user typed, taken apart: phrases in quotes, words, and a last word that may go on."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.retrieval.analyzer import STOPWORDS, terms, words

_QUOTED = re.compile(r"""["“”„«»]([^"“”„«»]*)["“”„«»]""")
_MIN_PREFIX = 2
"""Characters; a shorter beginning could become nearly any word."""
_MAX_TERMS = 256
"""Distinct words of a query that are searched for; a longer one is a pasted page."""


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query as terms of the index."""

    terms: tuple[str, ...]
    """Stems of the words outside quotes, without stopwords, in order; one may occur twice."""
    phrases: tuple[tuple[str, ...], ...]
    """Stems that must stand next to each other; all words count here."""
    prefix: str = ""
    """The last word, folded but not stemmed, where it may be unfinished."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.terms or self.phrases or self.prefix)


def parse(text: str, *, prefix: bool = False) -> ParsedQuery:
    """Take a query apart; any text is a query, no character is an operator but a pair of quotes.

    A single word in quotes is one that must occur. With `prefix` the last word, unless followed by
    a space or a quote, is also the beginning of longer words.
    """
    phrases = tuple(found for quoted in _QUOTED.findall(text) if (found := tuple(terms(quoted))))
    outside = _QUOTED.sub(" ", text)
    plain = words(outside)
    stems = [
        stem for word, stem in zip(plain, terms(outside), strict=True) if word not in STOPWORDS
    ]
    unfinished = ""
    if prefix and plain and text[-1].isalnum() and len(plain[-1]) >= _MIN_PREFIX:
        unfinished = plain[-1]
    distinct = dict.fromkeys(stems)
    if len(distinct) > _MAX_TERMS:
        kept = set(list(distinct)[:_MAX_TERMS])
        stems = [stem for stem in stems if stem in kept]
    return ParsedQuery(tuple(stems), phrases, unfinished)
