from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.encoders.catalogue import BUNDLED, weights_folder
from engine.encoders.prepare import prepare_encoder
from engine.encoders.prepared import fingerprint, read_prepared
from engine.encoders.text_encoder import load_encoder
from engine.errors import JobCancelled, ModelRejected
from tests.tiny_model import tiny_card

MINILM, BGE = BUNDLED
GOLDEN = Path(__file__).parents[2] / "golden" / "minilm_vectors.json"
"""Of SentenceTransformer.encode with its defaults, normalised (6.2.0, float32), four decimals."""


def test_that_minilm_is_prepared_as_int8_with_its_measures(prepared_minilm: Path) -> None:
    prepared = read_prepared(prepared_minilm / "onnx")
    assert prepared is not None and prepared.int8 and prepared.fp32 and prepared.cosine
    assert prepared.variant == "int8"
    assert prepared.cosine > 0.995
    assert prepared.fp32.ndcg_at_10 - prepared.int8.ndcg_at_10 <= 0.005
    assert sorted(file.name for file in (prepared_minilm / "onnx").iterdir()) == [
        "encoder.json",
        "model.onnx",
        "tokenizer.json",
    ]


def test_that_weights_are_quantised_with_a_scale_a_column(prepared_minilm: Path) -> None:
    import onnx

    graph = onnx.load(prepared_minilm / "onnx" / "model.onnx").graph
    shapes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMulInteger"]
    assert len(products) == 36
    for node in products:
        columns = shapes[node.input[1]][1]
        assert shapes[node.input[1].replace("_quantized", "_scale")] == [columns]


def test_that_vectors_are_those_of_sentence_transformers(prepared_minilm: Path) -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    expected = np.array([entry["vector"] for entry in golden])
    encoder = load_encoder(MINILM, prepared_minilm / "onnx")
    found = encoder.encode_passages([entry["text"] for entry in golden])
    assert float(np.einsum("ij,ij->i", expected, found).min()) > 0.99


def test_that_bge_is_used_where_it_lies(tmp_path: Path) -> None:
    target = tmp_path / BGE.id / "onnx"
    prepare_encoder(BGE, weights_folder(BGE.id), target, lambda: None)
    prepared = read_prepared(target)
    assert prepared is not None and prepared.int8
    assert prepared.int8.ndcg_at_10 > 0.85
    assert [file.name for file in target.iterdir()] == ["encoder.json"]
    vectors = load_encoder(BGE, target).encode_queries(["sour bread"])
    assert vectors.shape == (1, BGE.dim)


def test_that_a_prepared_encoder_replaces_the_old_one_and_keeps_its_fingerprint(
    tmp_path: Path, tiny_weights: Path
) -> None:
    target = tmp_path / "tiny" / "onnx"
    target.mkdir(parents=True)
    (target / "model.onnx").write_bytes(b"half written")
    (tmp_path / "tiny" / ".onnx-dead").mkdir()
    prepare_encoder(tiny_card(), tiny_weights, target, lambda: None)
    prepared = read_prepared(target)
    assert prepared is not None
    first = prepared.fingerprint
    prepare_encoder(tiny_card(), tiny_weights, target, lambda: None)
    again = read_prepared(target)
    assert again is not None and again.fingerprint == first
    assert load_encoder(tiny_card(), target).encode_passages(["a", "b"]).shape == (2, 32)
    assert [entry.name for entry in (tmp_path / "tiny").iterdir()] == ["onnx"]


def test_that_cancelling_leaves_nothing_behind(tmp_path: Path, tiny_weights: Path) -> None:
    polls = 0

    def checkpoint() -> None:
        nonlocal polls
        polls += 1
        if polls == 3:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        prepare_encoder(tiny_card(), tiny_weights, tmp_path / "tiny" / "onnx", checkpoint)
    assert list((tmp_path / "tiny").iterdir()) == []


def test_that_a_model_with_more_than_the_graph_holds_is_rejected(
    tmp_path: Path, tiny_weights: Path
) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(tiny_weights, weights)
    modules = (weights / "modules.json").read_text()
    (weights / "modules.json").write_text(modules.replace("models.Normalize", "models.Dense"))
    with pytest.raises(ModelRejected, match="Dense"):
        prepare_encoder(tiny_card(), weights, tmp_path / "onnx", lambda: None)
    assert not (tmp_path / "onnx").exists()


def test_that_whatever_changes_vectors_changes_the_fingerprint(tiny_weights: Path) -> None:
    card = tiny_card()
    cards = [
        card,
        replace(card, pooling="cls"),
        replace(card, query_prompt="query: "),
        replace(card, max_tokens=32),
    ]
    prints = {fingerprint(card, tiny_weights, "int8") for card in cards}
    assert len(prints | {fingerprint(card, tiny_weights, "fp32")}) == 5
    fitted = fingerprint(card, tiny_weights, "int8", [[101, 2000, 102]])
    assert fitted not in prints
    assert fitted != fingerprint(card, tiny_weights, "int8", [[101, 2001, 102]])
    renamed = replace(card, id="other", name="Other", notes="x", created_at=1.0)
    assert fingerprint(renamed, tiny_weights, "int8") in prints
