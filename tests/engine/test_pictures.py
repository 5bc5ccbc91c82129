"""Pictures of a library, found by words and by other pictures, over real files and encoders."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import EngineError, InvalidInput, NotFound
from engine.events import Finished
from engine.records import DoctorReport, EvaluationReport, Finding, SearchResult, SearchResults
from engine.requests import (
    ChangeSettings,
    Diagnose,
    Evaluate,
    GetDocument,
    GetSettings,
    GetStatus,
    GetThumbnails,
    ImportEvalSet,
    ListEvalSets,
    Search,
    Sync,
)
from engine.settings import Settings
from engine.workspace import Workspace
from tests.photographs import encoded, exif, mean_colour, scene

PICTURES = {f"IMG_{n}.jpg": scene(n) for n in range(1, 6)}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, image in PICTURES.items():
        (folder / name).write_bytes(encoded(image))
    (folder / "Garden gate.png").write_bytes(encoded(scene(9), "PNG"))
    (folder / "boat.jpg").write_bytes(encoded(scene(10), exif=exif()))
    (folder / "gate.md").write_text("# The gate\n\nOil the hinges of the garden gate in spring.")
    return folder


@pytest.fixture
def workspace(picture_library_folder: Path, files: Path) -> Iterator[Workspace]:
    with opened(picture_library_folder) as workspace:
        workspace.remember([str(files)])
        synced(workspace)
        yield workspace


def opened(folder: Path) -> Workspace:
    workspace = Workspace(folder, lambda _: None)
    workspace.change_settings(ChangeSettings(Settings(ocr="off")))
    workspace.load()
    return workspace


def synced(workspace: Workspace) -> None:
    assert isinstance(workspace.wait(workspace.sync(Sync()).id), Finished)


def names(answer: SearchResults) -> list[str]:
    return [Path(result.document).name for result in answer.results]


def test_that_every_picture_is_a_document_where_text_is_not_read_too(workspace: Workspace) -> None:
    assert workspace.get_settings(GetSettings()).ocr == "off"
    status = workspace.get_status(GetStatus())
    assert (status.n_documents, status.n_chunks, status.n_failed) == (8, 8, 0)
    assert status.disk.thumbnails > 0


def test_that_name_and_caption_find_a_picture_by_words(workspace: Workspace) -> None:
    found = workspace.search(Search("garden gate", mode="lexical"))
    assert set(names(found)) == {"Garden gate.png", "gate.md"}
    (boat,) = workspace.search(Search("harbour", mode="lexical")).results
    assert boat.picture is not None and boat.picture.camera == "Canon EOS 80D"
    assert workspace.get_document(GetDocument(boat.document_id)).picture == boat.picture


def test_that_one_kind_alone_can_be_asked_for(workspace: Workspace) -> None:
    assert names(workspace.search(Search("garden gate", kind="text"))) == ["gate.md"]
    images = workspace.search(Search("garden gate", kind="image"))
    assert names(images)[0] == "Garden gate.png"
    assert sorted(names(images)) == sorted([*PICTURES, "Garden gate.png", "boat.jpg"])
    assert all("meaning" in result.scores for result in images.results)


def test_that_pictures_that_fit_by_chance_do_not_stand_among_texts(workspace: Workspace) -> None:
    assert names(workspace.search(Search("pension contributions", mode="dense"))) != []
    found = workspace.search(Search("pension contributions"))
    assert not any("meaning" in result.scores for result in found.results)


def test_that_a_picture_of_no_words_is_no_answer_by_the_meaning_of_its_name(
    workspace: Workspace,
) -> None:
    found = names(workspace.search(Search("what is to be done in spring")))
    assert not any(name in PICTURES for name in found)


def test_that_a_picture_finds_itself_elsewhere_made_smaller(
    workspace: Workspace, tmp_path: Path
) -> None:
    other = tmp_path / "smaller.png"
    other.write_bytes(encoded(PICTURES["IMG_3.jpg"].resize((200, 150)), "PNG"))
    found = workspace.search(Search("", image=str(other), k=3))
    assert names(found)[0] == "IMG_3.jpg"
    assert found.results[0].scores["look"].rank == 1
    assert all(result.picture for result in found.results)


def test_that_words_beside_a_picture_weigh_as_much_as_is_asked(
    workspace: Workspace, tmp_path: Path
) -> None:
    image = tmp_path / "one.png"
    image.write_bytes(encoded(PICTURES["IMG_3.jpg"], "PNG"))

    def first(weight: float) -> str:
        return names(workspace.search(Search("harbour", image=str(image), weight=weight)))[0]

    assert (first(0.0), first(1.0)) == ("IMG_3.jpg", "boat.jpg")


def test_that_a_caption_counts_beside_a_picture_only_of_what_looks_like_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    unlike, alike = tmp_path / "unlike.png", tmp_path / "alike.png"
    unlike.write_bytes(encoded(PICTURES["IMG_3.jpg"], "PNG"))
    alike.write_bytes(encoded(scene(10), "PNG"))

    def boat(image: Path, words: str = "harbour") -> SearchResult:
        found = workspace.search(Search(words, image=str(image)))
        (boat,) = (hit for hit in found.results if hit.document.endswith("boat.jpg"))
        return boat

    assert boat(unlike, "").rank > 2
    assert "lexical" not in boat(unlike).scores
    assert (boat(alike).rank, boat(alike).scores["lexical"].rank) == (1, 1)


def test_that_more_like_a_picture_leaves_itself_out(workspace: Workspace) -> None:
    (boat,) = workspace.search(Search("harbour", mode="lexical")).results
    found = workspace.search(Search("", like=boat.document_id))
    assert sorted(names(found)) == sorted([*PICTURES, "Garden gate.png"])
    with pytest.raises(NotFound):
        workspace.search(Search("", like=999))


def test_that_what_cannot_be_searched_with_is_refused(workspace: Workspace, files: Path) -> None:
    with pytest.raises(InvalidInput, match="Not a picture"):
        workspace.search(Search("", image=str(files / "gate.md")))
    with pytest.raises(EngineError, match="Gone"):
        workspace.search(Search("", image=str(files / "missing.png")))
    with pytest.raises(InvalidInput, match="No texts"):
        workspace.search(Search("", image=str(files / "IMG_1.jpg"), kind="text"))
    with pytest.raises(InvalidInput, match="Empty query"):
        workspace.search(Search(" "))


def test_that_thumbnails_come_in_the_order_asked_for(workspace: Workspace) -> None:
    found = workspace.search(Search("garden gate")).results
    by_name = {Path(result.document).name: result.document_id for result in found}
    gate, text = by_name["Garden gate.png"], by_name["gate.md"]
    none, thumbnail, gone = workspace.get_thumbnails(GetThumbnails((text, gate, 999)))
    assert (none, gone) == (b"", b"")
    assert mean_colour(thumbnail) == pytest.approx(mean_colour(encoded(scene(9), "PNG")), abs=3)


def test_that_what_was_seen_is_remembered_and_made_good(workspace: Workspace, files: Path) -> None:
    folder = Path(workspace.get_status(GetStatus()).workspace)
    workspace.close()
    shutil.rmtree(folder / "thumbnails")
    for file in folder.glob("embeddings.db*"):
        file.unlink()
    with opened(folder) as again:
        assert names(again.search(Search("harbour", mode="lexical"))) == ["boat.jpg"]
        assert again.search(Search("harbour")).notice.endswith("known of 0 of 7 pictures.")
        with pytest.raises(NotFound):
            again.search(Search("", like=again.search(Search("harbour")).results[0].document_id))
        synced(again)
        assert again.search(Search("harbour")).notice == ""
        (boat,) = again.search(Search("harbour", mode="lexical")).results
        assert again.search(Search("", like=boat.document_id)).results
        assert all(again.get_thumbnails(GetThumbnails((boat.document_id,))))


def test_that_the_doctor_has_lost_thumbnails_made_again(workspace: Workspace) -> None:
    folder = Path(workspace.get_status(GetStatus()).workspace)
    first, second, *_ = sorted(folder.glob("thumbnails/*/*.jpg"))
    whole = {file: file.read_bytes() for file in (first, second)}
    first.write_bytes(whole[first][:-500])
    second.unlink()

    def finding(*, rebuild: bool = False) -> Finding:
        end = workspace.wait(workspace.diagnose(Diagnose(rebuild)).id)
        assert isinstance(end, Finished) and isinstance(end.result, DoctorReport)
        (found,) = (found for found in end.result.findings if found.store == "Pictures")
        return found

    told = finding()
    assert (told.state, told.text[:2]) == ("repaired", "2 ")
    synced(workspace)
    assert {file: file.read_bytes() for file in whole} == whole
    assert finding().state == "sound"
    assert finding(rebuild=True).state == "sound"
    synced(workspace)
    assert {file: file.read_bytes() for file in whole} == whole


def test_that_pictures_inside_documents_are_found_at_once(
    picture_library_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    with zipfile.ZipFile(folder / "slides.odp", "w") as slides:
        slides.writestr("Pictures/1.jpg", encoded(PICTURES["IMG_3.jpg"]))
    query = tmp_path / "query.jpg"
    query.write_bytes(encoded(PICTURES["IMG_3.jpg"]))
    with opened(picture_library_folder) as workspace:
        workspace.remember([str(folder)])
        synced(workspace)
        (found,) = workspace.search(Search("", image=str(query))).results
        assert found.document.endswith("slides.odp!/Pictures/1.jpg")
        assert all(workspace.get_thumbnails(GetThumbnails((found.document_id,))))


def test_that_a_picture_that_goes_is_found_no_more(workspace: Workspace, files: Path) -> None:
    folder = Path(workspace.get_status(GetStatus()).workspace)
    for name in PICTURES:
        (files / name).unlink()
    synced(workspace)
    found = workspace.search(Search("", image=str(files / "boat.jpg")))
    assert sorted(names(found)) == ["Garden gate.png", "boat.jpg"]
    assert len(list(folder.glob("thumbnails/*/*"))) == 2


def test_that_a_set_of_pictures_can_be_measured(
    picture_library_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    (folder / "qrels").mkdir()
    lines, judged = [], ["query-id\tcorpus-id\tscore"]
    for n, image in enumerate(PICTURES.values()):
        (folder / "images" / f"{n}.jpg").write_bytes(encoded(image))
        lines.append(json.dumps({"_id": f"p{n}", "text": "", "image": f"images/{n}.jpg"}))
        judged.append(f"q{n}\tp{n}\t1")
    (folder / "corpus.jsonl").write_text("\n".join(lines))
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": f"q{n}", "text": "coloured shapes"}) for n in range(5))
    )
    (folder / "qrels" / "test.tsv").write_text("\n".join(judged))
    with opened(picture_library_folder) as workspace:
        job = workspace.import_eval_set(ImportEvalSet(str(folder), "shapes"))
        assert isinstance(workspace.wait(job.id), Finished)
        (info,) = workspace.list_eval_sets(ListEvalSets())
        assert info.of_pictures
        end = workspace.wait(workspace.evaluate(Evaluate("shapes")).id)
        assert isinstance(end, Finished) and isinstance(end.result, EvaluationReport)
        # One query for five pictures, each of which is right once.
        assert end.result.measures["R@1"] == pytest.approx(0.2)
        assert end.result.measures["R@5"] == 1.0
