"""What a model can be got from: one that is published, or files on this computer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.records import PublishedModel
from engine.requests import DownloadModel, ImportModel
from gui.wording import file_name

_CONFIGURATION = "open_clip_config.json"
_WEIGHTS = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A folder or a checkpoint file that holds a CLIP."""

    path: str
    size_bytes: int
    """Of its weights; 0 where there are none to be seen."""
    needs_architecture: bool
    """No configuration lies beside it."""


Source = PublishedModel | LocalModel


def local_model(path: str) -> LocalModel:
    """What lies at a path, without opening it."""
    place = Path(path)
    try:
        files = list(place.iterdir()) if place.is_dir() else [place]
        weights = [file for file in files if file.suffix.lower() in _WEIGHTS and file.is_file()]
        n_bytes = sum(file.stat().st_size for file in weights)
    except OSError:
        n_bytes = 0  # the engine says what is wrong with it
    folder = place if place.is_dir() else place.parent
    told = place.is_dir() or (folder / _CONFIGURATION).is_file()
    return LocalModel(path, n_bytes, not told)


def name_of(source: Source) -> str:
    """What a source is called."""
    if isinstance(source, PublishedModel):
        return f"{source.architecture} ({source.tag})"
    return file_name(source.path)


def request_for(source: Source, architecture: str) -> DownloadModel | ImportModel:
    """What is asked of the engine to get it; `architecture` where the source needs one."""
    if isinstance(source, PublishedModel):
        return DownloadModel(source.architecture, source.tag)
    return ImportModel(source.path, architecture or None)
