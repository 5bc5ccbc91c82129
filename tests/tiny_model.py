"""A small random BERT in sentence-transformers layout, for tests that need a model but no sense."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from engine.encoders.catalogue import ModelCard, weights_folder
from engine.encoders.torchvision_ops import define_missing

DIM = 32


def tiny_card(model_id: str = "tiny") -> ModelCard:
    """The card of a tiny model, as one that was tuned."""
    return ModelCard(
        id=model_id,
        name="Tiny",
        origin="tuned",
        base="all-MiniLM-L6-v2",
        pooling="mean",
        query_prompt="",
        max_tokens=64,
        dim=DIM,
        created_at=1_700_000_000.0,
    )


def write_tiny_model(folder: Path, seed: int = 0) -> None:
    """Write weights (safetensors), tokenizer and configuration; equal seeds give equal weights."""
    import torch

    define_missing()
    from transformers import BertConfig, BertModel

    minilm = weights_folder("all-MiniLM-L6-v2")
    vocabulary = len((minilm / "vocab.txt").read_text("utf-8").splitlines())
    torch.manual_seed(seed)
    model = BertModel(
        BertConfig(
            vocab_size=vocabulary,
            hidden_size=DIM,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=128,
            initializer_range=0.2,
        )
    )
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        shutil.copyfile(minilm / name, folder / name)
    shutil.copyfile(minilm / "modules.json", folder / "modules.json")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 64}')
    pooling = {"word_embedding_dimension": DIM, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "2_Normalize").mkdir(exist_ok=True)
