"""The commands about models and about runs, as a program and a person call them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from engine import cli, cli_models, cli_runs, cli_terminal
from engine.encoders.catalogue import write_card
from engine.records import GateReport
from engine.storage import model_registry
from engine.workspace import Workspace
from tests.engine.beir_folder import imported, write_beir
from tests.tiny_model import tiny_card, write_tiny_model

Attune = Callable[..., tuple[int, Any]]
BASE = "all-MiniLM-L6-v2"
CORPUS = {"a": "Feed the sourdough starter.", "b": "Oil the bicycle chain."}
REFUSED = GateReport("nDCG@10", 0.6, 0.5, (-0.2, 0.0), 0.5, 20, False, "Not accepted: worse.")


@pytest.fixture(scope="module")
def library(prepared_minilm: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a dataset, and two tuned models, one made from the other."""
    folder = tmp_path_factory.mktemp("commands")
    beir = write_beir(folder / "beir", CORPUS, {"q": "sourdough"}, {"q": {"a": 1}})
    with imported(folder / "library", prepared_minilm, beir) as workspace:
        add(workspace, "one", BASE)
        add(workspace, "two", "one")
    return folder / "library"


def add(workspace: Workspace, model_id: str, base: str) -> None:
    folder = workspace._parts.models.folder(model_id)
    folder.mkdir()
    write_card(replace(tiny_card(model_id), base=base, notes="Tuned."), folder)
    with workspace._parts.library.write() as connection:
        model_registry.register(connection, model_id, REFUSED)


@pytest.fixture
def attune(library: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Attune:
    """Runs a command in this process; its exit code and the JSON that it prints."""

    def run(*arguments: str) -> tuple[int, Any]:
        capfdbinary.readouterr()  # what was printed for people before
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["attune", "--workspace", str(library), *arguments])
            code = cli.run()
        printed = capfdbinary.readouterr()
        return code, json.loads(printed.out) if printed.out else printed.err.decode()

    return run


@pytest.fixture
def shown(library: Path) -> Callable[..., str]:
    """Runs a command as on a terminal; what a person reads."""

    def run(*arguments: str) -> str:
        with pytest.MonkeyPatch.context() as patch:
            console = Console(force_terminal=True, width=250, no_color=True, record=True)
            for module in (cli_terminal, cli_models, cli_runs):
                patch.setattr(module, "out", console)
            patch.setattr("sys.argv", ["attune", "--workspace", str(library), *arguments])
            assert cli.run() == 0
        return console.export_text()

    return run


def test_that_what_a_model_reached_is_shown(attune: Attune, shown: Callable[..., str]) -> None:
    assert attune("evaluate", "check", "--mode", "dense")[0] == 0
    code, told = attune("models", "show", BASE)
    assert code == 0
    assert [(on["set"], on["measures"]["nDCG@10"]) for on in told["measured"]] == [("check", 1.0)]
    assert sorted(told["dependents"]) == ["one", "two"]
    text = shown("models", "show", BASE)
    assert "check / test" in text and "nDCG@10 1.0000" in text


def test_that_models_are_compared(attune: Attune, shown: Callable[..., str]) -> None:
    code, both = attune("models", "compare", BASE, "one")
    assert code == 0
    assert {"name": "Dimensions", "first": "384", "second": "32"} in both["fields"]
    assert "Dimensions" in shown("models", "compare", BASE, "one")
    assert attune("models", "compare", BASE, "nothing")[0] == 1


def test_that_a_refused_model_stays_off_work_without_a_reason(attune: Attune) -> None:
    code, printed = attune("models", "overrule", "one", "so")
    assert code == 1 and "A reason is needed" in printed


def test_that_only_what_can_be_written_is_exported(attune: Attune, tmp_path: Path) -> None:
    code, printed = attune("models", "export", "bge-small-en-v1.5", str(tmp_path / "out"))
    assert code == 1 and "ONNX" in printed
    assert not (tmp_path / "out").exists()


def test_that_import_tells_by_what_a_folder_holds(attune: Attune, tmp_path: Path) -> None:
    write_tiny_model(tmp_path / "tiny")
    (tmp_path / "tiny" / "model.safetensors").rename(tmp_path / "tiny" / "pytorch_model.bin")
    code, printed = attune("models", "import", str(tmp_path / "tiny"))
    assert code == 1 and "Unsafe model file" in printed
    (tmp_path / "tiny" / "modules.json").unlink()
    assert "Unsafe model file" in attune("models", "import", str(tmp_path / "tiny"))[1]
    (tmp_path / "tiny" / "open_clip_config.json").write_text("{}")
    code, printed = attune("models", "import", str(tmp_path / "tiny"))
    assert code == 1 and "Unsafe model file" not in printed


def test_that_runs_are_listed_shown_and_written(
    attune: Attune, shown: Callable[..., str], tmp_path: Path
) -> None:
    assert attune("evaluate", "check", "--mode", "dense")[0] == 0
    code, runs = attune("runs", "list", "--kind", "evaluate", "--limit", "1")
    assert code == 0 and [run["params"]["set"] for run in runs] == ["check"]
    job = runs[0]["job"]
    assert attune("runs", "show", job)[1]["metrics"]["nDCG@10"] == 1.0
    assert "1.0000" in shown("runs", "list")
    assert "nDCG@10" in shown("runs", "show", job)
    path = tmp_path / "runs.csv"
    assert attune("runs", "export", str(path), "--kind", "evaluate") == (0, {"path": str(path)})
    assert path.read_text("utf-8").splitlines()[1].startswith(job)
    assert attune("runs", "export", str(tmp_path / "runs.xlsx"))[0] == 1
    assert attune("runs", "show", "nothing")[0] == 1


def test_that_models_go_with_what_was_made_from_them(attune: Attune) -> None:
    code, printed = attune("models", "delete", "one")
    assert code == 1 and "two was made from it" in printed
    assert attune("models", "delete", "one", "--dependents") == (0, {"deleted": "one"})
    left = {model["id"] for model in attune("models", "list")[1]}
    assert not left & {"one", "two"}
