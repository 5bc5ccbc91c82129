"""Near duplicates, against comparing every pair."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.near_duplicates import RESEMBLANCE, near_duplicates
from engine.training.pairs import normalised

WORDS = st.sampled_from(["red", "fish", "swims", "the", "underneath", "ice", "Ice", "é", ""])
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)


def resemblance(one: str, other: str) -> float:
    sets = []
    for text in (normalised(one), normalised(other)):
        words = text.split() or [text]
        sets.append({*words, *(" ".join(words[i : i + 2]) for i in range(len(words) - 1))})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, max_size=15))
def test_that_exactly_the_pairs_above_the_threshold_are_found(texts: list[str]) -> None:
    expected = {
        (i, j)
        for i, j in combinations(range(len(texts)), 2)
        if resemblance(texts[i], texts[j]) >= RESEMBLANCE
    }
    found = list(near_duplicates(texts))
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_that_case_width_and_spaces_do_not_matter() -> None:
    assert list(near_duplicates(["Red  Fish", "red fish", "ＲＥＤ fish", "blue"])) == [
        (0, 1),
        (0, 2),
        (1, 2),
    ]


def test_that_scripts_without_spaces_are_compared_by_character() -> None:
    assert list(near_duplicates(["東京の天気はどうですか", "東京の天気はどうかな", "猫と犬"])) == [
        (0, 1)
    ]
