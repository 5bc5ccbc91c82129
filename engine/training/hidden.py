"""What must not be learnt: whatever the queries that test a model, or choose it, know."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from engine.training.near_duplicates import RESEMBLANCE, shingles_of
from engine.training.pairs import JudgedQuery, normalised


class AlikeTexts:
    """Tells of any text whether one of these is equal to it, or a near duplicate.

    The same texts are found as by `near_duplicates`, without comparing the others to each other.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._known = [shingles_of(text) for text in sorted({normalised(text) for text in texts})]
        self._frequency = Counter(shingle for own in self._known for shingle in own)
        self._rows: dict[str, list[int]] = {}
        for row, own in enumerate(self._known):
            for shingle in self._rarest(own):
                self._rows.setdefault(shingle, []).append(row)

    def have(self, text: str) -> bool:
        """Whether this text is among them, but for a few words."""
        own = shingles_of(normalised(text))
        candidates = {row for shingle in self._rarest(own) for row in self._rows.get(shingle, ())}
        for row in candidates:
            shared = len(own & self._known[row])
            if shared >= RESEMBLANCE * (len(own) + len(self._known[row]) - shared):
                return True
        return False

    def _rarest(self, own: frozenset[str]) -> list[str]:
        """Two sets that overlap by the threshold share at least one of each one's rarest."""
        rarest = sorted(own, key=lambda shingle: (self._frequency[shingle], shingle))
        return rarest[: len(own) - math.ceil(RESEMBLANCE * len(own)) + 1]


class Hidden:
    """The wordings, documents and passages of queries that nothing may be learnt of."""

    def __init__(self, queries: Sequence[JudgedQuery]) -> None:
        """Keep what these queries know, of relevant and of undecided documents alike."""
        self.documents = frozenset(document for query in queries for document in query.grades)
        self._wordings = AlikeTexts(query.text for query in queries)
        self._passages = AlikeTexts(p.text for query in queries for p in query.positives if p.text)

    def knows_query(self, text: str) -> bool:
        """Whether one of the queries is worded so, but for a few words."""
        return self._wordings.have(text)

    def knows_passage(self, text: str) -> bool:
        """Whether one of their answers reads so, but for a few words."""
        return self._passages.have(text)

    def knows(self, query: str, document: str, passage: str) -> bool:
        """Whether a pair shares anything with them."""
        return document in self.documents or self.knows_query(query) or self.knows_passage(passage)
