from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from engine.ingest.origin import Origin, origin_of, seconds


def test_that_what_programs_write_by_themselves_is_left_out() -> None:
    metadata = {
        "authors": ["python-docx", "(anonymous)", "  Ann  Lee ", "", "Microsoft Office User"],
        "subject": "unspecified",
        "keywords": ["oil", "", "lamps"],
        "language": "en-GB",
    }
    assert origin_of(metadata) == Origin("Ann Lee", None, "en", {"Keywords": "oil, lamps"})


@pytest.mark.parametrize(
    "metadata",
    [{}, {"authors": "Ann", "created_at": 7, "language": "python", "keywords": {"a": 1}}],
)
def test_that_odd_values_say_nothing(metadata: dict[str, object]) -> None:
    assert origin_of(metadata) == Origin()


def test_that_dates_are_read_in_the_spellings_of_many_programs() -> None:
    expected = datetime(2022, 4, 3, 19, 29, 38, tzinfo=UTC).timestamp()
    assert seconds("2022-04-03T19:29:38Z") == expected
    assert seconds("2022-04-03T21:29:38+02:00") == expected
    local = seconds("2022-04-03T19:29:38.552950244")
    assert local is not None and abs(local - expected) < 86400


@pytest.mark.parametrize("date", ["", "yesterday", "1601-01-01T00:00:00Z", None, 7])
def test_that_what_is_no_date_of_a_document_is_none(date: object) -> None:
    assert seconds(date) is None


def test_that_a_date_ahead_is_none() -> None:
    ahead = datetime.fromtimestamp(time.time() + 10 * 86400, tz=UTC)
    assert seconds(ahead.isoformat()) is None
