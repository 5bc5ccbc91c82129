"""Reads what a CLIP is from the files it comes as; nothing here loads or runs a model.

A folder has `open_clip_config.json` (as open_clip writes it) and weights; a single checkpoint has
that file beside it or is told its architecture by name. Whatever in a configuration would fetch
something or run code of its own is refused.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import msgspec

from engine.encoders.catalogue import TOKENIZER
from engine.encoders.image_encoder import Preprocessing
from engine.encoders.image_prepared import Cleaning
from engine.errors import ModelRejected

CONFIG = "open_clip_config.json"
_FOLDER_WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "model.safetensors",
)
_SUFFIXES = {".safetensors", ".pt", ".pth", ".bin", ".ckpt"}
_CONTEXT_LENGTH = 77
_LONGEST_HEADER = 100_000_000
_AGAIN = "Copy or download it once more."
_ASK = "Ask whoever made the model for the open_clip folder with its open_clip_config.json."


class _PreprocessCfg(msgspec.Struct):
    """`preprocess_cfg` as open_clip writes it; what it may leave out has open_clip's defaults."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    size: int | tuple[int, int] | None = None
    mode: str = "RGB"
    interpolation: str | None = None
    resize_mode: str | None = None
    fill_color: int = 0


class _ConfigFile(msgspec.Struct):
    model_cfg: dict[str, Any] | None = None
    preprocess_cfg: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ClipSource:
    """A CLIP that can be imported."""

    name: str
    weights: Path
    model: dict[str, Any]
    """open_clip's `model_cfg`."""
    preprocess: dict[str, Any] | None
    """open_clip's `preprocess_cfg`; None where the files do not tell."""
    architecture: str | None
    """Its name in open_clip's list, where the user gave one."""
    tokenizer: Path | None
    """A folder with its own tokenizer; None where it is CLIP's."""
    context_length: int
    """Tokens a text."""
    cleaning: Cleaning
    """open_clip's name of what is done to texts first."""


def read_clip_source(source: Path, architecture: str | None) -> ClipSource:
    """What lies at `source`, a folder or a checkpoint file; raises ModelRejected."""
    folder = source if source.is_dir() else source.parent
    config = _read_config(folder / CONFIG)
    if source.is_dir():
        if config is None or config.model_cfg is None:
            raise _refused(
                f"{source.name} has no {CONFIG}, so it is not known what the model is.", _ASK
            )
        model, weights = config.model_cfg, _weights_in(source)
    else:
        beside = None if architecture else config and config.model_cfg
        model, weights = beside or _named_architecture(architecture), source
        if source.suffix.lower() not in _SUFFIXES or not source.is_file():
            raise _refused(
                f"{source.name} is no checkpoint: its name ends in none of"
                f" {', '.join(sorted(_SUFFIXES))}.",
                "Choose the folder or the file that holds the weights.",
            )
    text = _checked_towers(model)
    own = text.get("hf_tokenizer_name") is not None
    if own and not (folder / TOKENIZER).is_file():
        raise _refused(
            f"It splits texts in a way of its own, and {TOKENIZER} is missing beside its weights.",
            "Put the model's tokenizer files into its folder.",
        )
    return ClipSource(
        name=source.name if source.is_dir() else source.stem,
        weights=weights,
        model=model,
        preprocess=config.preprocess_cfg if config else None,
        architecture=None if source.is_dir() else architecture,
        tokenizer=folder if own else None,
        context_length=_positive(text.get("context_length", _CONTEXT_LENGTH)),
        cleaning=_cleaning(text, "whitespace" if own else "lower"),
    )


def preprocessing_of(preprocess: dict[str, Any] | None, size: int) -> Preprocessing:
    """How pictures of a model that sees `size` pixels a side are prepared; raises ModelRejected."""
    if not preprocess:
        raise _refused(
            "It is not known how its pictures are prepared (preprocess_cfg is missing): with a"
            " guess, it would find other things than it was trained to.",
            _ASK,
        )
    try:
        said = msgspec.convert(preprocess, _PreprocessCfg, strict=False)
    except msgspec.ValidationError as error:
        raise _refused(f"Its preprocess_cfg cannot be used: {error}.", _ASK) from error
    fit, interpolation = said.resize_mode or "shortest", said.interpolation or "bicubic"
    sizes = {said.size} if isinstance(said.size, int) else set(said.size or (size,))
    wrong = [
        what
        for what, right in (
            (f"pictures of {said.size} pixels for a model that sees {size}", sizes == {size}),
            (f"colours as {said.mode}", said.mode == "RGB"),
            (f"resize_mode {fit}", fit in ("shortest", "longest", "squash")),
            (f"interpolation {interpolation}", interpolation in ("bicubic", "bilinear")),
            (f"fill_color {said.fill_color}", 0 <= said.fill_color <= 255),
            (f"mean {said.mean}", all(0 <= value <= 1 for value in said.mean)),
            (f"std {said.std}", all(0 < value <= 1 for value in said.std)),
        )
        if not right
    ]
    if wrong:
        raise _refused(f"Its preprocess_cfg cannot be used: {', '.join(wrong)}.", _ASK)
    return msgspec.convert(
        {"size": size, "fit": fit, "interpolation": interpolation, "fill": said.fill_color}
        | {"mean": said.mean, "std": said.std},
        Preprocessing,
    )


