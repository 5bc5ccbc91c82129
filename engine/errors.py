"""The one family of errors that a user may be told about; anything else is a bug."""

from __future__ import annotations

WAY_BACK = "Put back the backup of"
"""Begins the sentence of a hint that names a backup; a window has a button for it instead."""


class EngineError(Exception):
    """Something went wrong that is not a bug: it is shown to the user as it is.

    `title` is a few words, `message` says what happened, `hint` what to do next.
    """

    def __init__(self, title: str, message: str, hint: str = "") -> None:
        super().__init__(f"{title}: {message}")
        self.title = title
        self.message = message
        self.hint = hint


class NotFound(EngineError):
    """What was named does not exist (a model, an evaluation set, a document, a folder)."""


class InvalidInput(EngineError):
    """What was given cannot be used (a malformed file, an empty query, a wrong option)."""


class WorkspaceLocked(EngineError):
    """Another engine owns this workspace."""


class WorkspaceUnusable(EngineError):
    """The workspace cannot be opened (made by a newer version, unreadable, no rights)."""


class LibraryUnreadable(WorkspaceUnusable):
    """library.db is damaged, missing or of a newer version: a backup can take its place."""


class StorageFull(EngineError):
    """The disk is full; nothing of the operation was kept."""


class ModelRejected(EngineError):
    """A model's files are missing, altered or of a kind that is not loaded."""


class WorkerFailed(EngineError):
    """A child process ended, hung or ran out of its limits before it delivered."""


class NotEnoughData(EngineError):
    """There is too little feedback, or too few judgments, for what was asked."""


class EngineGone(EngineError):
    """The engine process ended before it answered."""


class EngineBug(EngineError):
    """Something failed that should not have; `hint` is the traceback."""


class JobCancelled(Exception):
    """The user cancelled; it is no error and nothing is shown."""
