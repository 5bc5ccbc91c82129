from __future__ import annotations

import numpy as np
import pytest

from engine.encoders.label_map import label_map


def test_that_a_sure_classifier_means_its_label_without_what_labels_share() -> None:
    vectors = np.array([[0.8, 0.6, 0.0], [0.8, 0.0, 0.6], [0.8, -0.6, -0.6]], np.float32)
    meaning = label_map(vectors).meaning(np.array([[100.0, 0.0, 0.0]], np.float32))
    assert meaning[0] == pytest.approx([0.0, 1.0, 0.0], abs=1e-5)


def test_that_probabilities_are_softened_by_a_temperature_of_two() -> None:
    vectors = np.eye(2, dtype=np.float32)
    meaning = label_map(vectors).meaning(np.array([[2.0, 0.0]], np.float32))
    weights = np.exp([1.0, 0.0]) / np.exp([1.0, 0.0]).sum()
    expected = (weights - weights.mean()) / np.linalg.norm(weights - weights.mean())
    assert meaning[0] == pytest.approx(expected, abs=1e-6)


def test_that_huge_logits_do_not_overflow() -> None:
    meaning = label_map(np.eye(2, dtype=np.float32)).meaning(np.array([[1e4, -1e4]], np.float32))
    assert np.isfinite(meaning).all()
