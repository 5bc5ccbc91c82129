"""The two tables that evaluation lives on, in TREC's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Qrels = Mapping[str, Mapping[str, int]]
"""Query id -> document id -> grade. A grade above 0 is relevant; a pair that is absent is unjudged
and counts as not relevant."""

Run = Mapping[str, Sequence[tuple[str, float]]]
"""Query id -> (document id, score), each document once. Its order does not matter: the score
does."""
