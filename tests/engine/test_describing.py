"""Captions and tags through the workspace: found at once, undone, listed and limited to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InvalidInput, NotFound
from engine.events import Changed, Event, Finished
from engine.records import Facet
from engine.requests import (
    ChangeSettings,
    DescribePictures,
    GetResults,
    GetTrainingSummary,
    Judge,
    ListBackups,
    ListFacets,
    ListPictures,
    MakeBackup,
    Redo,
    Search,
    Sync,
    Undo,
)
from engine.settings import Settings
from engine.workspace import Workspace
from tests.photographs import encoded, exif, scene

PICTURES = ("IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg")


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for age, name in enumerate(PICTURES):
        (folder / name).write_bytes(encoded(scene(age + 1)))
        os.utime(folder / name, (1.7e9 - age, 1.7e9 - age))
    (folder / "boat.jpg").write_bytes(encoded(scene(10), exif=exif()))
    (folder / "pier.md").write_text("# The pier\n\nMend the lighthouse lamp before the storm.")
    (folder / "lamp.md").write_text("# The lamp\n\nThe lighthouse lamp is dark again.")
    return folder


@pytest.fixture
def workspace(picture_library_folder: Path, files: Path, heard: list[Event]) -> Iterator[Workspace]:
    with Workspace(picture_library_folder, heard.append) as opened:
        opened.change_settings(ChangeSettings(Settings(ocr="off")))
        opened.load()
        opened.remember([str(files)])
        end = opened.wait(opened.sync(Sync()).id)
        assert isinstance(end, Finished)
        yield opened


def numbers(workspace: Workspace) -> dict[str, int]:
    listed = workspace.list_pictures(ListPictures())
    results = workspace.get_results(GetResults(listed))
    return {Path(result.document).name: result.document_id for result in results}


def names(workspace: Workspace, query: str, mode: str = "lexical") -> list[str]:
    found = workspace.search(Search(query, mode=mode)).results  # type: ignore[arg-type]
    return [Path(result.document).name for result in found]


def idle(workspace: Workspace) -> None:
    for job in workspace._jobs.unfinished():
        workspace.wait(job.id)


def test_that_what_is_said_of_a_picture_finds_it_at_once_until_it_is_undone(
    workspace: Workspace, heard: list[Event]
) -> None:
    one = numbers(workspace)["IMG_1.jpg"]
    heard.clear()
    state = workspace.describe_pictures(DescribePictures((one,), "A lighthouse", ("storm",)))
    assert (state.document_id, state.undo) == (one, "caption and 1 tag on “IMG_1.jpg”")
    assert "IMG_1.jpg" in names(workspace, "lighthouse")
    assert {Changed("labels"), Changed("library")} <= set(heard)
    (result,) = workspace.get_results(GetResults((one,)))
    assert result.picture is not None
    assert (result.picture.caption, result.picture.tags) == ("A lighthouse", ("storm",))
    idle(workspace)
    assert "IMG_1.jpg" in names(workspace, "a tower with a lamp for ships", "dense")
    workspace.undo(Undo())
    assert "IMG_1.jpg" not in names(workspace, "lighthouse")
    assert "IMG_1.jpg" not in names(workspace, "a tower with a lamp for ships", "dense")
    workspace.redo(Redo())
    assert "IMG_1.jpg" in names(workspace, "lighthouse")


def test_that_what_is_said_stays_when_the_file_moves_and_is_read_anew(
    workspace: Workspace, files: Path
) -> None:
    one = numbers(workspace)["IMG_1.jpg"]
    workspace.describe_pictures(DescribePictures((one,), "A lighthouse"))
    content = (files / "IMG_1.jpg").read_bytes()
    (files / "IMG_1.jpg").unlink()
    assert isinstance(workspace.wait(workspace.sync(Sync()).id), Finished)
    assert "IMG_1.jpg" not in numbers(workspace)
    (files / "again.jpg").write_bytes(content)
    assert isinstance(workspace.wait(workspace.sync(Sync()).id), Finished)
    assert "again.jpg" in names(workspace, "lighthouse")


def test_that_pictures_are_listed_by_when_they_were_taken(workspace: Workspace) -> None:
    assert list(numbers(workspace)) == [*PICTURES, "boat.jpg"]
    boat = numbers(workspace)["boat.jpg"]
    assert workspace.list_pictures(ListPictures("before:2022")) == (boat,)
    assert workspace.list_pictures(ListPictures("camera:canon words")) == (boat,)
    assert workspace.list_pictures(ListPictures(types=("png",))) == ()


def test_that_documents_come_as_results_in_the_order_asked_for(workspace: Workspace) -> None:
    known = numbers(workspace)
    asked = (known["boat.jpg"], 10**6, known["IMG_2.jpg"])
    found = workspace.get_results(GetResults(asked))
    assert [(r.rank, r.document_id) for r in found] == [(1, asked[0]), (2, asked[2])]


def test_that_a_search_can_be_limited_to_cameras_tags_and_places(workspace: Workspace) -> None:
    known = numbers(workspace)
    workspace.describe_pictures(
        DescribePictures((known["IMG_1.jpg"], known["boat.jpg"]), add_tags=("Low tide", "SEA"))
    )
    assert names(workspace, "camera:canon") == ["boat.jpg"]
    assert sorted(names(workspace, 'tag:"low tide"')) == ["IMG_1.jpg", "boat.jpg"]
    assert names(workspace, "tag:boats") == ["boat.jpg"]
    assert names(workspace, "tag:tide") == []
    assert names(workspace, "near:38.7,-9.1,10") == ["boat.jpg"]
    assert names(workspace, "near:38.7,-9.1,1") == []
    limited = (Search("type:jpg", cameras=("leica", "canon")), Search("type:jpg", tags=("boats",)))
    for request in limited:
        (boat,) = workspace.search(request).results
        assert boat.document_id == known["boat.jpg"]
    facets = workspace.list_facets(ListFacets())
    assert facets.cameras == (Facet("Canon EOS 80D", 1),)
    assert facets.tags[0] == Facet("Low tide", 2)
    assert {facet.value.casefold(): facet.n_documents for facet in facets.tags} == {
        "low tide": 2,
        "sea": 2,
        "boats": 1,
    }


def test_that_words_are_left_out_of_the_whole_document(workspace: Workspace) -> None:
    known = numbers(workspace)
    workspace.describe_pictures(DescribePictures((known["IMG_1.jpg"],), "Lighthouse lamp at night"))
    assert sorted(names(workspace, "lighthouse lamp")) == ["IMG_1.jpg", "lamp.md", "pier.md"]
    for mode in ("lexical", "hybrid", "dense"):
        found = names(workspace, 'lighthouse lamp -storms -"at night"', mode)
        assert "lamp.md" in found
        assert not {"pier.md", "IMG_1.jpg"} & set(found)
    assert names(workspace, "type:md -storm") == ["lamp.md"]
    with pytest.raises(InvalidInput, match="Nothing to search for"):
        workspace.search(Search("-storm"))


def test_that_unknown_documents_and_texts_are_not_described(workspace: Workspace) -> None:
    (text,) = workspace.search(Search("dark", mode="lexical", k=1)).results
    with pytest.raises(InvalidInput):
        workspace.describe_pictures(DescribePictures((text.document_id,), "x"))
    with pytest.raises(NotFound):
        workspace.describe_pictures(DescribePictures((10**6,), "x"))
    with pytest.raises(InvalidInput):
        workspace.describe_pictures(DescribePictures(()))
    with pytest.raises(NotFound):
        workspace.undo(Undo())


def test_that_captions_count_in_backups_and_not_in_training(workspace: Workspace) -> None:
    one = numbers(workspace)["IMG_1.jpg"]
    workspace.describe_pictures(DescribePictures((one,), "A lighthouse"))
    workspace.judge(Judge("lighthouse", one, 3, ""))
    workspace.make_backup(MakeBackup())
    assert workspace.list_backups(ListBackups())[0].n_labels == 2
    summary = workspace.get_training_summary(GetTrainingSummary())
    assert (summary.n_judgments, summary.n_pairs, summary.new_since_last) == (0, 0, 0)
