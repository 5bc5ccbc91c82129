from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.encoders.onnx_session import OnnxModel
from engine.encoders.quantisation import quantise

TOKENS, CHANNELS, COLUMNS = 64, 48, 24


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedding table, one of whose channels is fifty times as large, and a matrix product."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    table = random.normal(size=(TOKENS, CHANNELS)).astype(np.float32)
    table[:, 7] *= 50
    matrix = random.normal(size=(CHANNELS, COLUMNS)).astype(np.float32)
    model = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
                helper.make_node("MatMul", ["embedded", "matrix"], ["product"], name="product"),
            ],
            "outlier",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, None])],
            [helper.make_tensor_value_info("product", TensorProto.FLOAT, [1, None, COLUMNS])],
            [numpy_helper.from_array(table, "table"), numpy_helper.from_array(matrix, "matrix")],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    path = tmp_path_factory.mktemp("graph") / "fp32.onnx"
    onnx.save(model, path)
    return path


def _run(path: Path, ids: list[int]) -> NDArray[np.float32]:
    return OnnxModel(path, threads=1).run(ids, [0] * len(ids))


def _error(graph: Path, int8: Path) -> float:
    """Relative error of an int8 graph, on tokens that it was not fitted to."""
    ids = list(range(TOKENS // 2, TOKENS))
    exact = _run(graph, ids)
    return float(np.linalg.norm(_run(int8, ids) - exact) / np.linalg.norm(exact))


def test_that_an_outlier_does_not_cost_the_other_channels_their_precision(
    graph: Path, tmp_path: Path
) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    plain, smoothed = tmp_path / "plain.onnx", tmp_path / "int8.onnx"
    quantize_dynamic(graph, plain, per_channel=True, weight_type=QuantType.QInt8)
    quantise(graph, smoothed, [list(range(TOKENS // 2))], narrow=False)
    assert _error(graph, smoothed) < 0.5 * _error(graph, plain)
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["int8.onnx", "plain.onnx"]


@pytest.mark.parametrize(("narrow", "largest"), [(False, 127), (True, 64)])
def test_that_narrow_weights_have_seven_bits(
    graph: Path, tmp_path: Path, narrow: bool, largest: int
) -> None:
    import onnx
    from onnx import numpy_helper

    quantise(graph, tmp_path / "int8.onnx", [list(range(TOKENS))], narrow=narrow)
    tensors = {t.name: t for t in onnx.load(tmp_path / "int8.onnx").graph.initializer}
    weights = numpy_helper.to_array(tensors["matrix_quantized"])
    assert weights.dtype == np.int8
    assert np.abs(weights.astype(int)).max() == largest
    assert _error(graph, tmp_path / "int8.onnx") < 0.05
