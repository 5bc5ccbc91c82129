"""EfficientNet-Lite2 in torch, as the bundled weights fit it; only the export worker imports this.

EfficientNet (Tan and Le 2019, compound coefficients of B2) without squeeze-and-excitation, with
ReLU6 for swish, and with stem, first and last stage of B0's depth, as TensorFlow's "lite" variants
have it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from engine.errors import ModelRejected

SIZE = 260
CLASSES = 1000
_STEM, _HEAD = 32, 1280
_STAGES = (
    (1, 3, 1, 1, 16),
    (3, 3, 2, 6, 24),
    (3, 5, 2, 6, 48),
    (4, 3, 2, 6, 88),
    (4, 5, 1, 6, 120),
    (5, 5, 2, 6, 208),
    (1, 3, 1, 6, 352),
)
"""Blocks, kernel, stride of the first block, expansion, channels."""
_EPSILON = 1e-3


class _SameConv(nn.Conv2d):  # type: ignore[misc]
    """A convolution padded as TensorFlow's SAME: what is uneven goes to the right and below."""

    def forward(self, maps: Any) -> Any:
        kernel, stride = self.kernel_size[0], self.stride[0]
        size = int(maps.shape[-1])
        pad = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        sides = (pad // 2, pad - pad // 2)
        return super().forward(functional.pad(maps, sides + sides) if pad else maps)


def _conv(into: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> _SameConv:
    return _SameConv(into, out, kernel, stride, groups=groups, bias=False)


def _norm(channels: int) -> Any:
    return nn.BatchNorm2d(channels, eps=_EPSILON)


class _Block(nn.Module):  # type: ignore[misc]
    """An inverted residual: widen, filter each channel by itself, narrow."""

    def __init__(self, into: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = into * expansion
        self.residual = stride == 1 and into == out
        if expansion > 1:
            self.expand_conv, self.bn0 = _conv(into, wide), _norm(wide)
        self.depthwise_conv = _conv(wide, wide, kernel, stride, groups=wide)
        self.bn1 = _norm(wide)
        self.project_conv, self.bn2 = _conv(wide, out), _norm(out)

    def forward(self, maps: Any) -> Any:
        wide = maps
        if hasattr(self, "expand_conv"):
            wide = functional.relu6(self.bn0(self.expand_conv(wide)))
        wide = functional.relu6(self.bn1(self.depthwise_conv(wide)))
        narrow = self.bn2(self.project_conv(wide))
        return maps + narrow if self.residual else narrow


class EfficientNetLite2(nn.Module):  # type: ignore[misc]
    """From normalised images (n, 3, 260, 260) to features (n, 1280) and logits (n, 1000)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem, self.bn0 = _conv(3, _STEM, 3, 2), _norm(_STEM)
        blocks, channels = [], _STEM
        for repeats, kernel, stride, expansion, out in _STAGES:
            for nth in range(repeats):
                blocks.append(_Block(channels, out, kernel, 1 if nth else stride, expansion))
                channels = out
        self.blocks = nn.Sequential(*blocks)
        self.conv_head, self.bn1 = _conv(channels, _HEAD), _norm(_HEAD)
        self.fc = nn.Linear(_HEAD, CLASSES)

    def forward(self, images: Any) -> tuple[Any, Any]:
        """Pooled features, all 0 or more, and logits."""
        maps = functional.relu6(self.bn0(self.conv_stem(images)))
        maps = functional.relu6(self.bn1(self.conv_head(self.blocks(maps))))
        features = maps.mean(dim=(2, 3))
        return features, self.fc(features)


def load_efficientnet(weights: Path) -> EfficientNetLite2:
    """The network with the weights of a checked .pth file; raises ModelRejected."""
    model = EfficientNetLite2()
    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        # The file's names differ from the ones here by a leading underscore in each part.
        model.load_state_dict({re.sub(r"(^|\.)_", r"\1", key): state[key] for key in state})
    except Exception as error:
        raise ModelRejected(
            "Model cannot be loaded",
            f"{weights.name} is damaged or holds another network.",
            "Install Attune again; its models come with it.",
        ) from error
    model.eval()
    return model
