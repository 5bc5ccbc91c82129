from __future__ import annotations

import subprocess
import sys

SLOW = ("torch", "chromadb", "onnxruntime", "tantivy", "sqlite3", "numpy", "pyqtgraph", "kreuzberg")


def test_that_importing_the_window_loads_nothing_slow() -> None:
    code = f"import sys, gui.app; print([m for m in {SLOW!r} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
