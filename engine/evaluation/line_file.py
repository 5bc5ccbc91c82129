"""Reads files of one record a line, and gathers what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from engine.errors import InvalidInput

PROBLEMS_TOLD = 10
"""Problems that one message lists; of further ones it gives the number."""
LONGEST_LINE = 128 * 1024 * 1024
"""Bytes; a longer one is no record but a file of another kind, and would not fit into memory."""

L = TypeVar("L")
_BOM = b"\xef\xbb\xbf"


class Problems:
    """What is wrong with files, so far."""

    def __init__(self, title: str, hint: str) -> None:
        self._title = title
        self._hint = hint
        self._told: list[str] = []
        self._n = 0

    def add(self, file: str, line: int | None, what: str) -> None:
        """Note a problem; without a line it is the file's."""
        self._n += 1
        if len(self._told) < PROBLEMS_TOLD:
            self._told.append(f"{file}, line {line}: {what}" if line else f"{file}: {what}")

    def raise_any(self) -> None:
        """Raises InvalidInput where there was a problem."""
        if self._n:
            more = self._n - len(self._told)
            rest = [f"… and {more:,} more."] if more else []
            raise InvalidInput(self._title, "\n".join(self._told + rest), self._hint)


def lines(
    path: Path, problems: Problems, *, name: str = "", may_be_empty: bool = False
) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers from 1, blank ones left out.

    `name` is what problems call it, else its own name.
    """
    name = name or path.name
    n_lines = number = 0
    if path.exists() and not path.is_file():
        problems.add(name, None, "it is no file")
        return
    try:
        with path.open("rb") as file:
            while raw := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(raw) > LONGEST_LINE:
                    problems.add(name, number, f"it is longer than {LONGEST_LINE >> 20} MB")
                    return
                line = raw.removeprefix(_BOM) if number == 1 else raw
                if line.strip():
                    n_lines += 1
                    yield number, line.rstrip(b"\r\n")
    except OSError as error:
        problems.add(name, None, f"it cannot be opened ({error.strerror})")
        return
    if not n_lines and not may_be_empty:
        problems.add(name, None, "it is empty")


def decoded(
    decoder: msgspec.json.Decoder[L], raw: bytes, file: str, line: int | None, problems: Problems
) -> L | None:
    """A line's JSON; None where it is a problem."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        problems.add(file, line, str(error))
    except msgspec.DecodeError as error:
        problems.add(file, line, f"it is not JSON ({error})")
    except UnicodeDecodeError:
        problems.add(file, line, "it is not UTF-8 text")
    except RecursionError:
        problems.add(file, line, "it is nested too deeply")
    return None
