from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.encoders.onnx_session import OnnxModel
from engine.encoders.torch_export import export_graph
from engine.encoders.torchvision_ops import define_missing
from engine.errors import ModelRejected


@pytest.fixture
def weights(tmp_path: Path, tiny_weights: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


def test_that_the_graph_gives_the_token_vectors_of_the_model(tmp_path: Path, weights: Path) -> None:
    import torch

    define_missing()
    from transformers import AutoModel

    export_graph(weights, 64, tmp_path / "fp32.onnx")
    exported = OnnxModel(tmp_path / "fp32.onnx", threads=1)
    model = AutoModel.from_pretrained(weights, local_files_only=True).eval()
    for length in (1, 2, 17, 64):
        ids = [101, *range(2000, 2000 + length - 1)]
        with torch.no_grad():
            expected = model(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy()
        np.testing.assert_allclose(exported.run(ids, [0] * length), expected, atol=1e-4)


def test_that_damaged_weights_are_rejected(tmp_path: Path, weights: Path) -> None:
    (weights / "model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelRejected, match="damaged"):
        export_graph(weights, 64, tmp_path / "fp32.onnx")


def test_that_weights_that_lack_a_layer_are_rejected(tmp_path: Path, weights: Path) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = load_file(weights / "model.safetensors")
    tensors = {name: tensor for name, tensor in tensors.items() if "layer.1." not in name}
    save_file(tensors, weights / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelRejected, match="does not hold all"):
        export_graph(weights, 64, tmp_path / "fp32.onnx")


def test_that_a_model_for_shorter_texts_is_rejected(tmp_path: Path, weights: Path) -> None:
    with pytest.raises(ModelRejected, match="shorter texts"):
        export_graph(weights, 256, tmp_path / "fp32.onnx")
