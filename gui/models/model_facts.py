"""What is known of a model, as facts in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.training_records import MeasuredOn, ModelDetails, ModelRecord
from gui.widgets.facts import Fact
from gui.widgets.gain_words import signed
from gui.wording import count, date_time, duration, size

_ORIGINS = {
    "bundled": "Comes with the program",
    "imported": "Imported from a folder",
    "tuned": "Tuned here",
}
_DEVICES = {"cpu": "Processor", "cuda": "Graphics processor", "mps": "Apple's graphics processor"}
_MODES = {"dense": "meaning alone", "hybrid": "hybrid", "lexical": "keywords"}


def origin_facts(details: ModelDetails, names: Mapping[str, str]) -> list[Fact]:
    """How it came about; `names` are those of all models by their ids."""
    return list(_origin_facts(details, names))


def _origin_facts(details: ModelDetails, names: Mapping[str, str]) -> Iterator[Fact]:
    info, record = details.info, details.record
    made = _ORIGINS[info.origin]
    if info.adapter:
        made = "Adapted here: it turns queries only, and passages keep the vectors of its base"
    yield Fact("Origin", made)
    parents = record.parents if record else (info.base,) if info.base else ()
    if parents:
        chain = " ← ".join(names.get(parent, parent) for parent in parents)
        yield Fact("Made from", chain, "\n".join(parents))
    yield Fact("Added", date_time(info.created_at))
    if record is not None:
        yield from _training_facts(record)
    if info.licence:
        yield Fact("Licence", info.licence)
    yield Fact("Id", info.id)
    if details.dependents:
        listed = ", ".join(names.get(each, each) for each in details.dependents)
        yield Fact("Made from it", listed, "They go with it where it is deleted")
    if info.overruled:
        yield Fact("Used in spite of the gate", f"“{info.overruled}”")


def _training_facts(record: ModelRecord) -> Iterator[Fact]:
    pairs = f"{record.data}: {count(record.n_pairs, 'pair')}"
    yield Fact("Learned from", pairs)
    if record.data_hash:
        yield Fact("Hash of the data", f"{record.data_hash[:16]}…", f"SHA-256 {record.data_hash}")
    device = _DEVICES.get(record.device, record.device)
    how = f"{duration(record.seconds)} · {device}{', bf16' if record.bf16 else ''}"
    yield Fact("Took", f"{how} · seed {record.seed}")
    if record.n_steps:
        kept = f"Step {count(record.kept_step)} of {count(record.n_steps)}"
        if record.kept_share < 1:
            kept += f", mixed with its base ({record.kept_share:.0%} of the way)"
        yield Fact("Kept", kept)
    if record.versions:
        listed = " · ".join(f"{name} {version}" for name, version in record.versions.items())
        yield Fact("Made with", listed)


def cost_facts(details: ModelDetails) -> list[Fact]:
    """Its shape, its size and its speed."""
    info, record = details.info, details.record
    facts = [Fact("Vectors", f"{info.dim} dimensions, texts up to {count(info.max_tokens)} tokens")]
    on_disk = size(info.size_bytes)
    if record is not None and record.size_bytes and record.size_bytes != info.size_bytes:
        on_disk += f", of which {size(record.size_bytes)} are searched with"
    if info.variant:
        on_disk += f" ({info.variant})"
    facts.append(Fact("Size", on_disk))
    if details.vectors_bytes:
        facts.append(Fact("Vectors of the library", size(details.vectors_bytes)))
    if record is not None and record.query_ms:
        facts.append(Fact("Speed", f"{record.query_ms:.1f} ms to encode a query"))
    if record is not None and record.general_after is not None:
        words = f"nDCG@10 {record.general_after:.3f}"
        if record.general_before is not None:
            change = signed(record.general_after - record.general_before)
            words += f", {record.general_before:.3f} before ({change})"
        facts.append(Fact("General knowledge", words, "On the set that comes with the program"))
    return facts


def measured_on(reached: MeasuredOn) -> str:
    """What it was measured on: `scifact, version 3, test`."""
    version = f", version {reached.version}" if reached.version is not None else ""
    return f"{reached.set}{version}, {reached.split}"


def measured_how(reached: MeasuredOn) -> str:
    """How was searched: `meaning alone, reranked`."""
    mode = _MODES[reached.mode]
    return f"{mode}, reranked" if reached.reranked else mode
