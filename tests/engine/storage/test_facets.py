"""What a library says it holds, over real files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.events import Finished
from engine.records import Facet
from engine.requests import ListFacets, RemoveRoot, Search, Sync
from engine.workspace import Workspace

_MAIL = "From: {author} <someone@example.org>\nSubject: Bread {number}\n\n{text}"
_ENGLISH = "The kettle is on the stove and the bread has been in the oven for half an hour. " * 4
_GERMAN = "Der Kessel steht auf dem Herd und das Brot ist seit einer halben Stunde im Ofen. " * 4


@pytest.fixture
def workspace(library_folder: Path, tmp_path: Path) -> Iterator[Workspace]:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number, author in enumerate(("Ada Keller", "Ada Keller", "Ben Oz")):
        mail = _MAIL.format(author=author, number=number, text=_ENGLISH)
        (folder / f"mail-{number}.EML").write_text(mail)
    (folder / "brot.txt").write_text(_GERMAN)
    (folder / "copy of brot.txt").write_text(_GERMAN)
    (folder / "README").write_text(_ENGLISH + "And nothing else.")
    with Workspace(library_folder, lambda _: None) as opened:
        opened.remember([str(folder)])
        assert isinstance(opened.wait(opened.sync(Sync()).id), Finished)
        yield opened


def test_that_documents_are_counted_by_what_they_can_be_limited_to(workspace: Workspace) -> None:
    held = workspace.list_facets(ListFacets())
    assert held.languages == (Facet("en", 4), Facet("de", 1))
    assert held.authors == (Facet("Ada Keller", 2), Facet("Ben Oz", 1))
    assert held.types == (Facet("eml", 3), Facet("txt", 1))
    for facet in held.types:
        found = workspace.search(Search(f"type:{facet.value}", group=False)).results
        assert len(found) == facet.n_documents


def test_that_what_is_gone_is_counted_no_more(workspace: Workspace) -> None:
    before = workspace.list_facets(ListFacets())
    assert workspace.list_facets(ListFacets()) is before
    with workspace._parts.library.read() as connection:
        (number,) = connection.execute("SELECT id FROM roots").fetchone()
    workspace.remove_root(RemoveRoot(number))
    assert workspace.list_facets(ListFacets()).types == ()
