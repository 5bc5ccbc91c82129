"""The language that a text is written in."""

from __future__ import annotations

import io
import lzma
import re
from array import array
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_SAMPLE = 1000
"""Characters looked at: enough to be sure, and a fraction of the time that a page takes."""
_SHORTEST = 80
"""Letters below which no language is told: names and numbers look like any."""
_SHORTEST_OTHER = 16
"""The same where the letters are not Latin: their script says much."""
_SURE = 0.9
_ONLY_ENGLISH = frozenset({"the", "and"})
_ENGLISH = _ONLY_ENGLISH | {
    *("of", "to", "that", "for", "with", "was", "were", "are", "this", "from", "by", "which"),
    *("is", "been", "as", "at", "be", "we", "our", "it", "its"),
}
_ENGLISH_SHARE = 0.07
_LEAST_ENGLISH = 4
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN_END = "\u024f"


def language_of(text: str) -> str:
    """ISO 639-1 code; empty where the text is too short or could be several."""
    words = _LETTERS.findall(text[:_SAMPLE])
    if _is_surely_english(words):
        return "en"
    sample = " ".join(words)
    n_letters = len(sample) - sample.count(" ")
    n_other = sum(letter > _LATIN_END for letter in sample)
    if n_letters < (_SHORTEST_OTHER if 2 * n_other > n_letters else _SHORTEST):
        return ""
    code, certainty = _identifier().classify(sample)
    return str(code) if certainty >= _SURE else ""


def _is_surely_english(words: list[str]) -> bool:
    """Whether so many words are English alone that the detector need not be asked, or loaded."""
    found = [word for word in map(str.lower, words) if word in _ENGLISH]
    enough = max(_LEAST_ENGLISH, _ENGLISH_SHARE * len(words))
    return len(found) >= enough and not _ONLY_ENGLISH.isdisjoint(found)


@cache
def _identifier() -> Any:
    """The detector; loading it takes a second and 70 MB.

    Its own loader unpacks the model to a temporary file, which the process that reads files may
    not make.
    """
    import numpy as np
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    packed = io.BytesIO(lzma.decompress((MODEL_DIR / MODEL_FILE).read_bytes()))
    with np.load(packed, allow_pickle=False) as model:
        return LanguageIdentifier(
            model["ptc"],
            model["pc"],
            model["classes"].tolist(),
            _array(model["nextmove"]),
            model["out_feat"].tolist(),
            norm_probs=True,
            tk_row=_array(model["nextmove_row"]),
        )


def _array(values: np.ndarray) -> array[int]:
    """The same unsigned numbers as the standard library keeps them, which is quick to index."""
    code = next(code for code in "HIL" if array(code).itemsize == values.dtype.itemsize)
    return array(code, values.tobytes())
