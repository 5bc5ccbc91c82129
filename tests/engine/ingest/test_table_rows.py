from __future__ import annotations

import pytest

from engine.ingest.media_types import CSV, JSON, PLAIN, TSV
from engine.ingest.table_rows import RowText, read_rows


def rows(read: RowText | None) -> dict[int, str]:
    assert read is not None
    return {page.number: read.text[page.start : page.end] for page in read.pages}


def test_that_each_row_of_questions_is_read_with_its_other_columns() -> None:
    table = (
        "id,Question,Answer,Topic\n"
        '7,How tall is it?,"Very, very tall\nindeed",towers\n'
        "8,,Only an answer here,\n"
    )
    assert rows(read_rows(table, CSV)) == {
        1: "How tall is it?\nVery, very tall\nindeed\nid: 7\nTopic: towers",
        2: "Only an answer here\nid: 8",
    }


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Frage;Antwort\nWie hoch ist er?;Sehr hoch, sagt man\n", CSV),
        ("title\tbody_text\tbody\nOn towers\tx\tThey are very tall\n", TSV),
        ('[{"title": "On towers", "text": "They are very tall"}]', JSON),
        (
            '{"q": "How tall is it?", "a": ["Very", "tall"]}\n{"q": "Why so tall?", "a": "Who"}',
            JSON,
        ),
    ],
    ids=["csv", "tsv", "json", "jsonl"],
)
def test_that_names_are_known_in_several_spellings(text: str, kind: str) -> None:
    assert rows(read_rows(text, kind))[1]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("name,price\nnails,3\nscrews,4\n", CSV),
        ("title,body\nA,B\nC,D\n", CSV),
        ("question,question,answer\nWhy is it so?,x,Because it is\n", CSV),
        ("Question,Answer\n", CSV),
        ("", CSV),
        ('{"title": "one object", "text": "is no table at all"}', JSON),
        ('["title", "text"]', JSON),
        ('[{"title": "broken', JSON),
        ("[" * 100_000, JSON),
        ("title,text\nOn towers,They are very tall\n", PLAIN),
    ],
)
def test_that_other_tables_are_left_as_they_are(text: str, kind: str) -> None:
    assert read_rows(text, kind) is None


def test_that_a_line_of_ten_million_letters_does_no_harm() -> None:
    assert read_rows(f"title,text\nLong,{'word ' * 2_000_000}\n", CSV) is not None
    assert read_rows(f"title,text\nLong,{'word ' * 3_000_000}\n", CSV) is None
