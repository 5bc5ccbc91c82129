from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from engine.ingest.chunk import Chunker, ChunkSpan
from engine.records import Extracted, Page
from engine.storage.encoding_key import encoding_text

_CHUNKER = Chunker()
_SMALL = Chunker(max_tokens=64)
_TOKENIZER: Tokenizer = _CHUNKER._tokenizer

_WORDS = st.sampled_from(
    [
        *("search", "The", "index.", "don't", "x=y+z;", "https://example.org/a/b?c=d", "[SEP]"),
        *("Zürich", "naïve", "e\u0301", "ﬁne", "\u200b\u00ad", "İstanbul", "ẞ", "Ⅷ"),
        *("漢字を読む。", "こんにちは", "한국어", "العربية", "שלום", "ภาษาไทย", "😀", "👩\u200d👧"),
    ]
) | st.text(min_size=1, max_size=90)
_GAPS = st.sampled_from([" ", " ", " ", "  ", "\n", "\n\n", "\n \n", "\t", "", "\u3000", "\x0c"])
_TEXTS = st.builds(
    # Repeated, for examples are short by themselves.
    lambda parts, times: (
        ("".join(word + gap for word, gap in parts) * times).encode("utf-8", "ignore").decode()
    ),
    st.lists(st.tuples(_WORDS, _GAPS), max_size=40),
    st.sampled_from([1, 2, 10, 30]),
)
_TITLES = st.lists(_WORDS, max_size=40).map(
    lambda words: " ".join(words).encode("utf-8", "ignore").decode()
)


def cut(
    chunker: Chunker, title: str, text: str, pages: Sequence[Page] = (), kind: str = "text/plain"
) -> list[ChunkSpan]:
    return chunker.chunk(Extracted(title, text, kind, tuple(pages)))


def n_tokens(text: str, span: ChunkSpan) -> int:
    return len(_TOKENIZER.encode(encoding_text(span.context, text[span.start : span.end])))


def check(text: str, spans: list[ChunkSpan], max_tokens: int) -> None:
    position = 0
    for n, span in enumerate(spans):
        assert text[span.start : span.end].strip()
        assert not text[position : span.start].strip()
        assert n_tokens(text, span) <= max_tokens
        if n:
            assert spans[n - 1].start < span.start
            assert spans[n - 1].end < span.end
        position = span.end
    assert not text[position:].strip()


@settings(max_examples=150, deadline=None)
@given(_TITLES, _TEXTS)
def test_that_passages_cover_the_text_in_order_and_fit_the_encoder(title: str, text: str) -> None:
    check(text, cut(_SMALL, title, text), 64)


@settings(max_examples=30, deadline=None)
@given(_TITLES, st.lists(_TEXTS, min_size=1, max_size=8))
def test_that_passages_of_pages_cover_the_text_and_start_on_their_page(
    title: str, parts: list[str]
) -> None:
    pages = []
    text = ""
    for number, part in enumerate(parts, start=3):
        pages.append(Page(number, len(text), len(text) + len(part)))
        text += part + "\n\n"
    spans = cut(_CHUNKER, title, text, pages)
    check(text, spans, 256)
    for span in spans:
        page = next(page for page in pages if page.number == span.page)
        assert page.start <= span.start
        assert all(other.start > span.start for other in pages if other.number > page.number)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_that_counting_word_by_word_never_counts_too_few_tokens(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    words = _CHUNKER._words(text)
    if not words.glued:
        assert words.tokens[-1] >= len(_TOKENIZER.encode(text, add_special_tokens=False))


def test_that_the_tokenizer_neither_cuts_nor_pads() -> None:
    assert len(_TOKENIZER.encode("word")) == 3
    assert len(_TOKENIZER.encode("word " * 1000)) == 1002


def test_that_a_short_text_is_one_passage_with_its_title_as_context() -> None:
    assert cut(_CHUNKER, "A title", "  Some text.\n") == [ChunkSpan(2, 12, None, "A title")]


@pytest.mark.parametrize("text", ["", " \n\t ", "\x0c\x0b\u3000"])
def test_that_white_space_makes_no_passage(text: str) -> None:
    assert cut(_CHUNKER, "Title", text) == []


def test_that_a_passage_that_begins_with_the_title_does_not_repeat_it() -> None:
    text = "# On Whales\n\n" + "They are large animals. " * 100
    first, *others = cut(_CHUNKER, "On whales", text)
    assert first.context == ""
    assert others
    assert all(span.context == "On whales" for span in others)
    assert cut(_CHUNKER, "Cat", "Catalogue of things")[0].context == "Cat"


def test_that_a_long_title_is_cut_to_a_few_words() -> None:
    (span,) = cut(_CHUNKER, "whale " * 100, "Some text.")
    assert span.context == " ".join(["whale"] * 32)


def test_that_neighbours_overlap_by_about_an_eighth_from_a_sentence_on() -> None:
    text = " ".join(f"Sentence number {n} says hello to you." for n in range(300))
    spans = cut(_CHUNKER, "", text)
    for before, after in pairwise(spans):
        shared = (before.end - after.start) / (before.end - before.start)
        assert 0.05 < shared < 0.25
        assert text[after.start :].startswith("Sentence")
        assert text[before.end - 1] == "."


def test_that_two_paragraphs_too_long_for_one_passage_are_cut_between() -> None:
    paragraphs = [f"{word} " * 150 for word in ("alpha", "beta")]
    first, second = cut(_CHUNKER, "", "\n\n".join(p.strip() for p in paragraphs))
    assert first.end == len(paragraphs[0]) - 1
    assert second.start > first.start


def test_that_a_heading_goes_with_what_follows_it() -> None:
    text = "word " * 140 + "\n\n# Heading\n\n" + "other " * 140
    first, second = cut(_CHUNKER, "", text)
    assert "Heading" not in text[first.start : first.end]
    assert "# Heading" in text[second.start : second.end]


def test_that_passages_do_not_cross_pages_unless_they_are_short() -> None:
    parts = ["long " * 200, "short one", "short two", "again " * 100]
    text = "\n\n".join(parts)
    pages: list[Page] = []
    for number, part in enumerate(parts, start=1):
        start = pages[-1].end + 2 if pages else 0
        pages.append(Page(number, start, start + len(part)))
    spans = cut(_CHUNKER, "", text, pages)
    assert [span.page for span in spans] == [1, 2]
    assert "again" not in text[spans[0].start : spans[0].end]
    assert text[spans[1].start : spans[1].end].startswith("short one")


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "word " * 100_000,
        "漢字。" * 50_000,
        "." * 200_000,
        "a" + " " * 1_000_000 + "b",
        "ภาษา" * 100_000,
    ],
    ids=["run", "words", "chinese", "dots", "blank", "thai"],
)
def test_that_one_endless_line_is_cut_soon_and_into_passages_of_sane_length(text: str) -> None:
    began = time.monotonic()
    spans = cut(_CHUNKER, "Line", text)
    assert time.monotonic() - began < 60
    assert max(span.end - span.start for span in spans) < 6000