def check_whole(weights: Path) -> None:
    """Refuse a safetensors file that was cut off, or is of another library's CLIP."""
    if weights.suffix.lower() != ".safetensors":
        return
    try:
        with weights.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = msgspec.json.decode(file.read(min(length, _LONGEST_HEADER)))
        tensors = {name: about for name, about in header.items() if name != "__metadata__"}
        end = 8 + length + max(int(about["data_offsets"][1]) for about in tensors.values())
    except (OSError, msgspec.DecodeError, AttributeError, TypeError, KeyError, ValueError) as error:
        raise _refused(f"{weights.name} is damaged, or no safetensors file.", _AGAIN) from error
    if (found := weights.stat().st_size) < end:
        raise _refused(
            f"{weights.name} is incomplete: {found:,} of {end:,} bytes are there.", _AGAIN
        )
    if any(name.startswith(("vision_model.", "text_model.")) for name in tensors):
        raise _refused(
            f"{weights.name} is laid out as the library transformers does it.",
            "Get the same model in open_clip's form; its folder has an open_clip_config.json.",
        )


def _read_config(path: Path) -> _ConfigFile | None:
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=_ConfigFile)
    except (OSError, msgspec.DecodeError) as error:
        raise _refused(f"{CONFIG} is damaged: {error}.", _ASK) from error


def _weights_in(folder: Path) -> Path:
    """The weights of a model's folder: safetensors, by their usual names or as the only ones."""
    for name in _FOLDER_WEIGHTS:
        if (folder / name).is_file():
            return folder / name
    found = sorted(folder.glob("*.safetensors"))
    if len(found) == 1:
        return found[0]
    if found:
        raise _refused(
            f"{folder.name} holds several models ({', '.join(file.name for file in found)}).",
            f"Rename the right one to {_FOLDER_WEIGHTS[0]}.",
        )
    raise _refused(
        f"{folder.name} holds no weights in the safetensors format.",
        "Save the model as safetensors, or choose its checkpoint file itself.",
    )


def _named_architecture(name: str | None) -> dict[str, Any]:
    """open_clip's own `model_cfg` of an architecture."""
    if not name:
        raise _refused(
            "A checkpoint alone does not say what model it belongs to.",
            f"Name its architecture as open_clip does, such as ViT-B-32, or put its {CONFIG}"
            " beside it.",
        )
    # Finding a top-level package does not run it.
    spec = importlib.util.find_spec("open_clip")
    configs = Path(((spec and spec.submodule_search_locations) or [""])[0]) / "model_configs"
    known = {file.stem: file for file in configs.glob("*.json")}
    if name not in known:
        raise _refused(
            f"open_clip knows no architecture called {name}.",
            "Write it as open_clip does, such as ViT-B-32 or ViT-L-14.",
        )
    return msgspec.json.decode(known[name].read_bytes(), type=dict[str, Any])


def _checked_towers(model: dict[str, Any]) -> dict[str, Any]:
    """The text part of a `model_cfg` that needs nothing from elsewhere."""
    vision, text = model.get("vision_cfg"), model.get("text_cfg")
    if not isinstance(vision, dict) or not isinstance(text, dict):
        raise _refused("Its configuration lacks vision_cfg or text_cfg.", _ASK)
    if text.get("hf_model_name"):
        raise _refused(
            f"Its text part is made of another model ({text['hf_model_name']}) that would have to"
            " be downloaded.",
            "Use a model with a text part of its own.",
        )
    if any(mark in str(vision.get("timm_model_name") or "") for mark in ":/\\"):
        raise _refused("Its picture part would have to be downloaded.", _ASK)
    if text.get("tokenizer_mode"):
        raise _refused(f"It splits texts in an unknown way ({text['tokenizer_mode']}).")
    return text


def _cleaning(text: dict[str, Any], usual: Cleaning) -> Cleaning:
    options = text.get("tokenizer_kwargs") or {}
    if not isinstance(options, dict):
        raise _refused(f"It splits texts in an unknown way ({options}).")
    # Others are passed on to a library where they could have it run code from the folder.
    unknown = set(options) - {"clean"}
    known: dict[object, Cleaning] = {name: name for name in get_args(Cleaning)}
    cleaning = known.get(options.get("clean", usual))
    if unknown or cleaning is None:
        raise _refused(f"It splits texts in an unknown way ({options}).")
    return cleaning


def _positive(length: object) -> int:
    if not isinstance(length, int) or length < 1:
        raise _refused(f"Its context_length cannot be used: {length}.", _ASK)
    return length


def _refused(why: str, hint: str = "") -> ModelRejected:
    return ModelRejected("Model cannot be imported", why, hint)
