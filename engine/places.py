"""Where things lie: the default workspace and what comes with the program."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
SAMPLE_LIBRARY = RESOURCES / "sample_library"
EXAMPLE_QUERIES = RESOURCES / "example_queries.txt"
CHECK_SET = RESOURCES / "check_set"
GENERAL_SET = RESOURCES / "general_set"


def default_workspace() -> Path:
    """The library that opens where none is named, in the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("Attune", appauthor=False)) / "library"
