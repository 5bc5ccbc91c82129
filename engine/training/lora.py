"""Low-rank adaptation: small matrices are trained beside the weights, and merged at the end.

Hu et al. 2021, LoRA: low-rank adaptation of large language models (arXiv 2106.09685); by peft.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_NAME = "default"
_MARK = "lora_"


def add(model: SentenceTransformer, rank: int, seed: int) -> None:
    """Put matrices of this rank beside each linear layer of the transformer; only they train."""
    from peft import LoraConfig, inject_adapter_in_model

    transformer = model.transformers_model
    linear = [
        name
        for name, module in transformer.named_modules()
        if isinstance(module, nn.Linear) and "pooler" not in name
    ]
    torch.manual_seed(seed)
    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=linear)
    inject_adapter_in_model(config, transformer, adapter_name=_NAME)
    for name, weight in model.named_parameters():
        weight.requires_grad_(_MARK in name)


def changes(model: SentenceTransformer) -> Iterator[tuple[str, Tensor]]:
    """Name of each adapted weight in the base's layout, and what is added to it."""
    for name, layer in _layers(model):
        yield f"{name}.weight", layer.get_delta_weight(_NAME)


def merge(model: SentenceTransformer) -> None:
    """Add the matrices to the weights and take them out: the model is laid out as its base."""
    for name, layer in list(_layers(model)):
        layer.merge()
        parent, _, child = name.rpartition(".")
        setattr(model.get_submodule(parent), child, layer.get_base_layer())


def _layers(model: SentenceTransformer) -> Iterator[tuple[str, nn.Module]]:
    from peft.tuners.lora import LoraLayer

    for name, module in model.named_modules():
        if isinstance(module, LoraLayer):
            yield name, module
