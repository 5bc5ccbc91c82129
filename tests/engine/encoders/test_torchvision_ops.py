from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
from engine.encoders.torchvision_ops import define_missing
define_missing()
define_missing()
import torchvision
from transformers import BertModel
from sentence_transformers import SentenceTransformer
"""


def test_that_torchvision_does_not_keep_models_from_being_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
