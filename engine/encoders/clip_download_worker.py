"""The download worker: the one process of Attune's that talks to the network.

`python -m engine.encoders.clip_download_worker`; `engine.model_download` is its parent. It asks for
the files of one model and for nothing else: no account, no usage report, no search for updates.
What came is compared with the checksum that the hub states.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from engine.encoders.catalogue import TOKENIZER, file_sha256
from engine.encoders.clip_config import CONFIG
from engine.errors import EngineError
from engine.jobs.worker import Parent, WorkerError

_WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
)
"""Names that weights have on the hub; a pickled file is read as tensors alone, or refused."""
_TOKENIZER_FILES = (TOKENIZER, "tokenizer_config.json")
_TELL_EVERY_S = 0.2
_SHA256_DIGITS = 64
_CHUNK_BYTES = 1 << 20
"""Between two reports: the library's own ten megabytes take long on a slow line."""
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "0",
    "TRANSFORMERS_OFFLINE": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}


class Download(msgspec.Struct, frozen=True, tag=True):
    """Order the files of a model."""

    endpoint: str | None
    """Address of the hub; None is the one that its library knows."""
    repository: str
    target: str
    """An empty folder, absolute."""


class Downloading(msgspec.Struct, frozen=True, tag=True):
    """How far the weights have come, in bytes."""

    done: int
    total: int


class Downloaded(msgspec.Struct, frozen=True, tag=True):
    """The answer: the folder has all files."""

    weights: str
    """Name of their file."""


Answer = Downloading | Downloaded | WorkerError


class _Files:
    """The files of a repository, all of one state of it."""

    def __init__(self, order: Download, tell: Callable[[int, int], None]) -> None:
        self._order = order
        self._tell = tell
        self._commit: str | None = None

    def fetch(self, name: str) -> Path:
        """Download a file and compare it with its checksum; raises EntryNotFoundError."""
        from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

        order = self._order
        url = hf_hub_url(order.repository, name, revision=self._commit, endpoint=order.endpoint)
        about = get_hf_file_metadata(url, token=False, endpoint=order.endpoint)
        self._commit = about.commit_hash
        path = Path(
            hf_hub_download(
                order.repository,
                name,
                revision=self._commit,
                local_dir=order.target,
                endpoint=order.endpoint,
                token=False,
                tqdm_class=_told(self._tell),
            )
        )
        if not _has_checksum(path, about.etag or ""):
            raise EngineError(
                "Damaged on the way",
                f"{name} is not the file that the hub says it is: its checksum differs.",
                "Try again; nothing of it was kept.",
            )
        return path


def _download(order: Download, tell: Callable[[int, int], None]) -> Downloaded:
    from huggingface_hub import constants
    from huggingface_hub.errors import EntryNotFoundError

    constants.DOWNLOAD_CHUNK_SIZE = _CHUNK_BYTES
    files = _Files(order, tell)
    config = msgspec.json.decode(files.fetch(CONFIG).read_bytes(), type=dict[str, Any])
    model = config.get("model_cfg") or {}
    if (model.get("text_cfg") or {}).get("hf_tokenizer_name"):
        for name in _TOKENIZER_FILES:
            files.fetch(name)
    for name in _WEIGHTS:
        try:
            files.fetch(name)
        except EntryNotFoundError:
            continue
        return Downloaded(name)
    raise EngineError("Not there any more", f"{order.repository} has no weights on the hub.")


def _told(tell: Callable[[int, int], None]) -> Any:
    """A progress bar as the hub's library wants it, that tells instead of drawing."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            options.pop("name", None)
            super().__init__(*args, **options | {"disable": True})
            self._done = self.n
            self._told_at = 0.0

        def update(self, n: float | None = 1) -> None:
            self._done += int(n or 0)
            now = time.monotonic()
            if self.total and (now - self._told_at > _TELL_EVERY_S or self._done >= self.total):
                self._told_at = now
                tell(self._done, int(self.total))

    return Bar


def _has_checksum(path: Path, etag: str) -> bool:
    """Whether a file is what its etag says: SHA-256 of a large one, git's hash of a small one."""
    if len(etag) == _SHA256_DIGITS:
        return file_sha256(path) == etag
    content = path.read_bytes()
    blob = b"blob %d\0" % len(content) + content
    return hashlib.sha1(blob, usedforsecurity=False).hexdigest() == etag


def _explained(error: Exception, order: Download) -> EngineError:
    """What went wrong, for people."""
    from huggingface_hub.errors import HfHubHTTPError

    again = "Nothing of it was kept. Try again, or import the model from its files."
    if isinstance(error, EngineError):
        return error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return EngineError(
            "Disk is full", "There is no room for the model.", "Free some space and try again."
        )
    if isinstance(error, HfHubHTTPError):
        answer = getattr(error.response, "status_code", "an error")
        return EngineError(
            "Not to be had", f"The hub answers {answer} for {order.repository}.", again
        )
    if isinstance(error, msgspec.DecodeError):
        return EngineError("Damaged on the way", f"{CONFIG} cannot be read.", again)
    return EngineError(
        "No connection",
        "The hub of models cannot be reached, or the connection broke off"
        f" ({type(error).__name__}).",
        f"Check that this computer is online. {again}",
    )


def main() -> None:
    """Carry out one order after the other until the parent is gone."""
    os.environ.update(_ENVIRONMENT)
    parent: Parent[Download] = Parent(Download)
    while True:
        order = parent.receive()
        try:
            parent.send(_download(order, lambda done, total: parent.send(Downloading(done, total))))
        except Exception as error:  # noqa: BLE001 (the libraries below raise many kinds)
            parent.send(WorkerError.of(_explained(error, order)))


if __name__ == "__main__":
    main()
