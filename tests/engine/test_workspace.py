"""The engine as the commands and the window use it, on real files, indexes and models."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotFound, WorkspaceLocked
from engine.events import Event, Failed, Finished, JobResult, Warned
from engine.records import NEEDS_PASSWORD, IndexReport, JobInfo, SearchResult
from engine.requests import (
    Evaluate,
    GetDocument,
    GetStatus,
    GiveThumb,
    ImportEvalSet,
    Judge,
    ListEvalSets,
    ListFailures,
    ListLabels,
    RemoveRoot,
    RenderPage,
    RetryFiles,
    Search,
    Sync,
    Undo,
)
from engine.workspace import Workspace
from tests.engine.ingest import sample_files

NOTES = {
    "bread/loaf.md": "# Over-proofed dough\n\nA dough that rises too long falls flat in the oven.",
    "bread/starter.txt": "Feed the sourdough starter with flour and water every morning.",
    "garden/roses.html": "<h1>Roses</h1><p>Prune the bushes at the end of winter.</p>",
    "work/part-list.csv": "part,stock\nZX-4410,12\nQL-0093,7\n",
    "work/parse.py": "def parse_invoice(text):\n    return text.split()\n",
}


class Heard(list[Event]):
    def warnings(self) -> list[Warned]:
        return [event for event in self if isinstance(event, Warned)]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def workspace(library_folder: Path, heard: Heard) -> Iterator[Workspace]:
    with Workspace(library_folder, heard.append) as opened:
        yield opened


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    for name, text in NOTES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def finish(workspace: Workspace, job: JobInfo) -> JobResult:
    end = workspace.wait(job.id)
    assert isinstance(end, Finished), end
    assert end.result is not None
    return end.result


def sync(workspace: Workspace, *, retry_failed: bool = False) -> IndexReport:
    report = finish(workspace, workspace.sync(Sync(retry_failed)))
    assert isinstance(report, IndexReport)
    return report


def index(workspace: Workspace, folder: Path) -> IndexReport:
    workspace.remember([str(folder)])
    return sync(workspace)


def best(workspace: Workspace, request: Search) -> SearchResult:
    return workspace.search(request).results[0]


def found(workspace: Workspace, request: Search) -> set[str]:
    return {Path(result.document).name for result in workspace.search(request).results}


def test_that_words_and_meaning_both_find_what_is_in_a_folder(
    workspace: Workspace, notes: Path
) -> None:
    report = index(workspace, notes)
    assert (report.added, report.failed) == (5, 0)
    by_words = best(workspace, Search("ZX-4410", mode="lexical"))
    assert by_words.document == str(notes / "work/part-list.csv")
    by_meaning = best(workspace, Search("why did my bread collapse", mode="dense"))
    assert by_meaning.document == str(notes / "bread/loaf.md")
    assert by_meaning.title == "Over-proofed dough"
    both = best(workspace, Search("prune roses"))
    assert both.scores.keys() == {"lexical", "dense"}
    passage = both.passages[0]
    text = workspace.get_document(GetDocument(both.document_id)).text
    assert text[passage.start : passage.end] == passage.text
    assert [passage.text[a:b] for a, b in passage.highlights] != []


def test_that_the_page_of_a_passage_is_drawn_with_its_marks(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "lakes.pdf").write_bytes(sample_files.pdf([["Rivers"], ["Oxygen in deep lakes"]]))
    index(workspace, folder)
    result = best(workspace, Search("oxygen", mode="lexical"))
    marked = (result.passages[0].text, "oxygen")
    image = workspace.render_page(RenderPage(result.document_id, 2, 300, marked))
    assert (image.width, image.n_pages) == (300, 2)
    assert set(image.texts) == {0, 1}


def test_that_reranking_scores_what_it_reorders(workspace: Workspace, notes: Path) -> None:
    index(workspace, notes)
    result = best(workspace, Search("when should roses be pruned", rerank=True))
    assert "reranker" in result.scores
    assert result.document == str(notes / "garden/roses.html")


def test_that_only_what_changed_is_read_and_encoded_again(
    workspace: Workspace, notes: Path
) -> None:
    index(workspace, notes)
    again = sync(workspace)
    assert (again.unchanged, again.added, again.changed, again.encoded) == (5, 0, 0, 0)
    (notes / "bread/loaf.md").rename(notes / "garden/loaf.md")
    (notes / "bread/starter.txt").write_text("The starter sleeps in the fridge.")
    (notes / "work/parse.py").unlink()
    changed = sync(workspace)
    assert (changed.moved, changed.changed, changed.removed) == (1, 1, 1)
    assert changed.encoded == 1
    where = best(workspace, Search("dough falls flat")).document
    assert where == str(notes / "garden/loaf.md")
    assert found(workspace, Search("flour and water", mode="lexical")) == set()
    assert "parse.py" not in found(workspace, Search("parse_invoice"))


def test_that_syncs_that_wait_are_one(workspace: Workspace, notes: Path) -> None:
    workspace.remember([str(notes)])
    running = workspace.sync(Sync())
    waiting = {workspace.sync(Sync()).id for _ in range(5)} - {running.id}
    assert len(waiting) <= 1
    for job in waiting:
        assert isinstance(workspace.wait(job), Finished)
    assert workspace.get_status(GetStatus()).jobs == ()


def test_that_equal_files_are_one_document(workspace: Workspace, notes: Path) -> None:
    shutil.copy(notes / "bread/loaf.md", notes / "copy of loaf.md")
    index(workspace, notes)
    status = workspace.get_status(GetStatus())
    assert (status.n_files, status.n_documents) == (6, 5)
    result = best(workspace, Search("dough"))
    assert len(workspace.get_document(GetDocument(result.document_id)).paths) == 2


def test_that_filters_restrict_every_way_of_searching(workspace: Workspace, notes: Path) -> None:
    index(workspace, notes)
    os.utime(notes / "bread/loaf.md", (1_000_000_000, 1_000_000_000))
    sync(workspace)
    for mode in ("lexical", "dense", "hybrid"):
        under = Search("flour dough roses", mode=mode, under=str(notes / "bread"))
        assert found(workspace, under) <= {"loaf.md", "starter.txt"}
        assert "starter.txt" in found(workspace, under)
        kind = Search("flour dough roses", mode=mode, types=("md",))
        assert found(workspace, kind) == {"loaf.md"}
        old = Search("flour dough roses", mode=mode, modified_before=1_100_000_000)
        assert found(workspace, old) == {"loaf.md"}


def test_that_broken_files_are_listed_with_reasons_and_the_rest_goes_on(
    workspace: Workspace, notes: Path
) -> None:
    (notes / "broken.docx").write_bytes(b"PK\x03\x04 not really a document")
    (notes / "blank.txt").write_text("  \n ")
    report = index(workspace, notes)
    assert report.added == 7
    reasons = {Path(f.path).name: f.reason for f in workspace.list_failures(ListFailures())}
    assert reasons.keys() == {"broken.docx", "blank.txt"}
    assert found(workspace, Search("sourdough", mode="lexical")) == {"starter.txt"}
    (notes / "blank.txt").write_text("No longer blank.")
    sync(workspace)
    assert {Path(f.path).name for f in workspace.list_failures(ListFailures())} == {"broken.docx"}


def test_that_a_folder_that_is_away_is_not_forgotten(
    workspace: Workspace, notes: Path, heard: Heard
) -> None:
    index(workspace, notes)
    notes.rename(notes.with_name("unplugged"))
    sync(workspace)
    status = workspace.get_status(GetStatus())
    assert status.n_files == 5
    assert not status.roots[0].available
    assert str(notes) in heard.warnings()[0].message


def test_that_a_removed_root_leaves_the_results_but_not_the_judgments(
    workspace: Workspace, notes: Path
) -> None:
    index(workspace, notes)
    result = best(workspace, Search("roses"))
    workspace.judge(Judge("roses", result.document_id, 3, "Prune the bushes"))
    root = workspace.get_status(GetStatus()).roots[0]
    workspace.remove_root(RemoveRoot(root.id))
    sync(workspace)
    assert workspace.search(Search("roses")).results == ()
    assert workspace.list_labels(ListLabels())[0].value == 3


def test_that_labels_show_on_results_and_can_be_undone(workspace: Workspace, notes: Path) -> None:
    index(workspace, notes)
    document = best(workspace, Search("roses")).document_id
    workspace.judge(Judge("roses", document, 2, "text"))
    workspace.give_thumb(GiveThumb("roses", document, 1, "text"))
    labelled = best(workspace, Search("roses"))
    assert (labelled.grade, labelled.thumb) == (2, 1)
    workspace.undo(Undo())
    assert best(workspace, Search("roses")).thumb is None
    with pytest.raises(InvalidInput):
        workspace.judge(Judge("roses", document, 4, "text"))


def test_that_what_is_wrong_with_a_request_is_said(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nothing to search"):
        workspace.search(Search(" "))
    with pytest.raises(NotFound, match="does not exist"):
        workspace.remember([str(tmp_path / "nowhere")])
    assert workspace.search(Search("anything")).results == ()


def test_that_overlapping_roots_and_the_own_folder_are_refused(
    workspace: Workspace, notes: Path, library_folder: Path
) -> None:
    workspace.remember([str(notes)])
    with pytest.raises(InvalidInput, match="inside"):
        workspace.remember([str(notes / "bread")])
    with pytest.raises(InvalidInput):
        workspace.remember([str(library_folder)])
    assert len(workspace.get_status(GetStatus()).roots) == 1


def test_that_a_second_engine_is_refused(workspace: Workspace, library_folder: Path) -> None:
    with pytest.raises(WorkspaceLocked):
        Workspace(library_folder, lambda event: None)


def beir_folder(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": "Apples", "text": "Apples ripen in September."}\n'
        '{"_id": "d2", "title": "Pears", "text": "Pears keep in a cool cellar."}\n'
        '{"_id": "d3", "title": "", "text": "Plums are dried to prunes."}\n'
    )
    (folder / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "apples in september"}\n{"_id": "q2", "text": "dried plums"}\n'
    )
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t2\nq2\td2\t0\n"
    )
    return folder


def test_that_an_evaluation_set_is_imported_and_measured_among_other_files(
    workspace: Workspace, notes: Path, tmp_path: Path
) -> None:
    index(workspace, notes)
    folder = beir_folder(tmp_path / "fruit")
    finish(workspace, workspace.import_eval_set(ImportEvalSet(str(folder), "fruit")))
    (info,) = workspace.list_eval_sets(ListEvalSets())
    assert not info.of_pictures
    assert (info.name, info.n_documents, info.splits[0].n_queries) == ("fruit", 3, 2)
    for mode in ("lexical", "dense", "hybrid"):
        report = finish(workspace, workspace.evaluate(Evaluate("fruit", mode=mode)))
        assert report.measures["nDCG@10"] == 1.0  # type: ignore[union-attr]
        assert report.n_queries == 2  # type: ignore[union-attr]


def test_that_a_malformed_set_is_refused_by_line_and_leaves_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = beir_folder(tmp_path / "fruit")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td9\t1\n")
    end = workspace.wait(workspace.import_eval_set(ImportEvalSet(str(folder), "fruit")).id)
    assert isinstance(end, Failed)
    assert "test.tsv" in end.message
    assert "2" in end.message
    assert workspace.list_eval_sets(ListEvalSets()) == ()
    assert workspace.get_status(GetStatus()).roots == ()


def test_that_a_taken_name_is_refused_and_the_first_set_stays(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = beir_folder(tmp_path / "fruit")
    finish(workspace, workspace.import_eval_set(ImportEvalSet(str(folder), "fruit")))
    end = workspace.wait(
        workspace.import_eval_set(ImportEvalSet(str(beir_folder(tmp_path / "more")), "fruit")).id
    )
    assert isinstance(end, Failed)
    assert len(workspace.list_eval_sets(ListEvalSets())) == 1
    assert len(workspace.get_status(GetStatus()).roots) == 1


def test_that_own_judgments_are_an_evaluation_set(workspace: Workspace, notes: Path) -> None:
    index(workspace, notes)
    document = best(workspace, Search("pruning bushes")).document_id
    workspace.judge(Judge("pruning bushes", document, 3, "text"))
    report = finish(workspace, workspace.evaluate(Evaluate("judgments", "all")))
    assert report.measures["RR@10"] == 1.0  # type: ignore[union-attr]


def test_that_a_locked_file_is_found_once_its_password_is_given(
    workspace: Workspace, notes: Path
) -> None:
    locked = sample_files.pdf([["Where the lighthouse keys are hidden"]], password="open sesame")
    (notes / "locked.pdf").write_bytes(locked)
    index(workspace, notes)
    (failure,) = workspace.list_failures(ListFailures())
    assert failure.reason == NEEDS_PASSWORD
    finish(workspace, workspace.retry_files(RetryFiles((failure.file_id,), "wrong")))
    (failure,) = workspace.list_failures(ListFailures())
    assert "does not open it" in failure.hint
    finish(workspace, workspace.retry_files(RetryFiles((failure.file_id,), "open sesame")))
    assert workspace.list_failures(ListFailures()) == ()
    assert best(workspace, Search("lighthouse keys", mode="lexical")).title == "locked"
