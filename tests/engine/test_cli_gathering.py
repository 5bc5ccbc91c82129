"""The commands that gather more to train on, as a program and a person call them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from engine import cli, cli_gathering, cli_terminal
from tests.engine.small_check_set import opened
from tests.llm_server import LlmHost, running

Attune = Callable[..., tuple[int, str]]


@pytest.fixture
def host() -> Iterator[LlmHost]:
    with running() as host:
        yield host


@pytest.fixture(scope="module")
def library(prepared_minilm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gathering") / "library"
    with opened(folder, prepared_minilm, lambda _: None):
        return folder


@pytest.fixture
def attune(library: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Attune:
    """Runs a command in this process; its exit code and what it prints."""

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["attune", "--workspace", str(library), *arguments])
            code = cli.run()
        return code, capfdbinary.readouterr().out.decode()

    return run


def test_that_negatives_are_mined(attune: Attune) -> None:
    code, printed = attune("mine", "--evalset", "check", "--per-query", "1", "--json")
    report = json.loads(printed)
    assert code == 0
    assert report["n_queries"] >= report["n_hard"] > 5


def test_that_queries_are_made_and_labelled(attune: Attune) -> None:
    code, printed = attune("synthesize", "--by", "phrase", "--passages", "8", "--json")
    report = json.loads(printed)
    assert code == 0
    assert 0 < report["n_kept"] <= report["n_made"] == 8
    assert len(report["examples"]) == report["n_kept"]
    code, printed = attune("distill", "--queries", "3", "--per-query", "2")
    assert code == 0
    assert json.loads(printed)["n_pairs"] == 2 * json.loads(printed)["n_queries"] > 0


def test_that_a_server_a_model_and_a_prompt_can_be_named(
    attune: Attune, host: LlmHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Console(force_terminal=True, width=250, no_color=True, record=True)
    for module in (cli_terminal, cli_gathering):
        monkeypatch.setattr(module, "out", console)
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Fråga {n} om {passage}", "utf-8")
    asked = ("synthesize", "--by", "llm", "--passages", "1", "--round-trip", "0")
    code, _ = attune(*asked, "--url", host.url, "--model", "mine", "--prompt", str(prompt))
    assert code == 0
    assert "1 of 1 kept" in console.export_text(clear=False)
    assert "how to feed a starter" in console.export_text()
    assert host.asked[0]["model"] == "mine"
    assert host.asked[0]["messages"][0]["content"].startswith("Fråga 1 om ")


def test_that_what_cannot_be_done_is_said(attune: Attune, tmp_path: Path) -> None:
    assert attune("synthesize", "--by", "llm", "--prompt", str(tmp_path / "none"))[0] == 1
    assert attune("synthesize", "--by", "llm", "--url", "nowhere")[0] == 1
    assert attune("synthesize", "--by", "magic")[0] == 2
    assert attune("mine")[0] == 1
