"""An evaluation set as its parts know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvalSet:
    """A set without what is in it."""

    id: int
    name: str
    root_id: int | None
    """Of the dataset whose documents answer; None is the library, or a dataset that was removed."""
    dataset: bool
    """Whether documents are named by their ids in a dataset, else by their content hashes."""
    guideline: str
    scale: tuple[str, ...]
    """Names of the grades from 0 on."""
