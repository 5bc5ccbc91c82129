from __future__ import annotations

import time

import pytest

from gui import wording


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (8.4, "8 s"), (59.4, "59 s"), (180, "3 min"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_that_a_span_of_time_is_rough(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("rate", "words"), [(140.4, "140 steps/s"), (1.26, "1.3 steps/s"), (0.08, "4.8 steps/min")]
)
def test_that_a_speed_is_never_nothing(rate: float, words: str) -> None:
    assert wording.rate(rate, "steps") == words


def test_that_nouns_agree_with_their_number() -> None:
    assert wording.count(1, "file") == "1 file"
    assert wording.count(0, "file") == "0 files"
    assert wording.count(1204, "query", "queries") == "1,204 queries"


def test_that_days_close_by_have_names() -> None:
    now = time.time()
    assert wording.date(now) == "Today"
    assert wording.date(now - 86_400) == "Yesterday"
    assert wording.date_within(now - 86_400) == "yesterday"
    assert wording.date(0).endswith("1970")
    assert wording.date_within(0) == wording.date(0)


@pytest.mark.parametrize(
    ("path", "folder", "name"),
    [
        ("/home/ines/a.pdf", "/home/ines", "a.pdf"),
        ("C:\\Users\\Ines\\a.pdf", "C:\\Users\\Ines", "a.pdf"),
        ("4983", "", "4983"),
        ("/", "/", "/"),
    ],
)
def test_that_paths_of_every_platform_are_taken_apart(path: str, folder: str, name: str) -> None:
    assert wording.folder_name(path) == folder
    assert wording.file_name(path) == name
