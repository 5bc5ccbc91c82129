"""Lets torchvision be imported beside a torch that its wheel was not built for.

Its compiled part does not load there, and importing it fails with `operator torchvision::nms does
not exist`; so does importing transformers and sentence-transformers, which look for it. They only
need the operators to be known, not to work.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@cache
def define_missing() -> object:
    """Define the operators where they are missing; call it before what may import torchvision.

    Returns what keeps them defined.
    """
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        return None
    import torch

    for compiled in Path(found.origin).parent.glob("_C.*"):
        try:
            torch.ops.load_library(str(compiled))
        except OSError:
            continue
        return None
    library = torch.library.Library("torchvision", "DEF")
    for schema in _SCHEMAS:
        library.define(schema)
    return library
