from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from engine.encoders.fidelity import Checked, is_faithful, ndcg_at_10, read_check_set


def test_ndcg_against_a_value_worked_by_hand() -> None:
    gained = 2 / math.log2(2) + 1 / math.log2(4)
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert ndcg_at_10(["a", "x", "b"], {"a": 2, "b": 1}) == pytest.approx(gained / ideal)


def test_that_ranks_beyond_ten_gain_nothing() -> None:
    ranking = [f"x{rank}" for rank in range(10)] + ["a"]
    assert ndcg_at_10(ranking, {"a": 3}) == 0.0


def test_that_a_query_without_anything_relevant_scores_zero() -> None:
    assert ndcg_at_10(["a"], {"a": 0}) == 0.0


def test_that_the_check_set_is_read(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "1", "title": "Bread", "text": "sour"}\n{"_id": "2", "title": "", "text": "x"}\n'
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "why"}\n')
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\t1\t2\n")
    check_set = read_check_set(tmp_path)
    assert check_set.passages == {"1": "Bread\nsour", "2": "x"}
    assert check_set.queries == {"q": "why"}
    assert check_set.qrels == {"q": {"1": 2}}


_NEAR, _FAR = ((1.0, 0.0), (0.0, 1.0)), ((1.0, 0.0), (0.28, 0.96))


def _checked(
    *ndcgs: float, vectors: tuple[tuple[float, float], tuple[float, float]] = _NEAR
) -> Checked:
    return Checked(np.array(vectors, dtype=np.float32), np.array(ndcgs), 1.0)


EXACT = _checked(0.8, 0.6, 1.0, 0.7)


@pytest.mark.parametrize(
    ("fast", "faithful"),
    [
        (_checked(0.8, 0.6, 1.0, 0.7), True),
        (_checked(0.9, 0.6, 1.0, 0.7), True),
        (_checked(0.796, 0.596, 0.996, 0.696), True),
        (_checked(0.79, 0.59, 0.99, 0.69), False),  # a little, but of every query
        (_checked(0.8, 0.6, 0.9, 0.7), True),  # of one query, as near-equals change places
        (_checked(0.6, 0.5, 0.8, 0.4), False),
        (_checked(0.8, 0.6, 1.0, 0.7, vectors=_FAR), False),
    ],
)
def test_that_only_a_variant_as_good_as_the_exact_one_is_faithful(
    fast: Checked, faithful: bool
) -> None:
    assert is_faithful(fast, EXACT) is faithful
