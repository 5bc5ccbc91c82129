from __future__ import annotations

import numpy as np
import pytest

from engine.encoders.bridge_gain import (
    folds_of,
    gain_of,
    judged_captions,
    p_value,
    ranks_of,
)


def test_that_ranks_count_ties_against_the_picture() -> None:
    queries = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    meaning = np.array([[1.0, 0.0], [0.5, 0.0], [1.0, 1.0]], np.float32)
    assert ranks_of(queries, meaning, np.array([0, 2])).tolist() == [2, 1]


def test_that_captions_of_one_picture_are_one_piece_of_evidence() -> None:
    differences = np.ones(40)
    alone = p_value(differences, np.arange(40))
    grouped = p_value(differences, np.repeat(np.arange(2), 20))
    assert alone < 0.001
    assert grouped == pytest.approx(0.5, abs=0.05)  # both signs alike, in half of all flips


def test_that_no_difference_is_no_evidence() -> None:
    assert p_value(np.zeros(30), np.arange(30)) == 1.0


def test_that_what_is_reported_was_not_chosen_for() -> None:
    # Every setting is random: the best on all captions would seem to gain, a nested choice cannot.
    random = np.random.default_rng(0)
    folds = folds_of(300)
    judged = judged_captions(np.arange(300), folds)
    before = random.integers(1, 40, 300)
    settings = [random.integers(1, 40, 300) for _ in range(60)]
    best = max(float((ranks <= 10).mean()) for ranks in settings)
    gain = gain_of(before, settings, judged, 300, 300)
    assert gain.recall_after < best
    assert gain.recall_after == pytest.approx(10 / 39, abs=0.06)


def test_that_folds_are_even_and_always_the_same() -> None:
    assert sorted(np.bincount(folds_of(52)).tolist()) == [10, 10, 10, 11, 11]
    assert (folds_of(52) == folds_of(52)).all()


def test_that_many_captions_are_sampled() -> None:
    picture_of = np.repeat(np.arange(1000), 5)
    judged = judged_captions(picture_of, folds_of(1000)[picture_of])
    assert len(judged.captions) == 2000 == len(np.unique(judged.captions))
    assert (picture_of[judged.captions] == judged.pictures).all()
    assert (judged.all_folds[judged.captions] == judged.folds).all()
