"""What a look at a root's files asks for, sorted by what is to be done."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.ingest import scan
from engine.jobs.job import Job
from engine.records import Root
from engine.storage.documents import FileState, absolute


@dataclass(slots=True)
class Tally:
    """What ingesting did, in files."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: int = 0
    left: set[str] = field(default_factory=set)
    """Absolute paths of files that are still being written."""
    look_s: float = 0.0
    """What looking at the files took, in seconds."""


@dataclass(slots=True)
class Found:
    """What a look at a root's files asks for."""

    to_read: list[FileState] = field(default_factory=list)
    moved: list[tuple[str, FileState]] = field(default_factory=list)
    """Each with the path where it was; the same where it was only touched."""
    removed: list[str] = field(default_factory=list)
    unreadable: list[tuple[FileState, str, str]] = field(default_factory=list)
    """Each with reason and hint."""


def look(
    root: Root, known: Mapping[str, FileState], job: Job, tally: Tally, rules: scan.Rules
) -> Found:
    """Look at every file below a root, counting in `tally` what became of each."""
    found = Found()
    began = time.monotonic()
    changes = scan.scan(Path(root.path), known, job.checkpoint, rules)
    for looked_at, change in enumerate(changes, start=1):
        job.progress("Looking at files", looked_at, unit="files")
        match change:
            case scan.Unchanged():
                tally.unchanged += 1
            case scan.Touched(file=file):
                tally.unchanged += 1
                found.moved.append((file.path, file))
            case scan.Moved(old_path=old_path, file=file):
                tally.moved += 1
                found.moved.append((old_path, file))
            case scan.Removed(path=path):
                tally.removed += 1
                found.removed.append(path)
            case scan.Added(file=file):
                tally.added += 1
                found.to_read.append(file)
            case scan.Changed(file=file):
                tally.changed += 1
                found.to_read.append(file)
            case scan.Unreadable(file=file, reason=reason, hint=hint):
                tally.failed += 1
                found.unreadable.append((file, reason, hint))
            case scan.Unsettled(path=path):
                tally.left.add(absolute(root.path, path))
    tally.look_s += time.monotonic() - began
    return found
