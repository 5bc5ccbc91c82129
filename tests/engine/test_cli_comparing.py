"""The commands that pool, compare and tell of agreement, as a program calls them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from engine import cli, cli_comparing, cli_terminal
from engine.evaluation_records import GivenJudgment
from engine.evaluation_requests import GiveJudgment
from engine.workspace import Workspace
from tests.engine.beir_folder import imported, write_beir

Attune = Callable[..., tuple[int, str]]
CORPUS = {
    "a": "Feed the sourdough starter with flour and water.",
    "b": "Bake the loaf in a hot oven.",
    "c": "Oil the bicycle chain.",
}


@pytest.fixture(scope="module")
def library(prepared_minilm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    queries, qrels = {"q": "sourdough", "r": "bicycle"}, {"q": {"a": 1}, "r": {"c": 1, "b": 0}}
    beir = write_beir(folder / "beir", CORPUS, queries, qrels)
    with imported(folder / "library", prepared_minilm, beir):
        return folder / "library"


@pytest.fixture
def attune(library: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Attune:
    """Runs a command in this process; its exit code and what it prints."""

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["attune", "--workspace", str(library), *arguments])
            code = cli.run()
        return code, capfdbinary.readouterr().out.decode()

    return run


def on_a_terminal(patch: pytest.MonkeyPatch) -> Console:
    """Have commands print for people."""
    console = Console(force_terminal=True, width=250, no_color=True, record=True)
    for module in (cli_terminal, cli_comparing):
        patch.setattr(module, "out", console)
    return console


def test_that_systems_are_compared(attune: Attune, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("evaluate", "check", "--compare", "lexical", "--compare", "dense")
    code, printed = attune(*asked)
    report: dict[str, Any] = json.loads(printed)
    assert code == 0
    assert [each["name"] for each in report["systems"]] == ["Keywords", "Meaning"]
    assert report["systems"][0]["measures"]["nDCG@10"] == 1.0
    assert {each["measure"] for each in report["differences"]} >= {"nDCG@10", "Judged@10"}
    console = on_a_terminal(monkeypatch)
    assert attune(*asked)[0] == 0
    shown = console.export_text()
    assert "Judged@10" in shown
    assert "Keywords → Meaning" in shown


def test_that_a_pool_is_added_once(attune: Attune, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("pool", "check", "--system", "lexical", "--system", "dense", "--depth", "2")
    code, printed = attune(*asked)
    report: dict[str, Any] = json.loads(printed)
    assert (code, report["set"]) == (0, "check")
    assert report["added"] >= 3
    console = on_a_terminal(monkeypatch)
    assert attune(*asked)[0] == 0
    assert "0 pairs added" in console.export_text()
    assert attune("pool", "check", "--system", "quick")[0] == 1


def test_that_agreement_is_told(
    attune: Attune, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace(library, lambda _: None) as workspace:
        for rater, grades in (("ann", (1, 0, 0)), ("bob", (1, 0, 1))):
            for document, grade in zip(CORPUS, grades, strict=True):
                said = GivenJudgment("q", document, rater, grade)
                workspace.judging.give_judgment(GiveJudgment("check", said))
    code, printed = attune("agree", "check")
    told: dict[str, Any] = json.loads(printed)
    assert code == 0
    assert told["agreement"]["pairs"][0]["percent"] == pytest.approx(2 / 3)
    assert [each["document"] for each in told["disagreements"]] == ["c"]
    console = on_a_terminal(monkeypatch)
    assert attune("agree", "check")[0] == 0
    assert "ann, bob" in (shown := console.export_text())
    assert "Graded differently: 1, of them settled: 0." in shown


def test_that_the_run_of_another_system_is_compared_and_written_as_it_came(
    attune: Attune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, written = tmp_path / "bm25.run", tmp_path / "again.run"
    source.write_bytes(b"q Q0 a 1 2.50 bm25\nr\tQ0\tb\t1\t2e0\tbm25\n")
    code, printed = attune("evalset", "import-run", "check", str(source))
    made: dict[str, Any] = json.loads(printed)
    assert (code, made["name"], made["n_lines"]) == (0, "bm25", 2)
    assert attune("evalset", "import-run", "check", str(source), "--run", "mine")[0] == 0
    assert attune("evalset", "import-run", "check", str(source))[0] == 1  # it is there
    asked = ("evaluate", "check", "--compare", "lexical", "--compare", "run:bm25")
    code, printed = attune(*asked)
    report: dict[str, Any] = json.loads(printed)
    assert (code, report["systems"][1]["name"]) == (0, "bm25")
    assert report["systems"][1]["measures"]["RR@10"] == 0.5
    assert report["systems"][1]["latency_p50_ms"] is None
    for system in ("run:bm25", "lexical"):
        command = ("evalset", "export-run", "check", str(written), "--system", system)
        code, printed = attune(*command, "--split", "test")
        assert (code, json.loads(printed)["path"]) == (0, str(written))
        assert (written.read_bytes() == source.read_bytes()) == (system == "run:bm25")
    assert json.loads(attune("evalset", "remove-run", "check", "mine")[1])["runs"][0] == made
    console = on_a_terminal(monkeypatch)
    assert attune(*asked)[0] == 0
    assert "–" in console.export_text()
