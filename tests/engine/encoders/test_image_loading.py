from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys
import engine.encoders.fitted, engine.encoders.image_loading, engine.encoders.image_prepare
slow = {"torch", "torchvision", "open_clip", "onnxruntime", "PIL"}
print(sorted(slow & set(sys.modules)))
"""


def test_that_nothing_slow_is_loaded_before_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[]", done.stderr
