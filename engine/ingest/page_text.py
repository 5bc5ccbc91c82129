"""Finds texts among a page's letters, where lines break, blanks and hyphens fall otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_PARTS = re.compile(r"[^.!?\n]+[.!?\n]*")
_SHORT = 24
"""Letters up to which a text counts only where it stands as words of its own."""
_RUN = 5
"""Words of a sentence that is not found as a whole, which are looked for together."""
_WORDS_APART = 0x2E80
"""From here on come the scripts that put no blanks between words."""


def find_runs(letters: Sequence[str], marked: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Where each of the texts stands, as spans `[start, end)` of the page's letters.

    Only letters and digits are compared, folded. A text that is not there as a whole is looked for
    sentence by sentence, and a sentence in runs of words; a word is found wherever it stands.
    """
    page = _Page(letters)
    return [page.find(text) for text in marked]


class _Page:
    """A page's letters as they are compared, with where each came from."""

    def __init__(self, letters: Sequence[str]) -> None:
        self._letters = letters
        folded: list[str] = []
        self._from: list[int] = []
        for number, letter in enumerate(letters):
            kept = _folded(letter)
            folded.append(kept)
            self._from += [number] * len(kept)
        self._text = "".join(folded)

    def find(self, text: str) -> list[tuple[int, int]]:
        wanted = _folded(text)
        if not wanted:
            return []
        if len(wanted) <= _SHORT:
            found = self._everywhere(wanted)
            if found or len(text.split()) == 1:
                return found
        whole = self._first(wanted)
        if whole is not None:
            return [whole]
        found = []
        after = 0
        for part in _PARTS.findall(text):
            spans = self._sentence(part, after)
            found += spans
            after = spans[-1][1] if spans else after
        return found

    def _sentence(self, text: str, after: int) -> list[tuple[int, int]]:
        wanted = _folded(text)
        if len(wanted) > _SHORT and (span := self._first(wanted, after)):
            return [span]
        words = text.split()
        found: list[tuple[int, int]] = []
        for first in range(0, len(words), _RUN):
            run = _folded("".join(words[first : first + _RUN]))
            if len(run) > _SHORT // 2 and (span := self._first(run, after)):
                found.append(span)
        return found

    def _first(self, wanted: str, after: int = 0) -> tuple[int, int] | None:
        """The first place at or after a letter, else the first of all."""
        begin = next((n for n, letter in enumerate(self._from) if letter >= after), 0)
        at = self._text.find(wanted, begin)
        if at < 0:
            at = self._text.find(wanted)
        return self._span(at, len(wanted)) if at >= 0 else None

    def _everywhere(self, wanted: str) -> list[tuple[int, int]]:
        found = []
        at = self._text.find(wanted)
        while at >= 0:
            span = self._span(at, len(wanted))
            if self._stands_alone(*span):
                found.append(span)
            at = self._text.find(wanted, at + len(wanted))
        return found

    def _span(self, at: int, length: int) -> tuple[int, int]:
        return self._from[at], self._from[at + length - 1] + 1

    def _stands_alone(self, start: int, end: int) -> bool:
        if ord(self._letters[start]) >= _WORDS_APART:
            return True
        before = self._letters[start - 1] if start else " "
        after = self._letters[end] if end < len(self._letters) else " "
        return not (before.isalnum() or after.isalnum())


def _folded(text: str) -> str:
    """Its letters and digits in one form: ligatures apart, no accents' order, no case."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
