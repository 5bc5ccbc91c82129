"""Models for texts: all that is known of them, named and noted, overruled, deleted."""

from __future__ import annotations

from pathlib import Path

import msgspec

from engine.encoders.catalogue import BUNDLED
from engine.errors import InvalidInput, NotFound
from engine.jobs.job import Job
from engine.model_comparison import compared
from engine.parts import Parts
from engine.records import ModelInfo
from engine.settings import Settings
from engine.spare_models import spare_models
from engine.storage import documents, generations, model_registry, runs
from engine.training import kept_tuning
from engine.training_records import ModelComparison, ModelDetails, ModelRecord
from engine.training_requests import WriteModelNotes

RECORD = "record.json"
_LONGEST_NAME = 100
_MIN_WORDS = 3
_MB = 1_000_000
_PROPOSED = 3


def details(parts: Parts, model_id: str) -> ModelDetails:
    """All that is known of a model; raises NotFound."""
    info = _info(parts, model_id)
    with parts.library.read() as connection:
        measured = runs.measured(connection, model_id)
        notes = model_registry.said(connection, model_id).notes
    return ModelDetails(
        info=info,
        record=_record(parts, model_id),
        measured=measured,
        dependents=dependents(parts, model_id),
        vectors_bytes=_vectors_bytes(parts, info),
        notes=notes,
    )


def write_notes(parts: Parts, request: WriteModelNotes) -> ModelDetails:
    """Replace the user's notes on a model; raises NotFound, InvalidInput."""
    _info(parts, request.model)
    name = None if request.name is None else " ".join(request.name.split())
    if name is not None and len(name) > _LONGEST_NAME:
        raise InvalidInput(
            "The name is too long",
            f"It has {len(name)} characters; {_LONGEST_NAME} fit into lists.",
            "Say the rest in the notes.",
        )
    with parts.library.write() as connection:
        model_registry.write_notes(connection, request.model, request.notes.strip(), name)
    return details(parts, request.model)


def compare(parts: Parts, first: str, second: str) -> ModelComparison:
    """Two models beside each other; raises NotFound, InvalidInput where they are the same."""
    if first == second:
        raise InvalidInput("One model", f"Both are {first}.", "Choose two different ones.")
    return compared(details(parts, first), details(parts, second))


def dependents(parts: Parts, model_id: str) -> tuple[str, ...]:
    """Ids of the models that were made from one, and of those made from them, leaves last."""
    with parts.library.read() as connection:
        every = list(model_registry.every(connection))
    bases = {each: parts.models.card(each).base for each in every if each != model_id}
    found = [model_id]
    for above in found:
        found += [each for each, base in bases.items() if base == above and each not in found]
    return tuple(found[1:])


def delete(parts: Parts, model_id: str, with_dependents: bool) -> None:
    """Delete a model with its weights and vectors; raises NotFound, InvalidInput.

    Nothing is deleted where any of the models that would go is needed. Those that were made from
    it go first, so that whatever is left if this is interrupted is whole.
    """
    _info(parts, model_id)
    _check_deletable(parts, model_id)
    above = dependents(parts, model_id)
    if above and not with_dependents:
        raise InvalidInput(
            "This model is needed",
            f"{_listed(above)} {'was' if len(above) == 1 else 'were'} made from it.",
            "Delete what was made from it as well.",
        )
    for each in above:
        _check_deletable(parts, each)
    for each in (*reversed(above), model_id):
        parts.models.remove(each)


def overrule(parts: Parts, model_id: str, reason: str) -> None:
    """Keep why a refused model is put to work; raises NotFound, InvalidInput."""
    info = _info(parts, model_id)
    if info.gate is None or info.gate.accepted:
        raise InvalidInput(
            "Nothing to overrule",
            f"{info.name} was not refused.",
            "Activate it as any other model.",
        )
    why = " ".join(reason.split())
    if len(why.split()) < _MIN_WORDS:
        raise InvalidInput(
            "A reason is needed",
            "The gate refused this model; why it is put to work all the same is kept with it.",
            "Give the reason in a few words.",
        )
    with parts.library.write() as connection:
        model_registry.overrule(connection, model_id, why)


def warn_of_budget(parts: Parts, settings: Settings, job: Job) -> None:
    """Where models take more of the disk than they may, say which could go; none goes by itself."""
    used = _size(parts.folder / "models")
    over = used - settings.models_budget_mb * _MB
    if over <= 0:
        return
    proposed: list[str] = []
    for info in _unused(parts):
        if over <= 0 or len(proposed) == _PROPOSED:
            break
        proposed.append(f"{info.name} ({info.size_bytes / _MB:,.0f} MB)")
        over -= info.size_bytes
    job.warned(
        "Models take much room",
        f"They take {used / _MB:,.0f} MB; the settings allow {settings.models_budget_mb:,} MB.",
        f"The gate refused these, and nothing uses them: {', '.join(proposed)}."
        " They can be deleted on the Models page."
        if proposed
        else "Delete some that you no longer need, or allow more in the settings.",
    )


def _unused(parts: Parts) -> list[ModelInfo]:
    """The spare ones that no running A/B test needs."""
    with parts.library.read() as connection:
        infos = parts.models.infos(documents.n_chunks(connection))
        tested = model_registry.in_running_test(connection)
    return [info for info in spare_models(infos) if info.id not in tested]


def _check_deletable(parts: Parts, model_id: str) -> None:
    """Refuse to delete what is at work, may be soon, or came with the program."""
    parts.models.check_removable(model_id, parts.models.active_id(), *(card.id for card in BUNDLED))
    with parts.library.read() as connection:
        previous = model_registry.previous(connection)
        tested = model_registry.in_running_test(connection)
    if model_id == previous:
        raise InvalidInput(
            "This model may be needed",
            f"{model_id} was at work before the present one: rolling back returns to it.",
            "Activate a third model first, or keep it.",
        )
    if any(kept.spec.base == model_id for kept in kept_tuning.every(parts.folder)):
        raise InvalidInput(
            "This model is being tuned",
            f"A tuning of {model_id} was interrupted, and can go on.",
            "Go on with it, or discard it first.",
        )
    if model_id in tested:
        raise InvalidInput(
            "This model is being tested",
            f"{model_id} competes in an A/B test that still runs.",
            "End the test first.",
        )


def _info(parts: Parts, model_id: str) -> ModelInfo:
    """What a list shows of a model for texts; raises NotFound."""
    with parts.library.read() as connection:
        kind = model_registry.kind_of(connection, model_id)
        n_chunks = documents.n_chunks(connection)
    if kind != "text":
        raise NotFound("No model for texts", f"{model_id} is a model for pictures.")
    return next(info for info in parts.models.infos(n_chunks) if info.id == model_id)


def _record(parts: Parts, model_id: str) -> ModelRecord | None:
    """How a model came about; None where that is not known, or damaged."""
    try:
        content = (parts.models.folder(model_id) / RECORD).read_bytes()
        return msgspec.json.decode(content, type=ModelRecord)
    except (OSError, msgspec.DecodeError):
        return None


def _vectors_bytes(parts: Parts, info: ModelInfo) -> int:
    """Of the cached vectors, and of the index that was built of them."""
    if not info.fingerprint or info.adapter:
        return 0
    cached = parts.embeddings.count(info.fingerprint) * info.dim * 2  # float16
    with parts.library.read() as connection:
        generation = generations.newest(connection, "vectors", info.fingerprint)
    index = _size(parts.folder / "index" / generation.folder) if generation else 0
    return cached + index


def _size(folder: Path) -> int:
    """Bytes of the files below a folder."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue  # it went away meanwhile
    return total


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
