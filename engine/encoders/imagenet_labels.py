"""What the 1,000 classes of ImageNet (ILSVRC 2012) are called, in their order.

The names lie in torchvision. Its file is read as text: importing it would load torch.
"""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

from engine.errors import ModelRejected

_CLASSES = 1000
_NAMES = "_IMAGENET_CATEGORIES"
_PLAINER = {
    7: "rooster",
    134: "crane bird",
    263: "Pembroke corgi",
    264: "Cardigan corgi",
    517: "construction crane",
    638: "swimsuit",
    639: "one-piece swimsuit",
}
"""By class, where a name stands for two classes or is known to few."""
_KINDS = (
    ("bird", (range(7, 25), range(80, 101), range(127, 147))),
    ("snake", (range(52, 69),)),
    ("dog", (range(151, 269),)),
    ("cat", (range(281, 286),)),
)
"""A breed's name alone does not tell a text encoder what it is a breed of."""


def imagenet_labels() -> list[str]:
    """The names, by class; raises ModelRejected where torchvision is not installed or changed."""
    spec = importlib.util.find_spec("torchvision")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = Path(folders[0]) / "models" / "_meta.py" if folders else None
    names = _names_in(path) if path and path.is_file() else []
    if len(names) != _CLASSES:
        raise ModelRejected(
            "Model is missing",
            "The names of what the picture model can tell apart are not installed.",
            "Install Attune again; they come with it.",
        )
    return [_label(nth, name) for nth, name in enumerate(names)]


def _names_in(path: Path) -> list[str]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == _NAMES for target in node.targets
        ):
            return [str(name) for name in ast.literal_eval(node.value)]
    return []


def _label(nth: int, name: str) -> str:
    label = _PLAINER.get(nth, name)
    for kind, ranges in _KINDS:
        if any(nth in classes for classes in ranges) and kind not in label.lower():
            return f"{label} {kind}"
    return label
