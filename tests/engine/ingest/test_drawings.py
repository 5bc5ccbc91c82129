from __future__ import annotations

import io
import zipfile

import pytest

from engine.ingest.drawings import drawings_in_text, drawings_of

_RELATIONS = "<Relationships>{}</Relationships>"


def relation(key: str, target: str) -> str:
    return f'<Relationship Id="{key}" Type="t" Target="{target}"/>'


def deck() -> bytes:
    """Two slides, shown in the order 2, 1; a chart on the first, a diagram on the second file."""
    chart = (
        "<c:chart><c:title><a:t>Oil &amp; lamps</a:t></c:title><c:ser><c:tx><c:strRef>"
        "<c:f>A</c:f><c:strCache><c:pt><c:v>Burnt</c:v></c:pt></c:strCache></c:strRef></c:tx>"
        "<c:cat><c:strRef><c:strCache><c:v>Spring</c:v><c:v>1897</c:v></c:strCache></c:strRef>"
        "</c:cat><c:val><c:numCache><c:v>4.2</c:v></c:numCache></c:val></c:ser></c:chart>"
    )
    parts = {
        "ppt/presentation.xml": '<p:sldId id="1" r:id="b"/><p:sldId id="2" r:id="a"/>',
        "ppt/_rels/presentation.xml.rels": _RELATIONS.format(
            relation("a", "slides/slide1.xml") + relation("b", "/ppt/slides/slide2.xml")
        ),
        "ppt/slides/_rels/slide1.xml.rels": _RELATIONS.format(
            relation("x", "../charts/chart7.xml") + relation("y", "../../../etc/passwd")
        ),
        "ppt/slides/_rels/slide2.xml.rels": _RELATIONS.format(
            relation("x", "../diagrams/data1.xml")
        ),
        "ppt/charts/chart7.xml": chart,
        "ppt/diagrams/data1.xml": "<a:t>First</a:t><a:t>Then</a:t>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return out.getvalue()


def test_that_words_go_to_the_slide_that_shows_them() -> None:
    assert drawings_of(deck()) == {1: "First\nThen", 2: "Oil & lamps\nBurnt\nSpring"}


def test_that_words_of_drawings_in_a_text_are_found() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/charts/chart1.xml", "<a:t>Oil burnt</a:t>")
        package.writestr("word/document.xml", "<a:t>not this</a:t>")
    assert drawings_in_text(out.getvalue()) == "Oil burnt"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", deck()[:-30]])
def test_that_a_damaged_deck_says_nothing(data: bytes) -> None:
    assert drawings_of(data) == {}
    assert drawings_in_text(data) == ""
