"""How ONNX graphs are run here: one text a run, each run on one thread, several runs at a time.

Runs of single texts need no padding and keep their activations within the CPU's caches, which
makes them faster than batches (by a quarter, 256-token passages, int8). And since dynamic
quantisation scales activations by the largest of a whole run, a text alone in its run has the same
vector whatever it is encoded along with.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from engine.errors import ModelRejected

_ERRORS_ONLY = 3


class OnnxModel:
    """A loaded graph and the threads that run it; any thread may call it."""

    def __init__(self, path: Path, threads: int) -> None:
        self.threads = threads or default_threads()
        self._session = open_session(path)
        self._inputs = [node.name for node in self._session.get_inputs()]
        self.pool = ThreadPoolExecutor(self.threads, thread_name_prefix=f"encoder {path.name}")

    def run(self, ids: list[int], type_ids: list[int]) -> NDArray[np.float32]:
        """First output for one text's tokens, without its batch axis; on the caller's thread."""
        tokens = np.array([ids], dtype=np.int64)
        feeds = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": np.array([type_ids], dtype=np.int64),
        }
        outputs = self._session.run(None, {name: feeds[name] for name in self._inputs})
        first: NDArray[np.float32] = outputs[0][0]
        return first


def default_threads() -> int:
    """Physical cores that this process may use: a second thread on a core gains nothing."""
    logical = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(psutil.cpu_count(logical=False) or 1, logical or 1))


def open_session(path: Path) -> Any:
    """An inference session on the CPU that runs on its caller's thread; raises ModelRejected."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(
            str(path),
            options,
            providers=["CPUExecutionProvider"],
            # The fused operator is ten times slower than addition and LayerNormalization by
            # themselves (onnxruntime 1.31, AVX-512), a sixth of the whole.
            disabled_optimizers=["SkipLayerNormFusion"],
        )
    # onnxruntime raises classes of its own, right below Exception.
    except Exception as error:
        raise ModelRejected(
            "Model cannot be loaded",
            f"{path.name} is missing, damaged or made for another version.",
            "Delete the folder it lies in; it is made anew when the model is used next.",
        ) from error
