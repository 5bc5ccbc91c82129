from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.encoders.catalogue import BUNDLED
from engine.encoders.text_encoder import TextEncoder, load_encoder
from engine.errors import JobCancelled, ModelRejected

MINILM = BUNDLED[0]


@pytest.fixture(scope="module")
def encoder(prepared_minilm: Path) -> TextEncoder:
    return load_encoder(MINILM, prepared_minilm / "onnx", threads=2)


def test_that_meaning_is_near(encoder: TextEncoder) -> None:
    query = encoder.encode_queries(["how do I bake bread"])[0]
    bread, tax = encoder.encode_passages(
        ["Knead the dough, let it rise.", "The tax return is due."]
    )
    assert query @ bread > query @ tax + 0.2


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.text(max_size=80), max_size=5))
def test_that_a_vector_does_not_depend_on_its_company(
    encoder: TextEncoder, texts: list[str]
) -> None:
    together = encoder.encode_passages(texts)
    assert together.shape == (len(texts), MINILM.dim)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_array_equal(encoder.encode_passages([text])[0], vector)


def test_that_rows_keep_the_order_of_texts(encoder: TextEncoder) -> None:
    texts = [f"{'long ' * (n % 7 * 10)}text {n}" for n in range(150)]
    done: list[int] = []
    vectors = encoder.encode_passages(texts, done.append)
    assert done[-1] == 150 and done == sorted(set(done))
    np.testing.assert_array_equal(
        vectors[[3, 149]], encoder.encode_passages([texts[3], texts[149]])
    )


def test_that_what_lies_beyond_the_length_is_cut(encoder: TextEncoder) -> None:
    long, longer = encoder.encode_passages(["word " * 300, "word " * 300 + "something else"])
    np.testing.assert_array_equal(long, longer)


def test_that_encoding_stops_where_progress_raises(encoder: TextEncoder) -> None:
    def stop(done: int) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        encoder.encode_passages(["text"] * 500, stop)


def test_that_a_query_does_not_wait_for_passages(encoder: TextEncoder) -> None:
    encoding, stop = threading.Event(), threading.Event()

    def progress(done: int) -> None:
        encoding.set()
        if stop.is_set():
            raise JobCancelled

    with ThreadPoolExecutor(1) as pool:
        passages = pool.submit(encoder.encode_passages, ["a long passage " * 60] * 5000, progress)
        assert encoding.wait(60)
        assert encoder.encode_queries(["bread"]).shape == (1, MINILM.dim)
        assert not passages.done()
        stop.set()
        with pytest.raises(JobCancelled):
            passages.result()


def test_that_queries_get_their_prompt_and_passages_do_not(prepared_minilm: Path) -> None:
    from dataclasses import replace

    prompted = load_encoder(
        replace(MINILM, query_prompt="query: "), prepared_minilm / "onnx", threads=1
    )
    expected = prompted.encode_passages(["query: bread"])
    np.testing.assert_array_equal(prompted.encode_queries(["bread"]), expected)


def test_that_an_encoder_that_was_not_prepared_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match="not been prepared"):
        load_encoder(MINILM, tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_that_a_damaged_file_is_rejected(tmp_path: Path, prepared_minilm: Path, name: str) -> None:
    folder = tmp_path / "onnx"
    shutil.copytree(prepared_minilm / "onnx", folder)
    (folder / name).write_bytes(b"damaged")
    with pytest.raises(ModelRejected, match=name):
        load_encoder(MINILM, folder)


def test_that_encoding_imports_no_torch(prepared_minilm: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.encoders.prepare import *;"
        "from engine.encoders.catalogue import BUNDLED;"
        "from engine.encoders.text_encoder import load_encoder;"
        "load_encoder(BUNDLED[0], Path(sys.argv[1])).encode_queries(['bread']);"
        "assert not {'torch', 'transformers', 'onnx'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", code, str(prepared_minilm / "onnx")]
    assert subprocess.run(command, check=False).returncode == 0
