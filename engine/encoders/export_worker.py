"""The export worker: turns a model into the ONNX graph that this machine encodes with.

`python -m engine.encoders.export_worker`; `engine.encoders.prepare` is its parent. The only place
that encodes with torch: the graph is traced from it, quantised, and both are checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.encoders.catalogue import ONNX, TOKENIZER, ModelCard, check_kind
from engine.encoders.fidelity import (
    Checked,
    CheckSet,
    check,
    is_faithful,
    mean_cosine,
    read_check_set,
)
from engine.encoders.onnx_session import OnnxModel, default_threads
from engine.encoders.prepared import Prepared, Variant, fingerprint
from engine.encoders.text_encoder import TextEncoder
from engine.errors import EngineError, ModelRejected
from engine.jobs.worker import Parent, WorkerError

_OPSET = 17
_TRACED_TOKENS = 16
_COMPARED_TOKENS = (3, 40)
_MAX_DIFFERENCE = 1e-3
_MODULES = {"Transformer", "Pooling", "Normalize"}


class Export(msgspec.Struct, frozen=True, tag=True):
    """The parent's order; paths are absolute."""

    card: ModelCard
    weights: str
    check_set: str
    target: str
    """An empty folder for the graph that is used."""


class Exported(msgspec.Struct, frozen=True, tag=True):
    """The answer: the record to be written."""

    prepared: Prepared


Answer = Exported | WorkerError


def export(order: Export) -> Prepared:
    """Carry out an order; raises ModelRejected."""
    weights, target = Path(order.weights), Path(order.target)
    check_set = read_check_set(Path(order.check_set))
    if check_kind(weights) == "onnx":
        return _record_as_it_is(order.card, weights, check_set)
    fp32, int8 = target / "fp32.onnx", target / "int8.onnx"
    _export_fp32(weights, order.card.max_tokens, fp32)
    _quantise(fp32, int8)
    exact = _check(order.card, weights, "fp32", fp32, check_set)
    fast = _check(order.card, weights, "int8", int8, check_set)
    variant: Variant = "int8" if is_faithful(fast, exact) else "fp32"
    used, unused = (int8, fp32) if variant == "int8" else (fp32, int8)
    unused.unlink()
    used.rename(target / ONNX)
    (target / TOKENIZER).write_bytes((weights / TOKENIZER).read_bytes())
    return Prepared(
        variant=variant,
        fingerprint=fingerprint(order.card, weights, variant),
        cosine=mean_cosine(fast, exact),
        int8=fast.measured,
        fp32=exact.measured,
    )


def _record_as_it_is(card: ModelCard, weights: Path, check_set: CheckSet) -> Prepared:
    """A model that comes as a quantised graph is used where it lies."""
    checked = _check(card, weights, "int8", weights / ONNX, check_set)
    return Prepared("int8", fingerprint(card, weights, "int8"), None, checked.measured, None)


def _check(
    card: ModelCard, weights: Path, variant: Variant, model: Path, check_set: CheckSet
) -> Checked:
    record = Prepared(variant, "", None, None, None)
    return check(TextEncoder(card, model, weights / TOKENIZER, record, threads=0), check_set)


def _export_fp32(weights: Path, max_tokens: int, target: Path) -> None:
    """Trace the transformer as a graph from `input_ids` (1, n) to token vectors (1, n, dim).

    The graph takes one text a run, so it has no attention mask, which saves a sixth of the time.
    """
    import torch
    from transformers import AutoModel

    _check_modules(weights)
    torch.set_num_threads(default_threads())
    model = AutoModel.from_pretrained(
        weights,
        attn_implementation="eager",
        dtype=torch.float32,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
    )
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


def _quantise(fp32: Path, int8: Path) -> None:
    """Weights of matrix products to int8, a scale a column; activations are scaled as they come.

    One scale for a whole matrix is not enough for these models (mean cosine 0.946 against 0.995).
    Embedding tables stay as they are: they cost no time.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        fp32,
        int8,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=False,
        weight_type=QuantType.QInt8,
    )


def main() -> None:
    """Carry out orders until the parent is gone."""
    parent: Parent[Export] = Parent(Export)
    while True:
        order = parent.receive()
        try:
            parent.send(Exported(export(order)))
        except EngineError as error:
            parent.send(WorkerError.of(error))


if __name__ == "__main__":
    main()
