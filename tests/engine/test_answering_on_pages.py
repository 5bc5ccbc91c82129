"""What `page:3` and the like do, over real files and indexes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.events import Finished
from engine.records import SearchResults
from engine.requests import Search, Sync
from engine.workspace import Workspace
from tests.engine.ingest import sample_files

_WHALES = "A whale was seen from the pier, and whales were heard."


def _page(number: int, first: str = "") -> list[str]:
    """A page that is long enough for a passage of its own."""
    words = ("harbour", "boat", "crane", "pier", "rope", "anchor", "lamp", "crew", "tide")
    lines = [
        f"Line {number}.{n} of this report tells of the {word}." for n, word in enumerate(words)
    ]
    return [first, *lines] if first else lines


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("files")
    files = {
        "first.pdf": sample_files.pdf([_page(1, _WHALES), _page(2), _page(3)]),
        "third.pdf": sample_files.pdf([_page(4, _WHALES), _page(5), _page(6, "One whale.")]),
        "slides.pptx": sample_files.pptx([["Start"], ["On whale songs"], ["End"]]),
        "book.xlsx": sample_files.xlsx(
            {"Fixed costs": [["Whale food", "3"]] * 60, "Other": [["Boat", "9"]] * 60}
        ),
        "faq.csv": b"question,answer\n"
        b"What do whales eat?,They eat krill and small fish all day long.\n"
        b"Where is the pier?,It lies to the west of the old harbour.\n",
        "plain.txt": b"The whale has no pages.",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with Workspace(tmp_path_factory.mktemp("library"), lambda _: None) as opened:
        opened.remember([str(folder)])
        assert isinstance(opened.wait(opened.sync(Sync()).id), Finished)
        yield opened


def places(answer: SearchResults) -> dict[str, set[str]]:
    return {
        Path(result.document).name: {passage.place for passage in result.passages}
        for result in answer.results
    }


@pytest.mark.parametrize("mode", ["lexical", "hybrid"])
def test_that_only_passages_of_that_page_are_found(workspace: Workspace, mode: str) -> None:
    found = places(workspace.search(Search("whale page:3", mode=mode)))  # type: ignore[arg-type]
    assert found["third.pdf"] == {"page 3"}
    assert set(found) == {"third.pdf"} if mode == "lexical" else {"first.pdf", "third.pdf"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("whale slide:2", {"slides.pptx": {"slide 2"}}),
        ("whale page:2", {}),
        ('whale sheet:"fixed costs"', {"book.xlsx": {"sheet Fixed costs"}}),
        ("whale sheet:1", {"book.xlsx": {"sheet Fixed costs"}}),
        ("whale sheet:Other", {}),
        ("whales row:1", {"faq.csv": {"row 1"}}),
        ("whales row:2", {}),
        ("whale slide:2 page:1 type:pdf", {"first.pdf": {"page 1"}, "third.pdf": {"page 1"}}),
        ("row:2", {"faq.csv": {"row 2"}}),
        ("page:4", {}),
        ("sheet:Other", {"book.xlsx": {"sheet Other"}}),
    ],
)
def test_that_the_unit_and_its_number_or_name_count(
    workspace: Workspace, query: str, found: dict[str, set[str]]
) -> None:
    assert places(workspace.search(Search(query, mode="lexical", group=False))) == found
