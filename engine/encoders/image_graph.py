"""How an image encoder's graphs are run: one picture or text a run, several runs at a time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.encoders.onnx_session import default_threads, open_session


class ImageGraph:
    """A loaded graph with one input and one or more outputs; any thread may call it."""

    def __init__(self, path: Path, threads: int) -> None:
        self._session = open_session(path)
        self._input = self._session.get_inputs()[0].name
        self._pool = ThreadPoolExecutor(
            threads or default_threads(), thread_name_prefix=f"encoder {path.name}"
        )

    def run(self, one: NDArray[Any]) -> list[NDArray[np.float32]]:
        """The outputs for one input, without their batch axes; on the caller's thread."""
        return [output[0] for output in self._session.run(None, {self._input: one[None]})]

    def run_all(self, inputs: Sequence[NDArray[Any]]) -> list[list[NDArray[np.float32]]]:
        """The outputs for each input, on the graph's threads."""
        return list(self._pool.map(self.run, inputs))
