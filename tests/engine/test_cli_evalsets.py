"""The commands about evaluation sets, as colleagues use them: made, sent, filled in, merged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import cli

Attune = Callable[..., tuple[int, Any]]


@pytest.fixture
def attune(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> Attune:
    """Runs a command in this process; its exit code, and its JSON output if there is any."""

    def run(*arguments: str | Path, workspace: str = "ann") -> tuple[int, Any]:
        words = ["attune", "--workspace", str(tmp_path / workspace), "evalset"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", [*words, *map(str, arguments)])
            code = cli.run()
        out = capfdbinary.readouterr().out
        return code, json.loads(out) if out else None

    return run


def test_that_a_set_is_made_sent_judged_elsewhere_and_merged_back(
    attune: Attune, tmp_path: Path
) -> None:
    source = tmp_path / "source.csv"
    source.write_text("query_id,query,document,grade\nq1,bread,d1,\nq1,bread,d2,\n", "utf-8")
    code, read = attune("import", source, "--name", "mine")
    assert (code, read["n_queries"], read["n_judgments"]) == (0, 1, 0)
    more = tmp_path / "more.txt"
    more.write_text("butter\n", "utf-8")
    code, shown = attune("add-queries", "mine", more)
    assert [query["text"] for query in shown["queries"]] == ["bread", "butter"]

    sheet = tmp_path / "for bob.csv"
    code, written = attune("export", "mine", sheet, "--format", "csv", "--rater", "bob")
    assert (code, written) == (0, {"path": str(sheet)})
    filled = sheet.read_bytes().replace(b"bob,,", b"bob,1,")
    sheet.write_bytes(filled)
    code, merged = attune("merge", "mine", sheet)
    assert (code, merged["merged"], merged["conflicts"]) == (0, 2, [])
    code, merged = attune("merge", "mine", sheet)
    assert (code, merged["merged"], merged["same"]) == (0, 0, 2)

    code, version = attune("freeze", "mine", "--note", "first")
    assert (code, version["number"], version["n_judgments"]) == (0, 1, 2)
    code, shown = attune("show", "mine")
    assert (code, shown["raters"], shown["grades"]) == (0, ["bob"], {"1": 2})
    code, listed = attune("list")
    assert code == 0 and "mine" in [info["name"] for info in listed]


@pytest.mark.parametrize("form", ["beir", "trec", "jsonl", "csv"])
def test_that_what_was_exported_is_imported_elsewhere_without_the_library(
    form: str, attune: Attune, tmp_path: Path
) -> None:
    source = tmp_path / "source.csv"
    source.write_text("query_id,query,document,rater,grade\nq1,bread,d1,bob,1\n", "utf-8")
    attune("import", source, "--name", "mine")
    sent = tmp_path / "sent"
    assert attune("export", "mine", sent, "--format", form)[0] == 0
    arguments = "import", sent, "--name", "mine", "--judgments-only"
    code, read = attune(*arguments, workspace="bob")
    assert (code, read["n_queries"], read["n_outside"]) == (0, 1, 1)
    again = tmp_path / "again"
    assert attune("export", "mine", again, "--format", form, workspace="bob")[0] == 0
    files = [sent] if sent.is_file() else [file for file in sent.rglob("*") if file.is_file()]
    for file in files:
        assert (again / file.relative_to(sent)).read_bytes() == file.read_bytes()


def test_that_a_refused_file_leaves_everything_as_it_was(attune: Attune, tmp_path: Path) -> None:
    assert attune("create", "mine", "--scale", "no,yes", "--guideline", "Be strict.")[0] == 0
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("query_id,query,document,rater,grade\nq1,bread,d1,bob,1\n", "utf-8")
    assert attune("merge", "mine", sheet)[0] == cli.FAILED
    code, shown = attune("show", "mine")
    assert (shown["scale"], shown["guideline"]) == (["no", "yes"], "Be strict.")
    assert (code, shown["queries"], shown["raters"]) == (0, [], [])
    assert attune("create", "other", "--dataset", "mine")[0] == cli.FAILED
    assert attune("import", tmp_path / "absent", "--name", "x")[0] == cli.FAILED
