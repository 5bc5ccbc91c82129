from __future__ import annotations

from engine.records import Document, Page, Passage
from gui.table_rows import table_rows


def table(heading: str, *rows: str) -> Document:
    text, pages = heading, []
    for number, row in enumerate(rows, start=1):
        pages.append(Page(number, len(text), len(text) + len(row)))
        text += row + "\n"
    return Document(1, "", "t", text, "text/csv", tuple(pages), ("/t.csv",), 1, 0.0, unit="row")


def passage(document: Document, number: int) -> Passage:
    row = document.pages[number]
    return Passage(1, document.text[row.start : row.end], row.start, row.end, number + 1, ())


def test_that_quoted_cells_and_any_separator_are_read() -> None:
    shown = table("name;price\n", '"Tea; green";2,50', "Coffee;3,10")
    rows = table_rows(shown, passage(shown, 1))
    assert rows is not None
    assert rows.headings == ("name", "price")
    assert rows.rows == (("Tea; green", "2,50"), ("Coffee", "3,10"))
    assert (rows.first, rows.hit) == (1, 1)


def test_that_rows_of_text_that_name_their_columns_become_a_table() -> None:
    rows_of_text = (
        "What is tea?\nA drink: hot.\nMade of leaves.\nOrigin: China\nPrice: 2",
        "What is coffee?\nA drink.\nOrigin: Peru: south\nPrice: 3",
        "What is milk?",
    )
    shown = table("", *rows_of_text)
    rows = table_rows(shown, passage(shown, 0))
    assert rows is not None
    assert rows.headings == ("", "", "Origin", "Price")
    assert rows.rows == (
        ("What is tea?", "A drink: hot.\nMade of leaves.", "China", "2"),
        ("What is coffee?", "A drink.", "Peru: south", "3"),
        ("What is milk?", "", "", ""),
    )


def test_that_only_rows_around_the_hit_are_taken() -> None:
    shown = table("n\n", *(f"row {n}" for n in range(1000)))
    rows = table_rows(shown, passage(shown, 500))
    assert rows is not None
    assert rows.rows[rows.hit] == ("row 500",)
    assert rows.first + rows.hit == 501
    assert len(rows.rows) == 201


def test_that_a_passage_beyond_the_rows_has_no_table() -> None:
    shown = table("n\n", "one")
    assert table_rows(shown, Passage(1, "", 900, 901, None, ())) is None
