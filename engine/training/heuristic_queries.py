"""Queries that a library's own passages suggest, with nothing to install and nobody to ask.

A title for its body and a heading for its section, as in weak supervision from the structure of
documents (MacAvaney et al. 2019, Content-based weak supervision for ad-hoc re-ranking); the phrases
that are typical of a passage; and a sentence for the passage that it was taken out of, the inverse
cloze task of Lee, Chang and Toutanova 2019 (Latent retrieval for weakly supervised open domain
question answering, arXiv 1906.00300).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import NamedTuple

import numpy as np

from engine.storage.encoding_key import encoding_text
from engine.training.key_phrases import PhraseStatistics, key_phrases
from engine.training.pairs import normalised
from engine.training_records import MadeBy

ABOVE = " › "
"""Stands between the title and the headings of a passage's context."""

_KEPT_IN = 0.1
"""Of the sentences of an inverse cloze stay in their passage, so that words that are the same are
not unlearnt (Lee et al. 2019)."""
_SENTENCE_WORDS = (6, 40)
_LEFT_WORDS = 20
"""Words that a passage must have left to be found by."""
_TITLE_WORDS, _TITLE_LETTERS, _TITLE_LENGTH = 2, 8, 250

_WORD = re.compile(r"\w+")
_LETTER = re.compile(r"[^\W\d_]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+(?=[^a-z\s])|(?<=[。！？])|\n\s*\n")
_FILE_NAME = re.compile(r"^\S*[_/\\]\S*$|\.[A-Za-z]\w{0,4}$|\w+_\w+_\w+|^microsoft \w+ - ", re.I)
_EMPTY_NAME = re.compile(
    r"(?:(?:untitled|unnamed|no title|new|document|file|folder|note|scan|scanned|img|image|page|"
    r"slide|presentation|sheet|table of contents|contents|index|readme|home)s?[\W\d_]*)+",
    re.I,
)
_DATE_WORD = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|"
    r"july|august|september|october|november|december|mon|tue|wed|thu|fri|sat|sun|monday|tuesday|"
    r"wednesday|thursday|friday|saturday|sunday|am|pm|at|on|of|st|nd|rd|th|utc|gmt|t|z)\b|\d+(st|nd|rd|th)\b",
    re.I,
)
_MARKS = re.compile(r"[`*]+")
"""Of Markdown within a heading, that nobody would search for."""
_HEADED = re.compile(
    r"\s*(?:#{1,6}[ \t]+(?P<hashed>\S[^\n]{0,200})\n[ \t]*\n"
    r"|(?P<underlined>\S[^\n]{0,118})\n(?:={3,}|-{3,}|~{3,}|\^{3,})[ \t]*\n"
    r"|\\(?:sub){0,2}section\*?\{(?P<tex>[^}\n]+)\})"
)


@dataclass(frozen=True, slots=True)
class SourcePassage:
    """A passage that a query may be made of."""

    document: str
    """Key of its document."""
    title: str
    """Of its document."""
    context: str
    """What is encoded before it: title and headings."""
    text: str


class HeuristicPair(NamedTuple):
    """A query and the passage that it was made of."""

    query: str
    document: str
    """Key of its document."""
    positive: str
    """The passage as it is encoded, less what the query took from it."""


def heuristic_pairs(
    passages: Sequence[SourcePassage], by: MadeBy, n: int, seed: int, per_passage: int = 1
) -> list[HeuristicPair]:
    """At most n pairs, spread over the documents; the same for the same passages and seed.

    Every document gives one pair before any gives a second. No query comes twice.

    Args:
        passages: those of one document follow each other in its order.
        by: any but `llm`.
        n: pairs.
        seed: of the order and of the sentences drawn.
        per_passage: pairs that one passage may give; titles and headings give one.
    """
    pairs: dict[str, HeuristicPair] = {}
    make = _maker(passages, by, seed, per_passage)
    for passage in spread(passages, seed):
        if len(pairs) >= n:
            break
        for pair in make(passage):
            pairs.setdefault(normalised(pair.query), pair)
    return list(pairs.values())[:n]


def spread(passages: Sequence[SourcePassage], seed: int) -> Iterator[SourcePassage]:
    """The passages in random order, one of each document in turn; new documents change no others'.

    The first of each document stays its first: it says best what the document is about.
    """
    by_document: dict[str, list[SourcePassage]] = {}
    for passage in passages:
        by_document.setdefault(passage.document, []).append(passage)
    order = sorted(by_document, key=lambda document: _number(seed, document))
    for document in order:
        by_document[document][1:] = sorted(
            by_document[document][1:], key=lambda passage: _number(seed, passage.text)
        )
    for turn in zip_longest(*(by_document[document] for document in order)):
        yield from (passage for passage in turn if passage is not None)


def without_title(context: str, title: str) -> str:
    """A context less the title that it begins with; it may hold only the title's beginning."""
    title = " ".join(title.split())
    if title and context.startswith(title):
        return context[len(title) :].removeprefix(ABOVE.rstrip()).strip()
    return "" if title.startswith(context) else context


def tells(title: str) -> bool:
    """Whether a title says something: no file's name, no date, no empty form of words."""
    words = _WORD.findall(title)
    if len(words) < _TITLE_WORDS or len(title) > _TITLE_LENGTH:
        return False
    if _FILE_NAME.search(title.strip()) or _EMPTY_NAME.fullmatch(title.strip()):
        return False
    letters = _LETTER.findall(_DATE_WORD.sub(" ", title))
    digits = sum(character.isdigit() for character in title)
    return len(letters) >= _TITLE_LETTERS and len(letters) > digits


