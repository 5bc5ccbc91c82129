"""A folder with somebody's bi-encoder: what it is, told from its files before any is loaded.

It is in the layout of sentence-transformers, or a plain transformer with `1_Pooling/config.json`
beside it. What could run code, or would make other vectors here than where it comes from, is
refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.encoders.catalogue import SAFETENSORS, Pooling, check_kind
from engine.encoders.stated_licence import stated_licence
from engine.errors import ModelRejected

MODULES = "modules.json"
PROMPTS = "config_sentence_transformers.json"
LENGTH = "sentence_bert_config.json"
_CONFIG, _TOKENIZER_CONFIG = "config.json", "tokenizer_config.json"
_POOLING = "1_Pooling"
_SUPPORTED = {"Transformer", "Pooling", "Normalize"}
_INDEX = "model.safetensors.index.json"
_POSITIONS_TAKEN = {"roberta": 2, "xlm-roberta": 2, "camembert": 2, "mpnet": 2}
"""Positions before the first token's, by the kind of transformer."""
_LONGEST = 8192


@dataclass(frozen=True, slots=True)
class TextSource:
    """A bi-encoder that can be imported."""

    folder: Path
    """As it was given."""
    transformer: Path
    """Where its weights and its tokenizer lie."""
    whole: bool
    """In the layout of sentence-transformers, which can load it by itself."""
    pooling: Pooling
    query_prompt: str
    query_prompt_name: str
    max_tokens: int
    dim: int
    licence: str
    """In its owner's words; empty where it is not told."""


def read_text_source(folder: Path) -> TextSource:
    """What a folder holds; raises ModelRejected, saying why, where it cannot be imported."""
    modules = _modules(folder)
    transformer = folder / modules["Transformer"] if modules else folder
    config = _read(transformer / _CONFIG)
    if config is None:
        raise _refused(
            "No model here",
            f"{folder} holds no transformer with its {_CONFIG}.",
            "Choose a folder in the layout of sentence-transformers.",
        )
    for file in (_CONFIG, _TOKENIZER_CONFIG):
        if "auto_map" in (_read(transformer / file) or {}):
            raise _refused(
                "This model brings its own program",
                f"{file} names code that would have to be run to load it.",
                "Only models of kinds that transformers knows can be imported.",
            )
    _check_weights(transformer)
    dim = config.get("hidden_size", config.get("dim"))
    if not isinstance(dim, int):
        raise _refused("Model cannot be used", f"{_CONFIG} does not tell how long vectors are.")
    prompts = _read(folder / PROMPTS) or {}
    name, prompt = _query_prompt(prompts)
    pooled = _read(folder / (modules.get("Pooling") or _POOLING) / _CONFIG)
    if "Normalize" not in modules and prompts.get("similarity_fn_name") == "dot":
        raise _refused(
            "Model cannot be used",
            "It was made for vectors of different lengths; here only their direction counts.",
        )
    return TextSource(
        folder=folder,
        transformer=transformer,
        whole=bool(modules),
        pooling=_pooling(pooled, dim, prompted=bool(prompt)),
        query_prompt=prompt,
        query_prompt_name=name,
        max_tokens=_max_tokens(folder, transformer, config),
        dim=dim,
        licence=stated_licence(folder),
    )


def _modules(folder: Path) -> dict[str, str]:
    """Where the parts of a model lie, by kind; empty where it is a plain transformer."""
    listed = _read(folder / MODULES)
    if listed is None:
        return {}
    found: dict[str, str] = {}
    for module in listed if isinstance(listed, list) else []:
        owner, _, kind = str(module.get("type", "")).rpartition(".")
        if kind not in _SUPPORTED or owner.split(".")[0] != "sentence_transformers":
            raise _refused(
                "Model cannot be used",
                f"It has a part of a kind that is not supported ({module.get('type')}).",
                "Models of a transformer, pooling and normalising can be imported.",
            )
        path = Path(str(module.get("path", "")))
        if path.is_absolute() or ".." in path.parts:
            raise _refused("Model cannot be used", f"{MODULES} points outside of its folder.")
        found[kind] = str(path)
    if "Transformer" not in found or "Pooling" not in found:
        raise _refused("Model is incomplete", f"{MODULES} names no transformer with pooling.")
    return found


