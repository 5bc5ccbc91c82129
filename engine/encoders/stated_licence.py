"""The licence that the description beside a model's weights states."""

from __future__ import annotations

import re
from pathlib import Path

_LICENCE = re.compile(r"^license(?:_name)?:[ \t]*[\"']?([\w .+-]{1,60}?)[\"']?[ \t]*$", re.M)
_READ = 10_000
"""Characters of the description that are looked at."""


def stated_licence(folder: Path) -> str:
    """In its owner's words; empty where no description lies in the folder, or it tells none."""
    try:
        with (folder / "README.md").open(encoding="utf-8", errors="replace") as file:
            found = _LICENCE.search(file.read(_READ))
    except OSError:
        return ""
    return found[1] if found else ""
