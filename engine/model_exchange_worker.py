"""The exchange worker: writes a model in other programs' forms, and compares with what they make.

`python -m engine.model_exchange_worker`; `engine.model_exchange` is its parent.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.encoders.catalogue import ONNX, TOKENIZER, ModelCard, check_kind, file_sha256
from engine.encoders.fidelity import CheckSet, check, is_faithful, read_check_set
from engine.encoders.onnx_manifest import (
    FP32,
    INT8,
    OnnxManifest,
    OnnxVariant,
    read_manifest,
    write_manifest,
)
from engine.encoders.prepared import Prepared, Variant
from engine.encoders.quantisation import calibration, quantise
from engine.encoders.text_encoder import TextEncoder
from engine.encoders.text_layout import write_layout
from engine.encoders.tokens import load_tokenizer
from engine.encoders.torch_encoder import TorchEncoder, trace_in_batches
from engine.encoders.torchvision_ops import define_missing
from engine.errors import EngineError, ModelRejected
from engine.jobs.worker import Parent, WorkerError
from engine.training.general_set import general_ndcg, read_general_set

_PROBES = 4
_COMPARED = 24
MIN_AGREEMENT = 0.999
"""Smallest cosine with the exact vectors, of a form that is exact but for rounding."""
_MIN_INT8 = 0.98


class Write(msgspec.Struct, frozen=True, tag=True):
    """An order: fill a folder with a model in some form; paths are absolute."""

    card: ModelCard
    weights: str
    format: Literal["sentence-transformers", "onnx"]
    target: str
    """An empty folder."""
    check_set: str
    general_set: str


class Written(msgspec.Struct, frozen=True, tag=True):
    """The answer."""

    agreement: float
    ndcg: dict[str, float]


class Try(msgspec.Struct, frozen=True, tag=True):
    """An order: compare what is made of a folder here with what it gives by itself."""

    card: ModelCard
    weights: str
    """As it is used here."""
    source: str
    """As sentence-transformers can load it."""
    query_prompt_name: str
    check_set: str


class TryOnnx(msgspec.Struct, frozen=True, tag=True):
    """An order: compare the graphs of an exported folder with its probes."""

    card: ModelCard
    source: str


class Tried(msgspec.Struct, frozen=True, tag=True):
    """The answer: how near the vectors are to the exact ones."""

    difference: float
    """The greatest between any number of two vectors."""
    variant: Variant = "fp32"
    """Of several graphs, the one to use."""


Order = Write | Try | TryOnnx
Answer = Written | Tried | WorkerError


class _Encoder(Protocol):
    """A bi-encoder, in whatever form."""

    def encode_queries(self, texts: Sequence[str], /) -> NDArray[np.float32]: ...

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None, /
    ) -> NDArray[np.float32]: ...


class _Theirs:
    """A folder as sentence-transformers uses it."""

    def __init__(self, folder: Path, query_prompt_name: str) -> None:
        define_missing()
        from sentence_transformers import SentenceTransformer

        try:
            self._model = SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # of many kinds, and none of ours
            raise ModelRejected(
                "Model cannot be loaded",
                f"sentence-transformers says: {type(error).__name__}: {str(error)[:200]}",
                "Check that the folder is whole.",
            ) from error
        self._prompt_name = query_prompt_name or None

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries, (n, dim) float32, L2-normalised."""
        return self._encode(texts, self._prompt_name)

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Vectors of passages, (n, dim) float32, L2-normalised; `on_batch` may raise to stop."""
        vectors = self._encode(texts, None)
        if on_batch:
            on_batch(len(texts))
        return vectors

    def _encode(self, texts: Sequence[str], prompt_name: str | None) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._model.encode(
            list(texts),
            prompt_name=prompt_name,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return vectors


def write(order: Write) -> Written:
    """Fill a folder; raises ModelRejected where its vectors would be others."""
    weights, target = Path(order.weights), Path(order.target)
    check_set = read_check_set(Path(order.check_set))
    general = read_general_set(Path(order.general_set))

    def ndcg(encoder: _Encoder) -> float:
        values = general_ndcg(general, encoder)
        return sum(values.values()) / len(values)

    if order.format == "sentence-transformers":
        write_layout(order.card, weights, target)
        theirs = _Theirs(target, "query" if order.card.query_prompt else "")
        near = _agreement(TorchEncoder(order.card, weights), theirs, check_set)
        _check_near(near, MIN_AGREEMENT)
        return Written(near, {"fp32": ndcg(theirs)})
    write_layout(order.card, weights, target, with_weights=False)
    (target / FP32).parent.mkdir()
    exact: _Encoder
    variants: dict[Variant, str]
    if check_kind(weights) == "onnx":
        shutil.copyfile(weights / ONNX, target / INT8)
        exact, variants = _graph(order.card, target, INT8), {"int8": INT8}
    else:
        exact, variants = _traced(order.card, weights, target, check_set)
    told: dict[str, OnnxVariant] = {}
    for variant, file in variants.items():
        encoder = _graph(order.card, target, file)
        near = _agreement(exact, encoder, check_set)
        _check_near(near, MIN_AGREEMENT if variant == "fp32" else _MIN_INT8)
        told[variant] = OnnxVariant(file, file_sha256(target / file), near, ndcg(encoder))
    probes = tuple(list(check_set.passages.values())[:_PROBES])
    card = order.card
    manifest = OnnxManifest(
        name=card.name,
        pooling=card.pooling,
        query_prompt=card.query_prompt,
        max_tokens=card.max_tokens,
        dim=card.dim,
        licence=card.licence,
        variants=told,
        probes=probes,
        vectors=tuple(tuple(map(float, vector)) for vector in exact.encode_passages(probes)),
    )
    write_manifest(manifest, target)
    first = next(iter(told.values()))
    return Written(first.agreement, {name: each.ndcg_at_10 for name, each in told.items()})


def _traced(
    card: ModelCard, weights: Path, target: Path, check_set: CheckSet
) -> tuple[TorchEncoder, dict[Variant, str]]:
    """Write both graphs of a model; the smaller one only where it ranks as the exact one does."""
    exact = TorchEncoder(card, weights)
    trace_in_batches(exact, target / FP32)
    tokenizer = load_tokenizer(weights / TOKENIZER, card.max_tokens)
    ids = calibration(tokenizer, list(check_set.passages.values())[::2], card.max_tokens)
    checked = check(_graph(card, target, FP32), check_set)
    for narrow in (False, True):
        quantise(target / FP32, target / INT8, ids, narrow=narrow)
        if is_faithful(check(_graph(card, target, INT8), check_set), checked):
            return exact, {"fp32": FP32, "int8": INT8}
    (target / INT8).unlink()
    return exact, {"fp32": FP32}


def compare(order: Try) -> Tried:
    """Compare a folder with what is made of it here; raises ModelRejected."""
    check_set = read_check_set(Path(order.check_set))
    ours = TorchEncoder(order.card, Path(order.weights))
    theirs = _Theirs(Path(order.source), order.query_prompt_name)
    one, other = _vectors(ours, check_set), _vectors(theirs, check_set)
    if one.shape != other.shape:
        raise ModelRejected(
            "Model does not fit together",
            f"Its vectors have {other.shape[1]} numbers, not {one.shape[1]} as it says.",
        )
    _check_near(_least_cosine(one, other), MIN_AGREEMENT)
    return Tried(float(np.abs(one - other).max()))


def compare_graphs(order: TryOnnx) -> Tried:
    """Compare graphs with the probes beside them; raises ModelRejected."""
    source = Path(order.source)
    manifest = read_manifest(source)
    assert manifest is not None
    exact = np.array(manifest.vectors, dtype=np.float32)
    tried: dict[str, Tried] = {}
    for name, variant in manifest.variants.items():
        kind: Variant = "int8" if name == "int8" else "fp32"
        if file_sha256(source / variant.file) != variant.sha256:
            raise ModelRejected(
                "Model was altered", f"{variant.file} is not the file that was exported."
            )
        vectors = _graph(order.card, source, variant.file).encode_passages(manifest.probes)
        alone = len(manifest.variants) == 1
        _check_near(
            _least_cosine(vectors, exact),
            MIN_AGREEMENT if kind == "fp32" or alone else _MIN_INT8,
        )
        tried[kind] = Tried(float(np.abs(vectors - exact).max()), kind)
    return tried.get("int8") or tried["fp32"]


def _graph(card: ModelCard, folder: Path, file: str) -> TextEncoder:
    record = Prepared("int8" if file == INT8 else "fp32", "", None, None, None)
    return TextEncoder(card, folder / file, folder / TOKENIZER, record, threads=0)


def _vectors(encoder: _Encoder, check_set: CheckSet) -> NDArray[np.float32]:
    """Vectors of passages, one of which is too long, and of queries, (n, dim) float32."""
    passages = list(check_set.passages.values())
    texts = [*passages[:_COMPARED], " ".join(passages)]
    queries = list(check_set.queries.values())[:_COMPARED]
    return np.concatenate([encoder.encode_passages(texts), encoder.encode_queries(queries)])


def _agreement(one: _Encoder, other: _Encoder, check_set: CheckSet) -> float:
    return _least_cosine(_vectors(one, check_set), _vectors(other, check_set))


def _least_cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.einsum("ij,ij->i", one, other).min())


def _check_near(cosine: float, wanted: float) -> None:
    if not cosine >= wanted:
        raise ModelRejected(
            "Model gives other vectors",
            f"Their cosine with the exact ones goes down to {cosine:.4f}; at least {wanted} is"
            " wanted.",
            "Use another model, or the same in another form.",
        )


def main() -> None:
    """Carry out orders until the parent is gone."""
    parent: Parent[Any] = Parent(Order)
    while True:
        order = parent.receive()
        try:
            match order:
                case Write():
                    parent.send(write(order))
                case Try():
                    parent.send(compare(order))
                case TryOnnx():
                    parent.send(compare_graphs(order))
        except EngineError as error:
            parent.send(WorkerError.of(error))


if __name__ == "__main__":
    main()