def _check_weights(transformer: Path) -> None:
    if (transformer / _INDEX).exists() and not (transformer / SAFETENSORS).exists():
        raise _refused(
            "Model cannot be used",
            "Its weights are spread over several files.",
            f"Save it as one {SAFETENSORS}.",
        )
    if check_kind(transformer) != "safetensors":
        raise _refused(
            "Model cannot be used",
            "It is an ONNX graph without the description that Attune writes beside one.",
            "Choose a folder with safetensors, or one that Attune exported.",
        )


def _pooling(config: Any, dim: int, *, prompted: bool) -> Pooling:
    """How tokens become one vector; raises ModelRejected."""
    if not isinstance(config, dict):
        raise _refused(
            "Model is incomplete",
            f"{_POOLING}/{_CONFIG} is missing: how tokens become one vector is not told.",
            "Choose a folder in the layout of sentence-transformers.",
        )
    told = config.get("word_embedding_dimension", config.get("embedding_dimension", dim))
    if told != dim:
        raise _refused(
            "Model does not fit together", f"It pools vectors of {told} numbers, but makes {dim}."
        )
    if prompted and config.get("include_prompt") is False:
        raise _refused(
            "Model cannot be used", "It leaves its prompt out of pooling, which is not supported."
        )
    flags = {
        name.removeprefix("pooling_mode_")
        for name, on in config.items()
        if name.startswith("pooling_mode_") and on is True
    }
    modes = config.get("pooling_mode", [])
    flags |= {modes} if isinstance(modes, str) else set(modes)
    match sorted(flags):
        case ["mean_tokens"] | ["mean"]:
            return "mean"
        case ["cls_token"] | ["cls"]:
            return "cls"
    raise _refused(
        "Model cannot be used",
        f"It pools by {', '.join(sorted(flags)) or 'nothing'}; here it is mean or cls.",
    )


def _query_prompt(config: Mapping[str, Any]) -> tuple[str, str]:
    """Name and text of what is put before queries; raises ModelRejected."""
    prompts = config.get("prompts") or {}
    for name, text in prompts.items():
        if name != "query" and text and (name in ("document", "passage", "corpus")):
            raise _refused(
                "Model cannot be used",
                f"It puts “{text}” before passages; only prompts before queries are supported.",
            )
    default = config.get("default_prompt_name")
    if default and prompts.get(default):
        raise _refused(
            "Model cannot be used",
            f"It puts “{prompts[default]}” before every text; only queries can have a prompt.",
        )
    text = str(prompts.get("query") or "")
    return ("query" if text else ""), text


def _max_tokens(folder: Path, transformer: Path, config: Mapping[str, Any]) -> int:
    positions = int(config.get("max_position_embeddings", 512))
    positions -= _POSITIONS_TAKEN.get(str(config.get("model_type")), 0)
    said = [positions, _LONGEST]
    for file in {folder / LENGTH, transformer / LENGTH}:
        if isinstance(length := (_read(file) or {}).get("max_seq_length"), int):
            said.append(length)
    length = (_read(transformer / _TOKENIZER_CONFIG) or {}).get("model_max_length")
    if isinstance(length, int) and len(said) == 2:
        said.append(length)
    return max(4, min(said))


def _read(path: Path) -> Any:
    """A JSON file; None where it is not there. Raises ModelRejected where it is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes())
    except OSError:
        return None
    except msgspec.DecodeError as error:
        raise _refused("Model cannot be read", f"{path.name} is damaged.") from error


def _refused(
    title: str, message: str, hint: str = "It was not imported; nothing changed here."
) -> ModelRejected:
    return ModelRejected(title, message, hint)
