"""Traces a transformer with torch into an ONNX graph; only the export worker imports this."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.encoders.onnx_session import OnnxModel, default_threads
from engine.encoders.torchvision_ops import define_missing
from engine.errors import ModelRejected

_OPSET = 17
_TRACED_TOKENS = 16
_COMPARED_TOKENS = (3, 40)
_MAX_DIFFERENCE = 1e-3
_MODULES = {"Transformer", "Pooling", "Normalize"}


def export_graph(weights: Path, max_tokens: int, target: Path) -> None:
    """Trace the transformer as a graph from `input_ids` (1, n) to token vectors (1, n, dim).

    The graph takes one text a run, so it has no attention mask, which saves a sixth of the time.
    """
    import torch

    _check_modules(weights)
    torch.set_num_threads(default_threads())
    model = load_transformer(weights)
    if model.config.max_position_embeddings < max_tokens:
        raise ModelRejected(
            "Model cannot be used", "It was made for shorter texts than its card says."
        )

    class TokenVectors(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any) -> Any:
            return self.model(input_ids=input_ids).last_hidden_state

    def tokens(n: int) -> Any:
        return torch.arange(n)[None] % model.config.vocab_size

    traced = TokenVectors().eval()
    with torch.no_grad():
        torch.onnx.export(
            traced,
            (tokens(_TRACED_TOKENS),),
            str(target),
            input_names=["input_ids"],
            output_names=["token_vectors"],
            dynamic_axes={"input_ids": {1: "tokens"}, "token_vectors": {1: "tokens"}},
            opset_version=_OPSET,
            # torch's newer exporter needs a further package and makes the same graph.
            dynamo=False,
        )
        exported = OnnxModel(target, threads=1)
        # A trace can take a length for a constant: other lengths than the traced one tell.
        for n in _COMPARED_TOKENS:
            expected = traced(tokens(n))[0].numpy()
            found = exported.run(tokens(n)[0].tolist(), [0] * n)
            if found.shape != expected.shape or np.abs(found - expected).max() > _MAX_DIFFERENCE:
                raise ModelRejected(
                    "Model cannot be converted",
                    "Its converted form does not give the same vectors.",
                    "Go on with the model you used before.",
                )


def load_transformer(weights: Path) -> Any:
    """The transformer of a model folder, all of whose weights come from there."""
    import torch
    from safetensors import SafetensorError

    define_missing()
    from transformers import AutoModel

    try:
        model, report = AutoModel.from_pretrained(
            weights,
            attn_implementation="eager",
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
        )
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelRejected(
            "Model cannot be loaded",
            "Its weights or its configuration are damaged.",
            "Restore the model from a backup, or delete it.",
        ) from error
    # What the file lacks is filled with random numbers; a pooler is not used here.
    missing = [name for name in report["missing_keys"] if not name.startswith("pooler.")]
    if missing or report["mismatched_keys"]:
        raise ModelRejected(
            "Model is incomplete",
            "Its file does not hold all of its weights.",
            "Restore the model from a backup, or delete it.",
        )
    return model


def _check_modules(weights: Path) -> None:
    """Refuse what the graph would leave out, such as a dense layer after pooling."""
    path = weights / "modules.json"
    modules = msgspec.json.decode(path.read_bytes(), type=list[dict[str, Any]])
    for module in modules:
        kind = str(module["type"]).rpartition(".")[2]
        if kind not in _MODULES:
            raise ModelRejected(
                "Model cannot be used", f"It has a part of a kind that is not supported ({kind})."
            )
