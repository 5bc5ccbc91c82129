"""The short form of `damage_files`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.damage_files import STORES, Store, Way, make_library, survive


@pytest.fixture(scope="session")
def whole_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed library; copy it, do not change it."""
    folder = tmp_path_factory.mktemp("whole") / "library"
    make_library(folder)
    return folder


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("way", ["flip", "cut"])
def test_that_a_damaged_file_is_noticed_and_nothing_is_lost(
    whole_library: Path, tmp_path: Path, store: Store, way: Way
) -> None:
    shutil.copytree(whole_library, tmp_path / "library")
    survive(tmp_path / "library", store, way, seed=1)
