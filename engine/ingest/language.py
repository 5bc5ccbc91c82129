"""The language that a text is written in."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_SAMPLE = 4000
_SHORTEST = 80
"""Letters below which no language is told: names and numbers look like any."""
_SHORTEST_OTHER = 16
"""The same where the letters are not Latin: their script says much."""
_SURE = 0.9
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN_END = "\u024f"


def language_of(text: str) -> str:
    """ISO 639-1 code; empty where the text is too short or could be several."""
    sample = " ".join(_LETTERS.findall(text[:_SAMPLE]))
    n_letters = len(sample) - sample.count(" ")
    n_other = sum(letter > _LATIN_END for letter in sample)
    if n_letters < (_SHORTEST_OTHER if 2 * n_other > n_letters else _SHORTEST):
        return ""
    code, certainty = _identifier().classify(sample)
    return str(code) if certainty >= _SURE else ""


@cache
def _identifier() -> Any:
    """The detector; loading it takes a second and 70 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
