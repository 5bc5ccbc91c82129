from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.records import Passage
from gui.snippet import snippet

WORDS = st.text(alphabet="abcé漢🐟", min_size=1, max_size=9)
BLANKS = st.sampled_from([" ", "\n", "  ", "\n\n", "\t"])


@st.composite
def marked_passages(draw: st.DrawFn) -> Passage:
    """A text of words, some of which are highlighted."""
    text, spans = draw(st.sampled_from(["", " ", "\n"])), []
    for word in draw(st.lists(WORDS, min_size=1, max_size=60)):
        if draw(st.integers(0, 5)) == 0:
            spans.append((len(text), len(text) + len(word)))
        text += word + draw(BLANKS)
    return Passage(1, text, 0, len(text), None, tuple(spans))


def passage(text: str, *words: str) -> Passage:
    spans = tuple((text.index(word), text.index(word) + len(word)) for word in words)
    return Passage(1, text, 0, len(text), None, spans)


@given(marked_passages(), st.integers(60, 200))
def test_that_highlights_stay_on_their_words(passage: Passage, length: int) -> None:
    words = {passage.text[start:end] for start, end in passage.highlights}
    shown = snippet(passage, length)
    for start, end in shown.highlights:
        assert 0 <= start < end <= len(shown.text)
        marked = shown.text[start:end]
        assert any(marked in word for word in words)  # a cut edge may leave a part of a word


@given(marked_passages(), st.integers(60, 200))
def test_that_it_is_one_line_and_no_longer_than_asked(passage: Passage, length: int) -> None:
    shown = snippet(passage, length)
    assert "\n" not in shown.text
    assert len(shown.text) <= length + len("… ") + len(" …")


@given(marked_passages())
def test_that_a_short_passage_is_shown_whole(passage: Passage) -> None:
    shown = snippet(passage, 10_000)
    assert shown.text == " ".join(passage.text.split())
    assert len(shown.highlights) == len(passage.highlights)


@given(marked_passages(), st.integers(60, 200))
def test_that_what_is_highlighted_is_in_sight(passage: Passage, length: int) -> None:
    if passage.highlights:
        assert snippet(passage, length).highlights


def test_that_it_begins_where_most_of_the_words_are() -> None:
    text = "oxygen " + "filler " * 60 + "the deep lake lost its last oxygen here"
    marked = Passage(
        1,
        text,
        0,
        len(text),
        None,
        (
            (0, 6),
            (text.index("deep"), text.index("deep") + 4),
            (text.rindex("oxygen"), text.rindex("oxygen") + 6),
        ),
    )
    shown = snippet(marked, 80)
    assert shown.text.startswith("… ")
    assert [shown.text[a:b] for a, b in shown.highlights] == ["deep", "oxygen"]


def test_that_marks_of_headings_are_left_out() -> None:
    shown = snippet(passage("# Bread\n\n## The dough\nrises", "dough"), 100)
    assert shown.text == "Bread The dough rises"
    assert [shown.text[a:b] for a, b in shown.highlights] == ["dough"]


def test_that_cut_edges_get_an_ellipsis() -> None:
    shown = snippet(passage("one two three " * 20), 50)
    assert shown.text.endswith(" …")
    assert not shown.text.startswith("…")
