"""How text becomes the terms that are matched: the same for the index, queries and highlights.

Words are lowercased, folded to ASCII where they can be and stemmed (English, Snowball). A
character of a script that is written without spaces is a word of its own.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import tantivy

_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED_CHARACTER = re.compile(f"([{_UNSPACED}])")
_CLUSTER = re.compile(f"[{_UNSPACED}]|.[\u0300-\u036f]*", re.DOTALL)
_ASCII_WORD = re.compile("[A-Za-z0-9]+")
_MAX_WORD_BYTES = 100
"""Longer words are encoded data rather than language and are left out."""

STOPWORDS = frozenset(
    """
    a about above after again against all am an and any are as at be because been before being
    below between both but by can did do does doing don down during each few for from further had
    has have having he her here him his how i if in into is it its just ll me more most my no nor
    not now of off on once only or other our out over own re s same she should so some such t than
    that the their them then there these they this those through to too under until up ve very was
    we were what when where which while who whom why will with you your
    """.split()  # noqa: SIM905 (a list of them is unreadable)
)
"""English words that carry no topic. They are indexed, for phrases, and left out of queries."""


class Token(NamedTuple):
    """A word of a text."""

    term: str
    """As the index has it: folded and stemmed."""
    start: int
    """Offset of its first character in the text."""
    end: int


@cache
def analyzer(*, stemmed: bool) -> tantivy.TextAnalyzer:
    """The tantivy analyzer of the index, with or without stemming."""
    import tantivy

    builder = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.remove_long(_MAX_WORD_BYTES))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
    )
    if stemmed:
        builder = builder.filter(tantivy.Filter.stemmer("english"))
    return builder.build()


def normalized(text: str) -> str:
    """The text as it is handed to an analyzer: composed (NFC), unspaced scripts spaced out."""
    if text.isascii():
        return text
    return _UNSPACED_CHARACTER.sub(r" \1 ", unicodedata.normalize("NFC", text))


def words(text: str) -> list[str]:
    """The words of a text, lowercased and folded, not stemmed."""
    return analyzer(stemmed=False).analyze(normalized(text))


def terms(text: str) -> list[str]:
    """The words of a text as the index has them; as many as `words`."""
    return analyzer(stemmed=True).analyze(normalized(text))


def tokens(text: str) -> list[Token]:
    """The terms of a text with where they stand in it."""
    if text.isascii():
        return [
            Token(term, *word.span())
            for word in _ASCII_WORD.finditer(text)
            if (term := _term(word[0]))
        ]
    spaced, origins = _normalized_with_origins(text)
    found = analyzer(stemmed=True).pre_tokenize(spaced).tokens
    return [
        Token(t.text, origins[t.char_offset_from][0], origins[t.char_offset_to - 1][1])
        for t in found
    ]


@lru_cache(maxsize=100_000)
def _term(word: str) -> str:
    """A word's term, empty where it is left out. Words recur: asking anew takes twice as long."""
    return "".join(analyzer(stemmed=True).analyze(word))


def _normalized_with_origins(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text as `normalized` has it, and each character's span in the original."""
    parts: list[str] = []
    origins: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(text):
        part = normalized(cluster[0])
        parts.append(part)
        origins += [cluster.span()] * len(part)
    return "".join(parts), origins
