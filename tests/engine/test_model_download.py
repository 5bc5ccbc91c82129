"""Downloads that do not come to a good end; one that does is in `test_image_models`."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.encoders.clip_catalogue import CATALOGUE
from engine.errors import EngineError, JobCancelled, StorageFull
from engine.events import Event, Progress
from engine.image_models import ImageModels
from engine.jobs.job import Job
from engine.model_download import download_model
from engine.serving import Models
from engine.storage.embeddings import Embeddings
from engine.storage.library import open_library
from tests import hub


@pytest.fixture
def models(tmp_path: Path) -> ImageModels:
    (tmp_path / "models").mkdir()
    library, embeddings = open_library(tmp_path), Embeddings(tmp_path)
    return ImageModels(library, embeddings, Models(tmp_path, library, embeddings, 1))


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """Files as they come, of a model that nobody looks into."""
    folder = tmp_path / "hub"
    folder.mkdir()
    (folder / "open_clip_config.json").write_text('{"model_cfg": {"text_cfg": {}}}')
    (folder / "open_clip_model.safetensors").write_bytes(bytes(5_000_000))
    return folder


def job() -> Job:
    return Job("import", "", lambda _: None)


def test_that_a_file_that_came_otherwise_is_not_kept(models: ImageModels, published: Path) -> None:
    with hub.running(published) as server:
        server.altered = "open_clip_model.safetensors"
        with pytest.raises(EngineError, match="checksum differs"):
            download_model(models, job(), CATALOGUE[1], server.address)
    assert not list(models.folder("x").parent.iterdir())


def test_that_no_network_and_no_such_model_are_told_apart(
    models: ImageModels, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with hub.running(tmp_path / "empty") as server:
        with pytest.raises(EngineError, match="answers 404"):
            download_model(models, job(), CATALOGUE[1], server.address)
        address = server.address
    with pytest.raises(EngineError, match="cannot be reached"):
        download_model(models, job(), CATALOGUE[1], address)


def test_that_a_download_tells_how_far_it_is_and_can_be_stopped(
    models: ImageModels, published: Path
) -> None:
    stopped: list[Progress] = []

    def emit(event: Event) -> None:
        if isinstance(event, Progress) and event.done:
            stopped.append(event)
            threading.Thread(target=one.cancel).start()

    one = Job("import", "", emit)
    with hub.running(published) as server:
        server.held.clear()
        with pytest.raises(JobCancelled):
            download_model(models, one, CATALOGUE[1], server.address)
    assert stopped[0].unit == "MB" and 0 < stopped[0].done < (stopped[0].total or 0)
    assert not list(models.folder("x").parent.iterdir())


def test_that_a_full_disk_is_told_before_anything_is_asked(
    models: ImageModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    free = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    with pytest.raises(StorageFull):
        download_model(models, job(), CATALOGUE[1], "http://127.0.0.1:9")
