"""What commands print for people, and beside their output."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from engine import cli_terminal
from engine.cli_terminal import print_failure, table, tell
from engine.errors import InvalidInput
from engine.records import Failure

ODD = "[closed] a[/b] [red]x"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    found = io.StringIO()
    console = Console(file=found, width=100, highlight=False)
    monkeypatch.setattr(cli_terminal, "out", console)
    monkeypatch.setattr(cli_terminal, "_err", console)
    return found


def test_that_what_is_in_brackets_is_printed_as_it_is(printed: io.StringIO) -> None:
    shown = table("Document", ODD)
    shown.add_row(ODD, "2")
    cli_terminal.out.print(shown)
    print_failure(Failure(1, f"/{ODD}", reason=ODD, hint=ODD, at=0))
    tell(InvalidInput(ODD, ODD, ODD))
    assert printed.getvalue().count(ODD) == 8


def test_that_an_error_in_a_pipe_is_one_line(printed: io.StringIO) -> None:
    path = "/folder/" * 30
    tell(InvalidInput("It cannot be read", f"{path} is not there.", "Choose another."))
    assert printed.getvalue() == f"It cannot be read. {path} is not there. Choose another.\n"
