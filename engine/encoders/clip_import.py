"""Imports a CLIP of open_clip's with torch; only the export worker imports this.

The model is built from its configuration, given its weights, all of them and no others, and both
towers are traced. Tokens are compared with open_clip's own before the model is accepted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import nn

from engine.encoders.catalogue import SAFETENSORS, TOKENIZER, file_sha256
from engine.encoders.clip_config import CONFIG, ClipSource, preprocessing_of
from engine.encoders.clip_tokens import ClipTokenizer
from engine.encoders.image_encoder import Preprocessing
from engine.encoders.image_export import FromPixels, export_tower, sample_pixels
from engine.encoders.image_prepared import (
    IMAGE_GRAPH,
    TEXT_GRAPH,
    PreparedImages,
    TextSide,
    fingerprint_of,
)
from engine.encoders.torchvision_ops import define_missing
from engine.errors import ModelRejected

define_missing()

import open_clip  # noqa: E402 (torchvision has to be mended first)

_SAMPLES = (
    "a photo of a dog",
    "",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich -- 日本語 🙂",
    "it's 10&amp;20 <b>  \n  don't\tSHOUT_loud (really?) the 3rd time: www.a-b.org/c?d=1",
    "one two three four five six seven eight nine ten " * 20,
)
_VERSION = 1
"""Changes with whatever makes vectors of the same weights incomparable."""


class _ImageTower(nn.Module):  # type: ignore[misc]
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Any) -> Any:
        return self.model.encode_image(images, normalize=True)


class _TextTower(nn.Module):  # type: ignore[misc]
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, ids: Any) -> Any:
        return self.model.encode_text(ids, normalize=True)


def import_clip(source: ClipSource, target: Path, known: Mapping[str, str]) -> PreparedImages:
    """Export both towers and the tokenizer into `target`; raises ModelRejected.

    `known` are names by fingerprint of models that are there already: none is imported twice.
    """
    with tempfile.TemporaryDirectory(dir=target) as scratch:
        model = _load(source, Path(scratch))
    preprocessing = preprocessing_of(preprocess_of_source(source), _image_size(model))
    theirs = _write_tokenizer(source, target / TOKENIZER)
    tokenizer = ClipTokenizer(target / TOKENIZER, source.cleaning)
    ids = [tokenizer.ids(text) for text in _SAMPLES]
    if not all((ours == its).all() for ours, its in zip(ids, theirs, strict=True)):
        raise _refused("Its texts cannot be split into tokens here as it wants them.")
    fingerprint = _fingerprint(source, preprocessing, target / TOKENIZER)
    if fingerprint in known:
        raise ModelRejected(
            "Already imported",
            f"It is the same model as “{known[fingerprint]}”.",
            "Use that one.",
        )
    pixels = sample_pixels(preprocessing.size)
    image_tower = FromPixels(_ImageTower(model), preprocessing).eval()
    images_agree = export_tower(image_tower, pixels, ["vector"], target / IMAGE_GRAPH)
    texts = [torch.from_numpy(tokens[None]) for tokens in ids]
    text_tower = _TextTower(model).eval()
    texts_agree = export_tower(text_tower, texts, ["vector"], target / TEXT_GRAPH)
    with torch.no_grad():
        dim = int(model.encode_text(texts[0]).shape[1])
    return PreparedImages(
        kind="clip",
        name=source.name,
        fingerprint=fingerprint,
        preprocessing=preprocessing,
        d_look=dim,
        d_meaning=dim,
        text=TextSide(source.context_length, source.cleaning),
        agreement=max(images_agree, texts_agree),
    )


def _fingerprint(source: ClipSource, preprocessing: Preprocessing, tokenizer: Path) -> str:
    return fingerprint_of(
        file_sha256(source.weights),
        file_sha256(tokenizer),
        msgspec.json.encode(source.model, order="deterministic").decode(),
        preprocessing,
        source.cleaning,
        _VERSION,
    )


def _load(source: ClipSource, scratch: Path) -> Any:
    """The model with all of its weights."""
    weights = _as_safetensors(source.weights, scratch)
    (scratch / "model").mkdir()
    config = {"model_cfg": source.model, "preprocess_cfg": {}}
    (scratch / "model" / CONFIG).write_bytes(msgspec.json.encode(config))
    try:
        model = open_clip.create_model(f"local-dir:{scratch / 'model'}", load_weights=False)
    except Exception as error:
        raise _refused("open_clip cannot build a model from its configuration.") from error
    try:
        open_clip.load_checkpoint(model, str(weights), strict=True)
    except Exception as error:
        raise _refused(
            "Its weights are damaged, or belong to a model of another architecture."
        ) from error
    return model.float().eval()


def _as_safetensors(weights: Path, scratch: Path) -> Path:
    """The weights as a file that can hold nothing but tensors."""
    if weights.suffix.lower() == ".safetensors":
        return weights
    from safetensors.torch import save_file

    try:
        loaded = torch.load(weights, map_location="cpu", weights_only=True)
        state = loaded.get("state_dict", loaded)
        tensors = {name: state[name].detach().clone().contiguous() for name in state}
    # torch raises many kinds, for damaged files and for such as hold more than tensors.
    except Exception as error:
        raise _refused(
            f"{weights.name} is damaged or holds more than weights: such files can run programs"
            " hidden in them, so they are not opened.",
            "Save the model as safetensors.",
        ) from error
    save_file(tensors, scratch / SAFETENSORS)
    return scratch / SAFETENSORS


def preprocess_of_source(source: ClipSource) -> dict[str, Any] | None:
    """`preprocess_cfg` from the files, or what all published weights of an architecture share."""
    if source.preprocess or not source.architecture:
        return source.preprocess
    name = source.architecture
    published = [
        {"mean": cfg["mean"], "std": cfg["std"]}
        | {key: cfg.get(key) for key in ("interpolation", "resize_mode")}
        for cfg in (
            open_clip.get_pretrained_cfg(name, tag)
            for tag in open_clip.list_pretrained_tags_by_model(name)
        )
        if cfg.get("mean") and cfg.get("std")
    ]
    return published[0] if published and all(one == published[0] for one in published) else None


def _image_size(model: Any) -> int:
    size = model.visual.image_size
    sides = set(size) if isinstance(size, (tuple, list)) else {size}
    if len(sides) != 1:
        raise _refused("It sees pictures that are not square.")
    return int(sides.pop())


def _write_tokenizer(source: ClipSource, path: Path) -> list[Any]:
    """Write the model's tokenizer, and say what open_clip's own makes of the samples."""
    length = source.context_length
    if source.tokenizer is None:
        theirs: Any = open_clip.SimpleTokenizer(context_length=length, clean=source.cleaning)
        tokenizer: Any = _clip_tokenizer(theirs)
        pad = {"pad_id": 0}
    else:
        try:
            theirs = open_clip.tokenizer.HFTokenizer(
                str(source.tokenizer), context_length=length, clean=source.cleaning
            )
            tokenizer = theirs.tokenizer.backend_tokenizer
            pad = {"pad_id": theirs.tokenizer.pad_token_id}
            pad["direction"] = theirs.tokenizer.padding_side
        except Exception as error:
            raise _refused("Its tokenizer is damaged or of an unknown kind.") from error
    expected = [_first(theirs([text])) for text in _SAMPLES]
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length, **pad)
    tokenizer.save(str(path))
    return expected


def _first(tokens: Any) -> Any:
    return np.asarray(tokens[0].numpy(), np.int64)


def _clip_tokenizer(theirs: Any) -> Any:
    """open_clip's byte-level BPE in the format of `tokenizers`."""
    from tokenizers import AddedToken, Regex, Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
    from tokenizers.processors import TemplateProcessing

    start, end = "<start_of_text>", "<end_of_text>"
    model = BPE(
        vocab=theirs.encoder,
        merges=list(theirs.bpe_ranks),
        end_of_word_suffix="</w>",
        continuing_subword_prefix="",
        fuse_unk=False,
    )
    tokenizer: Any = Tokenizer(model)
    words = r"(?i)'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer.pre_tokenizer = Sequence(
        [
            Split(Regex(words), behavior="removed", invert=True),
            ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.add_special_tokens([AddedToken(start, special=True), AddedToken(end, special=True)])
    tokenizer.post_processor = TemplateProcessing(
        single=f"{start} $A {end}",
        special_tokens=[(start, theirs.sot_token_id), (end, theirs.eot_token_id)],
    )
    return tokenizer


def _refused(why: str, hint: str = "Import another one.") -> ModelRejected:
    return ModelRejected("Model cannot be imported", why, hint)
