from __future__ import annotations

from datetime import datetime

import pytest

from engine.errors import InvalidInput
from engine.retrieval.fields import FieldedQuery, parse
from engine.storage.near import Near


def test_that_conditions_are_taken_out_of_the_query() -> None:
    assert parse('whales type:pdf song Author:"Jane Roe" lang:en ext:docx') == FieldedQuery(
        "whales song", author=("Jane Roe",), types=("pdf", "docx"), languages=("en",)
    )


@pytest.mark.parametrize(
    "query", ["std::vector at:home", "https://example.org/in:x", 'the "exact phrase"', "title: a"]
)
def test_that_what_is_no_condition_stays_text(query: str) -> None:
    assert parse(query) == FieldedQuery(query)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2024", datetime(2024, 1, 1)),
        ("2024-05", datetime(2024, 5, 1)),
        ("2024-05-31", datetime(2024, 5, 31)),
    ],
)
def test_that_dates_begin_with_their_year_month_or_day(value: str, moment: datetime) -> None:
    assert parse(f"after:{value}").after == moment.timestamp()


def test_that_of_several_dates_the_narrowest_count() -> None:
    found = parse("after:2020 after:2021 before:2024 before:2023")
    assert found.after == datetime(2021, 1, 1).timestamp()
    assert found.before == datetime(2023, 1, 1).timestamp()


def test_that_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no date"):
        parse("whales after:yesterday")


def test_that_pages_are_taken_out_of_the_query() -> None:
    found = parse('page:3 whales Slide:12 sheet:"Fixed costs" song sheet:2 row:7 type:pdf')
    assert found == FieldedQuery(
        "whales song",
        types=("pdf",),
        pages=(
            ("page", "3"),
            ("slide", "12"),
            ("sheet", "Fixed costs"),
            ("sheet", "2"),
            ("row", "7"),
        ),
    )


@pytest.mark.parametrize(
    "query", ["page:break in css", "page:3-5", "web/page:3", "row:", "page: 3"]
)
def test_that_a_page_needs_a_number(query: str) -> None:
    assert parse(query) == FieldedQuery(query)


def test_that_conditions_on_pictures_are_taken_out_of_the_query() -> None:
    assert parse('beach camera:leica tag:"low tide" tag:sea near:38.72,-9.14') == FieldedQuery(
        "beach",
        cameras=("leica",),
        tags=("low tide", "sea"),
        near=(Near(38.72, -9.14, 5.0),),
    )
    assert parse('near:"-33.9, 18.4, 2.5 km"').near == (Near(-33.9, 18.4, 2.5),)


@pytest.mark.parametrize("value", ["abc", "38.72", "91,0", "0,181", "1,2,0", "1,2,3,4"])
def test_that_a_place_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match="no place"):
        parse(f"near:{value}")


@pytest.mark.parametrize(
    ("query", "text", "without"),
    [
        ("dog -snow", "dog", ("snow",)),
        ('-"deep snow" dog', "dog", ("deep snow",)),
        ("dog \u2212snow \u2013ice type:jpg", "dog", ("snow", "ice")),
        ("report -2023", "report", ("2023",)),
        ("Hund -\u201ehoher Schnee\u201d", "Hund", ("hoher Schnee",)),
        ("dog -high-speed", "dog", ("high-speed",)),
    ],
)
def test_that_words_behind_a_minus_are_left_out(
    query: str, text: str, without: tuple[str, ...]
) -> None:
    found = parse(query)
    assert (found.text, found.without) == (text, without)


@pytest.mark.parametrize(
    "query",
    [
        "well-known e-mail",
        "cats - dogs",
        "water at -5 degrees, -0.3 or -20\u00b0C",
        "grep -r --flag",
        '"a -quoted phrase"',
        "1914\u20131918",
    ],
)
def test_that_other_dashes_stay_text(query: str) -> None:
    assert parse(query) == FieldedQuery(query)


def test_that_a_condition_cannot_be_left_out() -> None:
    with pytest.raises(InvalidInput, match="Only words"):
        parse("whales -type:pdf")
