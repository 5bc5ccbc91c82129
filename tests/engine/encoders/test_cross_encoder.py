from __future__ import annotations

import numpy as np
import pytest

from engine.encoders.cross_encoder import CrossEncoder, load_cross_encoder


@pytest.fixture(scope="module")
def cross_encoder() -> CrossEncoder:
    return load_cross_encoder(threads=2)


def test_that_an_answer_scores_above_what_only_shares_words(cross_encoder: CrossEncoder) -> None:
    scores = cross_encoder.score(
        "How many people live in Berlin?",
        [
            "New York City is famous for the Metropolitan Museum of Art.",
            "Berlin had a population of 3,520,031 registered inhabitants in 2016.",
            "Many people live in houses and ask how.",
        ],
    )
    assert scores.dtype == np.float32
    assert scores.argmax() == 1
    assert scores[1] > 0 > scores[0]


def test_that_a_score_does_not_depend_on_its_company(cross_encoder: CrossEncoder) -> None:
    passages = ["short", "a longer passage about sourdough bread " * 20, ""]
    together = cross_encoder.score("bread", passages)
    alone = [cross_encoder.score("bread", [passage])[0] for passage in passages]
    np.testing.assert_array_equal(together, alone)


def test_that_no_passages_give_no_scores(cross_encoder: CrossEncoder) -> None:
    assert cross_encoder.score("bread", []).shape == (0,)
