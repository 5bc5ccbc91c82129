"""What tests of reading files share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ingest.extract import Extractor
from engine.storage.library import open_library
from tests.engine.ingest.one_root import Library


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor() as extractor:
        yield extractor


@pytest.fixture
def library(tmp_path: Path, extractor: Extractor) -> Iterator[Library]:
    folder = tmp_path / "files"
    folder.mkdir()
    database = open_library(tmp_path)
    yield Library(database, folder, extractor)
    database.close()
