"""The commands about training data, as they are used in a script."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import cli, cli_terminal, cli_training
from engine.requests import GiveThumb
from engine.training_requests import GetTrainingOverview, ListPairs
from engine.workspace import Workspace
from tests.engine.training_library import TEXTS, add_documents, ids

Attune = Callable[..., tuple[int, Any]]


@pytest.fixture
def attune(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Attune:
    """Runs a command in this process; its exit code, and its JSON output if there is any."""

    def run(*arguments: str | Path) -> tuple[int, Any]:
        words = ["attune", "--workspace", str(tmp_path / "library"), "trainset"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", [*words, *map(str, arguments)])
            code = cli.run()
        out = capfdbinary.readouterr().out
        return code, json.loads(out) if out else None

    return run


def test_that_training_data_are_told_of_listed_and_written(attune: Attune, tmp_path: Path) -> None:
    with Workspace(tmp_path / "library", lambda _: None) as workspace:
        add_documents(workspace, TEXTS)
        for query, name in (("yeast", "bread"), ("moon", "tides")):
            workspace.give_thumb(GiveThumb(query, ids(workspace)[name], 1, TEXTS[name]))
    code, built = attune("build")
    assert (code, built["n_pairs"], built["n_judged_queries"]) == (0, 2, 2)
    assert len(built["hash"]) == 64
    code, page = attune("show", "--text", "moon", "--origin", "thumb", "--included")
    assert (code, page["n_found"], page["n_total"]) == (0, 1, 2)
    assert page["pairs"][0]["positive"] == TEXTS["tides"]
    code, page = attune("show", "--order", "query", "--limit", "1", "--offset", "1")
    assert [pair["query"] for pair in page["pairs"]] == ["yeast"]
    file = tmp_path / "pairs.jsonl"
    assert attune("export", file) == (0, {"path": str(file)})
    assert len(file.read_bytes().splitlines()) == 2


def test_that_a_set_that_is_not_there_is_told(attune: Attune) -> None:
    code, found = attune("build", "--evalset", "none")
    assert (code, found) == (1, None)


def test_that_people_read_tables(tmp_path: Path) -> None:
    with Workspace(tmp_path / "library", lambda _: None) as workspace:
        add_documents(workspace, TEXTS)
        number = ids(workspace)["bread"]
        workspace.give_thumb(GiveThumb("[bold]yeast", number, 1, TEXTS["bread"]))
        overview = workspace.bench.get_training_overview(GetTrainingOverview())
        page = workspace.bench.list_pairs(ListPairs())
    with cli_terminal.out.capture() as told:
        cli_training._print_overview(overview)
        cli_training._print_pairs(page)
    text = told.get()
    assert "Judge 19 more searches" in " ".join(text.split())
    assert overview.hash[:20] in text
    assert "[bold]yeast" in text
    assert "1 shown of 1 that fit, of 1." in text
