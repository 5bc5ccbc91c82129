"""What the user can set; kept in library.db."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.records import Fusion, GateRules, Mode, OcrLevel
from engine.training_records import LlmServer


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's choices, with their defaults."""

    mode: Mode = "hybrid"
    fusion: Fusion = "weighted"
    balance: float = 0.5
    """Share of meaning against keywords in hybrid search: 0 is keywords alone, 1 meaning alone."""
    rerank: bool = False
    results: int = 20
    """Documents on a page of results."""
    theme: Literal["system", "light", "dark"] = "system"
    max_file_mb: int = 200
    """Larger files are listed as failed."""
    extract_timeout_s: int = 60
    """Seconds one file may take to be read."""
    extract_memory_mb: int = 2048
    """Memory that the reading process may use."""
    encoder_threads: int = 0
    """Threads for encoding; 0 lets the program choose."""
    watch: bool = True
    """Index changes as they happen; else only at the start and when asked."""
    exclude: tuple[str, ...] = ()
    """Files and folders to leave out, as patterns in the language of .gitignore."""
    ocr: OcrLevel = "cheap"
    """Text in pictures: not read; read where that takes seconds; read everywhere."""
    gentle: bool = True
    """Slow down in the background on battery, or while other programs need the processor."""
    keep_searches: bool = True
    """Remember what was searched for, to draw queries of evaluation sets from; else forget it."""
    keep_visits: bool = True
    """Remember which results were opened and read, as weak signs of what answers a query."""
    gate: GateRules = field(default_factory=GateRules)
    """What a tuned model must fulfil."""
    recipe: str = "Balanced"
    """Name of the recipe that one click tunes with."""
    suggest_tuning: bool = True
    """Say when it is worth tuning."""
    auto_tune: bool = False
    """Tune without being asked when it is worth it; the gate decides as ever."""
    llm: LlmServer = field(default_factory=LlmServer)
    """Where queries can be made by a language model."""
    models_budget_mb: int = 5000
    """Models may take so much of the disk before deleting some is proposed."""
    mlflow: str = ""
    """Folder or address of an MLflow server that runs are written to as well; empty: none."""
