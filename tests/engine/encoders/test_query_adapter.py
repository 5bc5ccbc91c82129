from __future__ import annotations

import numpy as np
import pytest

from engine.encoders.held_out import Setting
from engine.encoders.query_adapter import QueryAdapter, _maps, _trials, fit_query_adapter
from tests.engine.encoders.described import two_spaces


def recall_at_1(queries: np.ndarray, pictures: np.ndarray, right: np.ndarray) -> float:
    return float(((queries @ pictures.T).argmax(axis=1) == right).mean())


def test_that_an_adapter_brings_queries_to_pictures_it_has_not_seen() -> None:
    every = two_spaces(300)
    half = every.picture_of < 150
    adapter, held_out = fit_query_adapter(every.among(half), "encoder")
    pictures, asked, right = every.pictures.meaning, every.texts[~half], every.picture_of[~half]
    before = recall_at_1(asked, pictures, right)
    after = recall_at_1(adapter.queries(asked), pictures, right)
    assert after > before + 0.2
    assert held_out.recall_after[1] - held_out.recall_before[1] == pytest.approx(
        after - before, abs=0.12
    )
    assert np.linalg.norm(adapter.queries(asked), axis=1) == pytest.approx(1.0, abs=1e-5)


def test_that_pictures_keep_their_vectors() -> None:
    every = two_spaces(60)
    adapter, _ = fit_query_adapter(every, "encoder")
    assert adapter.meaning(every.pictures) is every.pictures.meaning


def test_that_a_hard_held_map_only_takes_off_what_all_texts_share() -> None:
    every = two_spaces(60)
    mean, (weights,) = _maps(every, (1e6,))
    assert weights == pytest.approx(np.eye(len(mean)), abs=1e-4)
    assert mean == pytest.approx(every.texts.mean(axis=0), abs=1e-6)


def test_that_trials_rank_as_use_does() -> None:
    every = two_spaces(60)
    asked = every.texts[:10]
    chosen = Setting(0.01, 0.5)
    scores = dict(_trials(every, asked, every.pictures))[chosen]
    mean, (weights,) = _maps(every, (chosen.penalty,))
    used = QueryAdapter("encoder", mean, weights, chosen).queries(asked)
    assert (scores.argsort(axis=1) == (used @ every.pictures.meaning.T).argsort(axis=1)).all()
