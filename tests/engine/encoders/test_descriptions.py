from __future__ import annotations

from dataclasses import replace

import pytest

from engine.encoders.descriptions import check, missing
from engine.errors import InvalidInput, NotEnoughData
from tests.engine.encoders.described import world


def test_that_few_pictures_are_refused_in_words() -> None:
    with pytest.raises(NotEnoughData, match="12 pictures have a text"):
        check(world(12))
    assert missing(1).startswith("1 picture has")
    assert missing(40) == ""


def test_that_texts_of_another_space_are_refused() -> None:
    every = world(50)
    with pytest.raises(InvalidInput, match="space"):
        check(replace(every, texts=every.texts[:, :-1]))
    with pytest.raises(InvalidInput, match="not there"):
        check(replace(every, picture_of=every.picture_of + 1))
