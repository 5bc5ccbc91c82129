"""The export worker: turns a model into the ONNX graph that this machine encodes with.

`python -m engine.encoders.export_worker`; `engine.encoders.prepare` is its parent. The only place
that encodes with torch: the graph is traced from it, quantised, and both are checked.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.encoders.catalogue import ONNX, TOKENIZER, ModelCard, check_kind
from engine.encoders.fidelity import (
    Checked,
    CheckSet,
    check,
    is_faithful,
    mean_cosine,
    read_check_set,
)
from engine.encoders.prepared import Prepared, Variant, fingerprint
from engine.encoders.quantisation import calibration, quantise
from engine.encoders.text_encoder import TextEncoder
from engine.encoders.tokens import load_tokenizer
from engine.encoders.torch_export import export_graph
from engine.errors import EngineError
from engine.jobs.worker import Parent, WorkerError


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
        if order.card.origin != "bundled":
            for name in (ONNX, TOKENIZER):
                (target / name).write_bytes((weights / name).read_bytes())
        return _record_as_it_is(order.card, weights, check_set)
    fp32, int8 = target / "fp32.onnx", target / "int8.onnx"
    export_graph(weights, order.card.max_tokens, fp32)
    exact = _check(order.card, weights, "fp32", fp32, check_set)
    tokenizer = load_tokenizer(weights / TOKENIZER, order.card.max_tokens)
    # Half of the passages tell how large activations become; all of them check what came of it.
    seen = list(check_set.passages.values())[::2]
    ids = calibration(tokenizer, seen, order.card.max_tokens)
    for narrow in (False, True):
        quantise(fp32, int8, ids, narrow=narrow)
        fast = _check(order.card, weights, "int8", int8, check_set)
        if is_faithful(fast, exact):
            break
    variant: Variant = "int8" if is_faithful(fast, exact) else "fp32"
    used, unused = (int8, fp32) if variant == "int8" else (fp32, int8)
    unused.unlink()
    used.rename(target / ONNX)
    (target / TOKENIZER).write_bytes((weights / TOKENIZER).read_bytes())
    return Prepared(
        variant=variant,
        fingerprint=fingerprint(order.card, weights, variant, ids if variant == "int8" else ()),
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
