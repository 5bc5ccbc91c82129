"""The short form of `kill_engine`."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.faults.kill_engine import make_files, run


def test_that_killing_the_engine_while_indexing_loses_nothing(
    library_folder: Path, tmp_path: Path
) -> None:
    make_files(tmp_path / "files")
    killed = run(library_folder, tmp_path / "files", kills=3, seed=3)
    calm_folder = tmp_path / "calm"
    shutil.copytree(library_folder / "models", calm_folder / "models")
    calm = run(calm_folder, tmp_path / "files", kills=0, seed=3)
    assert killed.documents == calm.documents
    assert (killed.chunks, killed.lexical, killed.vectors) == (
        calm.chunks,
        calm.chunks,
        calm.chunks,
    )
