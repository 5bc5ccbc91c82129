from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.encoders.imagenet_labels import imagenet_labels


def test_that_every_class_has_a_name_of_its_own_but_the_look_alikes() -> None:
    names = imagenet_labels()
    assert len(names) == 1000
    assert len(set(names)) == 1000


def test_that_names_are_in_the_order_of_the_classes() -> None:
    names = imagenet_labels()
    assert names[0] == "tench" and names[999] == "toilet tissue"
    assert names[207] == "golden retriever dog" and names[153] == "Maltese dog"
    assert names[134] == "crane bird" and names[517] == "construction crane"


def test_that_reading_the_names_loads_no_torch() -> None:
    program = (
        "import sys; from engine.encoders.imagenet_labels import imagenet_labels;"
        "imagenet_labels(); print('torch' in sys.modules or 'torchvision' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "False", done.stderr
