"""Where a query's words stand in a passage."""

from __future__ import annotations

from engine.retrieval.analyzer import Token, tokens, words
from engine.retrieval.query import ParsedQuery


def spans(text: str, query: ParsedQuery) -> tuple[tuple[int, int], ...]:
    """Spans of the words of `query` in `text`, in order and apart from each other.

    Words match as they do in the keyword index: by their stems (`running` marks `runs`), a word
    that may be unfinished also where a longer one begins with it. A phrase is marked whole, and
    only where its words follow one another.
    """
    found = tokens(text)
    wanted = set(query.terms)
    marked = [(start, end) for term, start, end in found if term in wanted]
    if query.prefix:
        marked += [
            (start, end) for _, start, end in found if _continues(text[start:end], query.prefix)
        ]
    for phrase in query.phrases:
        marked += _phrase_spans(found, phrase)
    return _merged(marked)


def _continues(word: str, prefix: str) -> bool:
    """Whether the word begins with what is typed; most are told apart by one letter."""
    if word[0].isascii() and word[0].lower() != prefix[0]:
        return False
    return any(folded.startswith(prefix) for folded in words(word))


def _phrase_spans(found: list[Token], phrase: tuple[str, ...]) -> list[tuple[int, int]]:
    terms = tuple(token.term for token in found)
    size = len(phrase)
    return [
        (found[i].start, found[i + size - 1].end)
        for i in range(len(terms) - size + 1)
        if terms[i : i + size] == phrase
    ]


def _merged(marked: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The spans in order, those that overlap made one."""
    apart: list[tuple[int, int]] = []
    for start, end in sorted(marked):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return tuple(apart)
