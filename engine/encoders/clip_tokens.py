"""How texts become the tokens of a CLIP: as open_clip does it, without torch."""

from __future__ import annotations

import html
import string
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.encoders.image_prepared import Cleaning
from engine.errors import ModelRejected

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


class ClipTokenizer:
    """A tokenizer whose file says how texts are cut and padded; any thread may call it."""

    def __init__(self, path: Path, cleaning: Cleaning) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Tokenizer = Tokenizer.from_file(str(path))
        # The library raises Exception itself.
        except Exception as error:
            raise ModelRejected(
                "Model cannot be loaded",
                f"{path.name} is missing or damaged.",
                "Import the model again.",
            ) from error
        self._cleaning = cleaning

    def ids(self, text: str) -> NDArray[np.int64]:
        """The tokens of a text, (context_length,) int64."""
        return np.array(self._tokenizer.encode(cleaned(text, self._cleaning)).ids, np.int64)


def cleaned(text: str, cleaning: Cleaning) -> str:
    """A text as open_clip cleans it: mended encoding, no HTML entities, single spaces."""
    import ftfy

    text = html.unescape(html.unescape(ftfy.fix_text(text)))
    if cleaning == "canonicalize":
        text = text.replace("_", " ").translate(_NO_PUNCTUATION)
    text = " ".join(text.split())
    return text if cleaning == "whitespace" else text.lower()
