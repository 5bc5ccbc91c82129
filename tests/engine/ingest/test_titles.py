from __future__ import annotations

from pathlib import PurePath

import pytest

from engine.ingest.media_types import PDF, media_type
from engine.ingest.titles import title_of


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("notes.md", "Intro\n\n## The *first* [heading](x) ##\n", "The first heading"),
        ("notes.md", "---\ntitle: 'From the front'\n---\n# Other\n", "From the front"),
        ("notes.md", "Setext\n======\ntext", "Setext"),
        ("my_notes-2024.md", "no heading here", "my notes-2024"),
        ("a.rst", "Whales\n======\n\ntext", "Whales"),
        ("a.tex", "\\title{On Whales}\n\\begin{document}", "On Whales"),
        ("a.txt", "Shopping list\n\nmilk, bread", "Shopping list"),
        ("fleet-report.txt", "It was a dark night.\n\nThen it rained.", "fleet report"),
        ("two words-one.txt", "text.", "two words-one"),
        ("scan.py", "# A comment\n", "scan.py"),
        ("slides.pptx", "Quarterly figures\n\nmore", "Quarterly figures"),
        ("table.xlsx", "Sheet1\na\tb", "table"),
        ("paper%20one.pdf", "Journal of Things 12, 3-4\n", "paper one"),
    ],
)
def test_that_a_document_is_called_by_its_heading_or_name(name: str, text: str, title: str) -> None:
    kind = media_type(name)
    assert kind is not None
    assert title_of(PurePath(name), kind, text) == title


@pytest.mark.parametrize(
    "junk", ["Microsoft Word - x.doc", "untitled", "Document1", "paper.dvi", "1234", "", "Title"]
)
def test_that_left_over_metadata_are_no_title(junk: str) -> None:
    assert title_of(PurePath("real_name.pdf"), PDF, "text", junk) == "real name"


def test_that_sensible_metadata_are_the_title() -> None:
    assert title_of(PurePath("x.pdf"), PDF, "text", " On\nWhales ") == "On Whales"