_Maker = Callable[[SourcePassage], list[HeuristicPair]]


def _maker(passages: Sequence[SourcePassage], by: MadeBy, seed: int, per_passage: int) -> _Maker:
    if by == "title":
        return _title_maker(passages)
    if by == "heading":
        return _heading_maker(passages)
    if by == "phrase":
        statistics = PhraseStatistics.of([passage.text for passage in passages], seed)
        return lambda passage: _of_phrases(passage, statistics, per_passage)
    return lambda passage: _cloze(passage, seed, per_passage)


def _title_maker(passages: Sequence[SourcePassage]) -> _Maker:
    """Titles that no other document has, each for the beginning of its document."""
    titles = {passage.document: normalised(passage.title) for passage in passages}
    times = Counter(titles.values())
    done: set[str] = set()

    def make(passage: SourcePassage) -> list[HeuristicPair]:
        if passage.document in done:
            return []
        done.add(passage.document)
        title = " ".join(passage.title.split())
        if times[normalised(title)] > 1 or not tells(title):
            return []
        text = _less_beginning(passage.text, title)
        if not enough(text):
            return []
        positive = encoding_text(without_title(passage.context, title), text)
        return [HeuristicPair(title, passage.document, positive)]

    return make


def _heading_maker(passages: Sequence[SourcePassage]) -> _Maker:
    """Headings that no other document has, each for the beginning of its section."""
    first: dict[tuple[str, str], SourcePassage] = {}
    for passage in passages:
        if heading := normalised(_heading(passage)):
            first.setdefault((passage.document, heading), passage)
    times = Counter(heading for _, heading in first)

    def make(passage: SourcePassage) -> list[HeuristicPair]:
        heading = " ".join(_heading(passage).split())
        key = normalised(heading)
        title = " ".join(passage.title.split())
        if first.get((passage.document, key)) is not passage or times[key] > 1:
            return []
        if not tells(heading) or key == normalised(title):
            return []
        headed = _HEADED.match(passage.text)
        text = passage.text[headed.end() :] if headed else passage.text
        if not enough(text):
            return []
        context = passage.context
        if not headed:
            context = context[: context.rfind(heading)].rstrip().removesuffix(ABOVE.strip())
        positive = encoding_text(context.strip(), text.strip())
        query = _MARKS.sub("", heading).strip()
        return [HeuristicPair(query, passage.document, positive)]

    return make


def _heading(passage: SourcePassage) -> str:
    """The innermost heading that a passage begins with or stands under; empty where none does."""
    if headed := _HEADED.match(passage.text):
        return next(name for name in headed.groups() if name).strip(" \t#")
    return without_title(passage.context, passage.title).rpartition(ABOVE)[2]


def _of_phrases(
    passage: SourcePassage, statistics: PhraseStatistics, n: int
) -> list[HeuristicPair]:
    positive = encoding_text(passage.context, passage.text)
    return [
        HeuristicPair(query, passage.document, positive)
        for query in key_phrases(passage.text, statistics, n)
    ]


def _cloze(passage: SourcePassage, seed: int, n: int) -> list[HeuristicPair]:
    """Sentences of a passage, each for what is left of it without the sentence."""
    generator = np.random.default_rng(_number(seed, passage.text))
    spans = _sentences(passage.text)
    pairs = []
    for row in generator.permutation(len(spans)):
        start, end = spans[row]
        sentence = " ".join(passage.text[start:end].split())
        if not _SENTENCE_WORDS[0] <= len(_WORD.findall(sentence)) <= _SENTENCE_WORDS[1]:
            continue
        if len(_LETTER.findall(sentence)) < len(sentence) / 2:
            continue  # numbers, a reference, a formula
        left = " ".join((passage.text[:start].rstrip(), passage.text[end:].lstrip())).strip()
        if not enough(left):
            continue
        text = passage.text if generator.random() < _KEPT_IN else left
        positive = encoding_text(passage.context, text)
        pairs.append(HeuristicPair(sentence, passage.document, positive))
        if len(pairs) == n:
            break
    return pairs


def _sentences(text: str) -> list[tuple[int, int]]:
    """Spans of whole sentences: what precedes the first end may have begun in another passage."""
    edges = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    spans = list(pairwise(edges))
    if text[:1].islower():
        del spans[0]
    if spans and not text.rstrip().endswith((".", "!", "?", "…", "。", "！", "？", '"', ")", "”")):
        del spans[-1]
    return spans


def _less_beginning(text: str, title: str) -> str:
    """A text less the title that it begins with, in whatever marks that stands."""
    words = _WORD.findall(title)
    pattern = r"[\W_]+".join(map(re.escape, words))
    match = re.match(rf"\W*{pattern}\b[^\w\n]*\n*", text, re.I)
    return text[match.end() :].lstrip("=-~^ \t\r\n") if match else text


def enough(text: str) -> bool:
    """Whether a text has words enough to be found by."""
    return len(_WORD.findall(text)) >= _LEFT_WORDS


def _number(seed: int, name: str) -> int:
    """A number that is random over names and the same on every machine."""
    digest = hashlib.blake2b(f"{seed}\n{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")