def passages(document: Extracted) -> list[tuple[str, str]]:
    spans = _SMALL.chunk(document)
    check(document.text, spans, 64)
    return [(span.context, document.text[span.start : span.end]) for span in spans]


def test_that_headings_are_the_context_of_what_stands_below_them() -> None:
    text = "# Whales\n\n" + "They sing. " * 30 + "\n\n## Food\n\n" + "They eat krill. " * 40
    found = passages(Extracted("Sea", text, "text/markdown"))
    assert found[0][0] == "Sea"
    assert [context for context, passage in found if passage.startswith("They eat")][-1] == (
        "Sea › Whales › Food"
    )


def test_that_what_looks_like_a_heading_in_code_is_none() -> None:
    text = "# Set up\n\n```sh\n# install\n```\n\n" + "Then read on. " * 60
    contexts = {context for context, _ in passages(Extracted("", text, "text/markdown"))}
    assert contexts == {"", "Set up"}


def test_that_each_row_is_a_passage_of_its_own() -> None:
    rows = ["How do I pay?\nBy card.", "Where are you?\nIn Bern.", "When?\n" + "Daily. " * 90]
    pages, text = [], ""
    for number, row in enumerate(rows, start=1):
        pages.append(Page(number, len(text), len(text) + len(row)))
        text += row + "\n\n"
    spans = _SMALL.chunk(Extracted("FAQ", text, "text/csv", tuple(pages), unit="row"))
    assert [text[span.start : span.end] for span in spans[:2]] == rows[:2]
    assert [span.page for span in spans] == [1, 2] + [3] * (len(spans) - 2)
    assert len(spans) > 3


@pytest.mark.parametrize(
    ("kind", "block"),
    [
        ("text/markdown", "```python\nfor whale in sea:\n    whale.sing()\n```"),
        ("text/markdown", "| whale | length |\n|---|---|\n| blue | 30 m |\n| minke | 9 m |"),
        ("text/x-python", "def sing(whale):\n    tune = whale.tune\n\n    return tune.sung()"),
    ],
)
def test_that_code_and_tables_are_not_cut_in_the_middle(kind: str, block: str) -> None:
    filler = "word = 1\n" if kind == "text/x-python" else "Some words here. "
    for n in range(1, 30):
        text = filler * n + f"\n\n{block}\n\n" + filler * 30
        assert any(block in passage for _, passage in passages(Extracted("T", text, kind))), n


def test_that_source_code_is_cut_at_its_lines() -> None:
    text = "".join(f"value_{n} = compute(first, second). Then(third)\n" for n in range(200))
    for _, passage in passages(Extracted("a.py", text, "text/x-python")):
        assert passage.startswith("value_")
        assert passage.endswith("Then(third)")
