"""Phrases that are typical of a passage.

Candidates are the runs of words between stop words and punctuation, as in RAKE (Rose, Engel, Cramer
and Cowley 2010, Automatic keyword extraction from individual documents). They are ranked by the
TF-IDF of their words against the library, which needs no model and no language.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.retrieval.analyzer import STOPWORDS

_SAMPLE = 20_000
"""Passages in which words are counted: their shares hardly change beyond it."""
_COMMON = 0.1
"""Words in more than this share of the passages part phrases, as stop words of any language do."""
_WORDS = (2, 4)
_QUERY_WORDS = 3
"""A shorter phrase is joined by the next best one."""
_LONGEST_WORD = 30

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]+|\n\s*\n")
_IS_WORD = re.compile(r"[^\W\d_]{2}")
"""At least two letters beside each other."""


@dataclass(frozen=True, slots=True)
class PhraseStatistics:
    """In how many passages of a library each word stands."""

    n: int
    """Passages that were counted."""
    found_in: Mapping[str, int]

    @classmethod
    def of(cls, texts: Sequence[str], seed: int) -> PhraseStatistics:
        """Count the words of texts, or of a sample of them where there are very many."""
        if len(texts) > _SAMPLE:
            rows = np.random.default_rng(seed).choice(len(texts), _SAMPLE, replace=False)
            texts = [texts[row] for row in rows]
        found: Counter[str] = Counter()
        for text in texts:
            found.update({token.casefold() for token in _TOKEN.findall(text)})
        return cls(len(texts), found)

    def idf(self, word: str) -> float:
        """How rare a word is; 0 where it stands everywhere."""
        return math.log((self.n + 1) / (self.found_in.get(word, 0) + 1))

    def parts(self, word: str) -> bool:
        """Whether a word is too common, or no word at all, so that phrases end at it."""
        common = self.found_in.get(word, 0) > max(_COMMON * self.n, 5)
        return common or word in STOPWORDS or len(word) > _LONGEST_WORD or not _IS_WORD.search(word)


def key_phrases(text: str, statistics: PhraseStatistics, n: int) -> list[str]:
    """At most n queries of 2 to 4 words, or two such phrases where one is short; the best first.

    A phrase's score is the mean TF-IDF of its words; the queries share no phrase.
    """
    phrases = _candidates(text, statistics)
    times = Counter(word for words in phrases for word in words)
    weight = {word: (1 + math.log(times[word])) * statistics.idf(word) for word in times}
    ranked = sorted(
        dict.fromkeys(phrases),
        key=lambda words: (-sum(weight[word] for word in words) / len(words), words),
    )
    queries: list[str] = []
    query: tuple[str, ...] = ()
    for words in ranked:
        if len(queries) == n:
            break
        if set(words) & set(query):
            continue
        query += words
        if len(query) >= _QUERY_WORDS:
            queries.append(" ".join(query))
            query = ()
    if query and not queries:
        queries.append(" ".join(query))
    return queries


def _candidates(text: str, statistics: PhraseStatistics) -> list[tuple[str, ...]]:
    """Runs of 2 to 4 words between those that part phrases, case folded, in order."""
    found: list[tuple[str, ...]] = []
    run: list[str] = []
    for token in [*_TOKEN.findall(text), "."]:
        word = token.casefold()
        if not statistics.parts(word):
            run.append(word)
            continue
        if _WORDS[0] <= len(run) <= _WORDS[1]:
            found.append(tuple(run))
        run = []
    return found
