from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.encoders.bridge import Bridge, _trials, fit_bridge
from engine.encoders.held_out import HeldOut
from engine.encoders.image_encoder import ImageVectors
from tests.engine.encoders.described import world


@pytest.fixture(scope="module")
def fitted() -> tuple[Bridge, HeldOut]:
    return fit_bridge(world(150), "encoder")


def test_that_a_bridge_learns_what_pictures_do_not_say(fitted: tuple[Bridge, HeldOut]) -> None:
    bridge, held_out = fitted
    assert held_out.recall_after[10] > 0.8 > 0.4 > held_out.recall_before[10]
    assert held_out.n_pictures == 150 == len(held_out.ndcg_after)
    assert held_out.n_texts == 300
    assert bridge.setting.share >= 0.5


def test_that_a_fitted_bridge_serves_pictures_it_has_not_seen() -> None:
    every = world(200)
    half = every.picture_of < 120
    bridge, _ = fit_bridge(every.among(half), "encoder")
    unseen = ImageVectors(every.pictures.look[120:], every.pictures.meaning[120:])
    found = (every.texts[~half] @ bridge.meaning(unseen).T).argmax(axis=1)
    assert float((found == every.picture_of[~half] - 120).mean()) > 0.6


def test_that_the_mix_scored_in_trials_is_the_mix_that_is_used(
    fitted: tuple[Bridge, HeldOut],
) -> None:
    bridge, _ = fitted
    every = world(150)
    scores = next(
        found
        for setting, found in _trials(every, every.texts[:20], every.pictures)
        if setting == bridge.setting
    )
    used = every.texts[:20] @ bridge.meaning(every.pictures).T
    assert scores == pytest.approx(used, abs=1e-5)


def test_that_fitting_the_same_twice_gives_the_same(fitted: tuple[Bridge, HeldOut]) -> None:
    again, held_out = fit_bridge(world(150), "encoder")
    assert again.fingerprint == fitted[0].fingerprint
    assert held_out == fitted[1]


def test_that_pictures_without_texts_are_told_apart_from_but_not_learned_from(
    fitted: tuple[Bridge, HeldOut],
) -> None:
    few, random = world(150), np.random.default_rng(9)
    others = world(700).pictures
    order = random.permutation(700)[:500] + 150
    more = ImageVectors(
        np.concatenate([others.look[order - 150], few.pictures.look]),
        np.concatenate([others.meaning[order - 150], few.pictures.meaning]),
    )
    again, held_out = fit_bridge(
        replace(few, pictures=more, picture_of=few.picture_of + 500), "encoder"
    )
    assert again.mean == pytest.approx(fitted[0].mean, abs=1e-6)
    assert held_out.n_pictures == 150
    assert held_out.recall_before[10] < fitted[1].recall_before[10]


def test_that_whatever_changes_vectors_changes_the_fingerprint(
    fitted: tuple[Bridge, HeldOut],
) -> None:
    bridge = fitted[0]
    others = [
        replace(bridge, encoder_fingerprint="other"),
        replace(bridge, setting=replace(bridge.setting, share=bridge.setting.share / 2)),
        replace(bridge, weights=bridge.weights * 2),
    ]
    assert len({other.fingerprint for other in [bridge, *others]}) == 4
