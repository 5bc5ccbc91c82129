from __future__ import annotations

import random

import pytest

from engine.storage.signature import signature, similarity


def _sequences(words: list[str]) -> set[tuple[str, ...]]:
    padded = ["", "", *words]
    return {tuple(padded[n : n + 3]) for n in range(len(words))}


@pytest.mark.parametrize("changed", [0, 3, 20, 80, 200])
def test_that_signatures_estimate_how_much_two_texts_share(changed: int) -> None:
    chance = random.Random(changed)
    one = [f"word{chance.randrange(5000)}" for _ in range(400)]
    other = list(one)
    for place in chance.sample(range(400), changed):
        other[place] = "changed"
    first, second = _sequences(one), _sequences(other)
    true = len(first & second) / len(first | second)
    estimate = similarity(signature(" ".join(one)), signature(" ".join(other)))
    assert estimate == pytest.approx(true, abs=0.19)  # three standard errors


def test_that_case_space_and_punctuation_do_not_count() -> None:
    assert similarity(signature("The whale, sings."), signature("the  WHALE sings")) == 1.0


def test_that_texts_without_words_are_like_nothing() -> None:
    assert signature(" …\n") == b""
    assert similarity(b"", b"") == 0.0
    assert similarity(b"", signature("word")) == 0.0
