"""A tiny CLIP with random weights, laid out as open_clip writes its models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.encoders.torchvision_ops import define_missing

MODEL_CFG: dict[str, Any] = {
    "embed_dim": 24,
    "vision_cfg": {
        "image_size": 32,
        "layers": 2,
        "width": 64,
        "head_width": 32,
        "patch_size": 8,
    },
    "text_cfg": {
        "context_length": 20,
        "vocab_size": 49408,
        "width": 32,
        "heads": 2,
        "layers": 2,
    },
}
PREPROCESS_CFG: dict[str, Any] = {
    "mean": [0.48145466, 0.4578275, 0.40821073],
    "std": [0.26862954, 0.26130258, 0.27577711],
    "interpolation": "bicubic",
    "resize_mode": "squash",
}


def write_tiny_clip(folder: Path, model_cfg: dict[str, Any] = MODEL_CFG, seed: int = 0) -> Any:
    """Write it into `folder`, which must not exist, and return open_clip's model."""
    define_missing()
    import open_clip
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    write_config(folder, model_cfg, PREPROCESS_CFG)
    torch.manual_seed(seed)
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False).eval()
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, folder / "open_clip_model.safetensors")
    return model


def write_config(folder: Path, model_cfg: object, preprocess_cfg: object) -> None:
    """Write `open_clip_config.json`."""
    config = {"model_cfg": model_cfg, "preprocess_cfg": preprocess_cfg}
    (folder / "open_clip_config.json").write_text(json.dumps(config), "utf-8")
