"""What is said of training pairs: their origins, their problems, how much they count."""

from __future__ import annotations

from engine.recipe import Origin
from engine.training_records import ORIGINS, Problem, TrainingPair

PROBLEMS: dict[Problem, tuple[str, str, str]] = {
    "conflict": (
        "Contradicted",
        "contradicted",
        "Said to answer the query, and not to: these are left out",
    ),
    "duplicate": (
        "Said before",
        "said before",
        "The same or nearly the same passage answers the query elsewhere: these are left out",
    ),
    "leak": (
        "Tested with",
        "tested with",
        "An evaluation set tests with them: these are left out, or it would measure too well",
    ),
    "gone": (
        "Document gone",
        "without their document",
        "The document left the library: the passage that was kept is learnt",
    ),
}
"""Of one pair, of several, and what it means for them."""

MADE: dict[Origin, str] = {
    "title": "Made: title",
    "heading": "Made: heading",
    "phrase": "Made: phrase",
    "cloze": "Made: sentence",
    "llm": "Made: model",
    "pseudo": "Made: labels",
}
"""Origins that no person stands behind, in two words."""

_SOURCES = {
    "judged": "judged as not relevant",
    "bm25": "found by its words, checked by the cross-encoder",
    "dense": "found by its meaning, checked by the cross-encoder",
    "reviewed": "doubtful, and you said that it does not answer",
}


def origin_in_words(origin: Origin) -> str:
    """`Judged`, `Made: from a title`."""
    words = ORIGINS[origin]
    return f"Made: {words[0].lower()}{words[1:]}" if origin in MADE else words


def origin_in_short(origin: Origin) -> str:
    """`Judged`, `Made: title`."""
    return MADE.get(origin, ORIGINS[origin])


def problem_in_words(pair: TrainingPair) -> str:
    """What keeps a pair from being learnt as it is, in a word or two."""
    if pair.excluded:
        return "Excluded"
    return PROBLEMS[pair.problems[0]][0] if pair.problems else ""


def weight_in_words(weight: float) -> str:
    """`1`, `0.4`, `0.14`."""
    return f"{weight:.2f}".rstrip("0").rstrip(".")


def source_in_words(source: str) -> str:
    """Where a negative comes from."""
    return _SOURCES[source]
