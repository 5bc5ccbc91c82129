"""Parts that are too slow to make for every test; made once, when first asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")


@pytest.fixture(scope="session")
def prepared_minilm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `onnx/`, the bundled MiniLM prepared; copy or hardlink it, do not change it."""
    from engine.encoders.catalogue import BUNDLED, weights_folder
    from engine.encoders.prepare import prepare_encoder

    card = BUNDLED[0]
    return _made_once(
        tmp_path_factory,
        card.id,
        lambda folder: prepare_encoder(
            card, weights_folder(card.id), folder / "onnx", lambda: None
        ),
    )


@pytest.fixture
def library_folder(prepared_minilm: Path, tmp_path: Path) -> Path:
    """A workspace folder that is empty but for the prepared MiniLM."""
    folder = tmp_path / "library"
    shutil.copytree(
        prepared_minilm, folder / "models" / prepared_minilm.name, copy_function=_link_or_copy
    )
    return folder


@pytest.fixture(scope="session")
def prepared_classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built-in image encoder; copy or hardlink it, do not change it."""
    from engine.encoders.catalogue import IMAGE_CLASSIFIER
    from engine.encoders.image_prepare import prepare_classifier

    return _made_once(
        tmp_path_factory, IMAGE_CLASSIFIER, lambda folder: prepare_classifier(folder, lambda: None)
    )


@pytest.fixture
def picture_library_folder(library_folder: Path, prepared_classifier: Path) -> Path:
    """A workspace folder that is empty but for the prepared MiniLM and image encoder."""
    shutil.copytree(
        prepared_classifier,
        library_folder / "models" / prepared_classifier.name,
        copy_function=_link_or_copy,
    )
    return library_folder


def _made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """A folder that whichever process of the run comes first makes for all of them."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / "made once" / name
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        done = folder.with_suffix(".done")
        if not done.exists():
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random CLIP in open_clip's layout; do not change it."""
    from tests.tiny_clip import write_tiny_clip

    folder = tmp_path_factory.mktemp("clip") / "tiny"
    write_tiny_clip(folder)
    return folder


@pytest.fixture(scope="session")
def imported_clip(tiny_clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, imported, with its card; copy or hardlink it to `models/clip-tiny`."""
    from engine.encoders.image_card import ImageCard, write_image_card
    from engine.encoders.image_prepare import prepare_clip

    folder = tmp_path_factory.mktemp("imported") / "clip-tiny"
    prepare_clip(tiny_clip, folder, lambda: None)
    write_image_card(ImageCard(folder.name, "tiny", "imported", None, 0.0), folder)
    return folder


@pytest.fixture
def clip_library_folder(picture_library_folder: Path, imported_clip: Path) -> Path:
    """A workspace folder with the imported CLIP's folder too; it is to be registered yet."""
    shutil.copytree(
        imported_clip,
        picture_library_folder / "models" / imported_clip.name,
        copy_function=_link_or_copy,
    )
    return picture_library_folder


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny random model in sentence-transformers layout; do not change them."""
    from tests.tiny_model import write_tiny_model

    folder = tmp_path_factory.mktemp("tiny") / "weights"
    write_tiny_model(folder)
    return folder
