"""Two models beside each other: what is not the same in how they came about and what they reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_type_hints

import msgspec

from engine.recipe import Recipe, Stage
from engine.training_records import (
    FieldDifference,
    MeasureDifference,
    MeasuredOn,
    ModelComparison,
    ModelDetails,
    ModelRecord,
)

_NOT_KNOWN = "–"
_MB = 1_000_000


def compared(first: ModelDetails, second: ModelDetails) -> ModelComparison:
    """What differs between two models, and the measures that both have under the same terms."""
    one, other = dict(in_words(first)), dict(in_words(second))
    names = [*one, *(name for name in other if name not in one)]
    return ModelComparison(
        first=first,
        second=second,
        fields=tuple(
            FieldDifference(name, one.get(name, _NOT_KNOWN), other.get(name, _NOT_KNOWN))
            for name in names
            if one.get(name) != other.get(name)
        ),
        measures=tuple(_measures(first, second)),
    )


def in_words(model: ModelDetails) -> Iterator[tuple[str, str]]:
    """What is known of how a model came about, by what it is called in words."""
    info, record = model.info, model.record
    yield "Made from", info.base or info.origin
    if record is not None:
        if record.recipe is not None:
            yield from _of_recipe(record.recipe)
        yield from _of_training(record)
    yield "Dimensions", str(info.dim)
    yield "Longest text", f"{info.max_tokens} tokens"
    yield "Form", info.variant or _NOT_KNOWN
    yield "Size", f"{(record.size_bytes if record else info.size_bytes) / _MB:,.1f} MB"
    if record is not None:
        yield "Time to encode a query", f"{record.query_ms:.1f} ms"
    if info.gate is not None:
        yield "Gate", "passed" if info.gate.accepted else "refused"


def _of_training(record: ModelRecord) -> Iterator[tuple[str, str]]:
    yield "Trained on", record.data
    yield "Training data", record.data_hash[:12] or _NOT_KNOWN
    yield "Pairs", f"{record.n_pairs:,}"
    yield "Trained for", str(timedelta(seconds=round(record.seconds)))
    yield "Trained with", f"{record.device}, bf16" if record.bf16 else record.device
    if record.n_steps:  # an adapter is fitted without any
        yield "Kept step", f"{record.kept_step:,} of {record.n_steps:,}"
        yield "Share of the tuned weights", f"{record.kept_share:g}"
    if record.general_after is not None:
        yield "nDCG@10 on general knowledge", f"{record.general_after:.4f}"
    for name, version in record.versions.items():
        yield f"Version of {name}", version


def _of_recipe(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """What a recipe says, by the titles that its fields carry."""
    yield "Recipe", recipe.name
    titles = _titles(Recipe)
    for field in recipe.__struct_fields__:
        if field not in ("name", "about", "stages"):
            yield titles[field], _spelt(getattr(recipe, field))
    of_stage = _titles(Stage)
    for number, stage in enumerate(recipe.stages, start=1):
        for field in stage.__struct_fields__:
            yield f"Stage {number}: {of_stage[field]}", _spelt(getattr(stage, field))


def _titles(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The titles of a struct's fields, by name."""
    hints: dict[str, Any] = get_type_hints(struct, include_extras=True)
    return {
        name: next(
            (
                meta.title
                for meta in getattr(hint, "__metadata__", ())
                if isinstance(meta, msgspec.Meta) and meta.title
            ),
            name,
        )
        for name, hint in hints.items()
    }


def _spelt(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(_spelt, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _measures(first: ModelDetails, second: ModelDetails) -> Iterator[MeasureDifference]:
    by_terms = {_terms(reached): reached for reached in second.measured}
    for one in first.measured:
        other = by_terms.get(_terms(one))
        if other is None:
            continue
        for measure, value in one.measures.items():
            if measure in other.measures:
                yield MeasureDifference(_in_words(one), measure, value, other.measures[measure])


def _terms(reached: MeasuredOn) -> tuple[object, ...]:
    """Measures compare only under the same: set, its version, split and way of searching."""
    return reached.set, reached.version, reached.split, reached.mode, reached.reranked


def _in_words(reached: MeasuredOn) -> str:
    version = "" if reached.version is None else f"@{reached.version}"
    how = f"{reached.mode}, reranked" if reached.reranked else reached.mode
    return f"{reached.set}{version} / {reached.split}, {how}"
