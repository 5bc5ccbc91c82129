"""Words for what a recipe can choose among."""

from __future__ import annotations

from engine.training_records import ORIGINS

CHOICES: dict[str, str] = {
    "mnrl": "Ranking within the batch",
    "cached_mnrl": "Ranking within large batches",
    "triplet": "Triplet",
    "margin_mse": "Margins of the cross-encoder",
    "kl": "Ranking of the cross-encoder",
    "cosent": "Order of grades (CoSENT)",
    "none": "None",
    "l2": "All weights alike (L2)",
    "ewc": "What general language needs (EWC)",
    "auto": "Whatever is fastest",
    "cpu": "Processor",
    "cuda": "Graphics processor (CUDA)",
    "mps": "Apple's graphics (MPS)",
    **{str(origin): words for origin, words in ORIGINS.items()},
}
"""In the order in which they are offered."""

SECTIONS: dict[str, str] = {
    "max_tokens": "How it learns",
    "anchor": "Against forgetting",
    "probes_an_epoch": "What is kept and tested",
    "device": "Machine",
}
"""The first field of each part of a recipe's form, and the part's heading."""


def choices_in_words(values: tuple[object, ...]) -> list[tuple[str, str]]:
    """What is offered, each with its words, in an order that a person would give them."""
    known = [value for value in CHOICES if value in values]
    others = [str(value) for value in values if value not in CHOICES]
    return [(value, CHOICES.get(value, value)) for value in (*known, *others)]
