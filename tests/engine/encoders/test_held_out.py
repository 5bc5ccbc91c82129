from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from engine.encoders.bridge import fit_bridge
from engine.encoders.descriptions import Descriptions, Vectors
from engine.encoders.held_out import (
    PENALTIES,
    Setting,
    cross_validated,
    folds_of,
)
from engine.encoders.image_encoder import ImageVectors
from tests.engine.encoders.described import described, world


def nothing(
    train: Descriptions, queries: Vectors, candidates: ImageVectors
) -> Iterator[tuple[Setting, Vectors]]:
    """A trial that changes nothing."""
    yield Setting(PENALTIES[0], 1.0), queries @ candidates.meaning.T


def test_that_ranks_count_ties_against_the_picture() -> None:
    meaning = np.array([[1.0, 0.0], [0.5, 0.0], [1.0, 1.0]] + [[0.0, 0.0]] * 40, np.float32)
    texts = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    _, found = cross_validated(
        described(ImageVectors(meaning, meaning), texts, np.array([0, 2])), nothing
    )
    assert found.recall_before == {1: 0.5, 5: 1.0, 10: 1.0}
    assert sorted(found.ndcg_before.values()) == [pytest.approx(1 / np.log2(3)), 1.0]


def test_that_texts_of_one_picture_are_one_piece_of_evidence() -> None:
    _, found = cross_validated(world(50, texts_each=3), nothing)
    assert len(found.ndcg_before) == 50
    assert found.ndcg_before == found.ndcg_after


def test_that_pictures_described_alike_are_one_piece_of_evidence_and_not_each_others_wrong() -> (
    None
):
    every = world(60, texts_each=1)
    every = replace(every, text_of=every.text_of // 4, texts=every.texts[every.text_of // 4 * 4])
    alike = replace(
        every,
        pictures=ImageVectors(every.pictures.look, every.texts[np.arange(60) // 4 * 4]),
    )
    _, found = cross_validated(alike, nothing)
    assert len(found.ndcg_before) == 15
    assert found.recall_before[1] == 1.0  # the three others of its text are no rivals


def test_that_a_text_is_judged_by_fits_that_saw_neither_it_nor_its_picture() -> None:
    every = world(60)
    every = replace(every, text_of=every.text_of % 45)  # some texts stand with several pictures
    folds = folds_of(every.picture_of)
    seen: list[tuple[set[int], set[int]]] = []

    def watch(
        train: Descriptions, queries: Vectors, candidates: ImageVectors
    ) -> Iterator[tuple[Setting, Vectors]]:
        seen.append((set(train.picture_of.tolist()), set(train.text_of.tolist())))
        yield from nothing(train, queries, candidates)

    cross_validated(every, watch)
    assert len(seen) == 5
    for fold, (pictures, texts) in enumerate(seen):
        held = folds == fold
        assert not pictures & set(every.picture_of[held].tolist())
        assert not texts & set(every.text_of[held].tolist())
        assert pictures


def test_that_what_is_reported_was_not_chosen_for() -> None:
    # Every setting is random: the best on all texts would seem to gain, a nested choice cannot.
    every = world(300, texts_each=1, told=0.0)
    random = np.random.default_rng(0)

    def luck(
        train: Descriptions, queries: Vectors, candidates: ImageVectors
    ) -> Iterator[tuple[Setting, Vectors]]:
        for number in range(60):
            yield Setting(number, 1.0), random.random((len(queries), 300)).astype(np.float32)

    _, found = cross_validated(every, luck)
    assert found.recall_after[10] == pytest.approx(10 / 300, abs=0.025)


def test_that_folds_are_even_and_always_the_same() -> None:
    folds = folds_of(np.arange(52))
    assert sorted(np.bincount(folds).tolist()) == [10, 10, 10, 11, 11]
    assert (folds == folds_of(np.arange(52))).all()
    twice = folds_of(np.repeat(np.arange(52), 2))
    assert (twice.reshape(52, 2) == folds[:, None]).all()


def test_that_many_texts_and_pictures_are_sampled() -> None:
    sizes = []

    def measure(
        train: Descriptions, queries: Vectors, candidates: ImageVectors
    ) -> Iterator[tuple[Setting, Vectors]]:
        sizes.append((len(queries), len(candidates.look)))
        yield from nothing(train, queries, candidates)

    every = world(9000, texts_each=1).among(np.arange(9000) < 3000)
    cross_validated(every, measure)
    assert sum(asked for asked, _ in sizes) == 2000
    assert {among for _, among in sizes} == {7000}


def test_that_texts_without_a_pattern_gain_nothing() -> None:
    every = world(80, told=3.0)
    look = np.random.default_rng(0).permutation(every.pictures.look)
    _, found = fit_bridge(
        replace(every, pictures=ImageVectors(look, every.pictures.meaning)), "encoder"
    )
    assert found.recall_after[10] >= found.recall_before[10] - 0.02


def test_that_cross_validation_can_be_given_up() -> None:
    told = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cross_validated(world(50), nothing, stop)
    assert told == [(0, 5), (1, 5), (2, 5)]
