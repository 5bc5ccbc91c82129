"""Tuning from labels to a verdict, with a real trainer and a tiny model."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.encoders.torchvision_ops import define_missing
from engine.errors import JobCancelled, NotEnoughData
from engine.events import Measured, Progress
from engine.training.corpus import Corpus
from engine.training.gate import MIN_HELD_OUT
from engine.training.pairs import JudgedQuery, LabelledPassage
from engine.recipe import Recipe
from engine.training.tune import MIN_QUERIES, TuneSpec, missing, tune

N_QUERIES = 80
ASKED = ("doctor", "lawyer", "teacher", "farmer", "sailor", "painter", "baker", "miner")
ANSWERED = ("hospital", "court", "school", "field", "ship", "gallery", "oven", "coal")
NOISE = (
    "red green blue old new big small one two three four five six seven eight nine north south "
    "east west summer winter spring morning evening night king queen river lake hill stone"
)


class DenseEncoder:
    """What `tune` asks of an encoder, without exporting the model first."""

    def __init__(self, weights: Path) -> None:
        define_missing()
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(weights), device="cpu", local_files_only=True)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_passages(texts)

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._model.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False
        )
        if on_batch:
            on_batch(len(texts))
        return vectors


@pytest.fixture(scope="module")
def base(tiny_weights: Path) -> DenseEncoder:
    return DenseEncoder(tiny_weights)


@pytest.fixture(scope="module")
def spec(
    tiny_weights: Path, base: DenseEncoder, tmp_path_factory: pytest.TempPathFactory
) -> TuneSpec:
    """Whoever asks for a doctor wants a hospital: nothing else in the texts tells anything."""
    chance = random.Random(0)

    def padded(word: str) -> str:
        words = [word, word, *chance.sample(NOISE.split(), 3)]
        chance.shuffle(words)
        return " ".join(words)

    texts = tuple(padded(ANSWERED[n % len(ANSWERED)]) for n in range(N_QUERIES))
    queries = tuple(
        JudgedQuery(
            f"q{n}", padded(ASKED[n % len(ASKED)]), (LabelledPassage(f"d{n}", texts[n], 2),)
        )
        for n in range(N_QUERIES)
    )
    corpus = Corpus(tuple(f"d{n}" for n in range(N_QUERIES)), texts, base.encode_passages(texts))
    target = tmp_path_factory.mktemp("tuned") / "weights"
    recipe = Recipe(epochs=15, batch_size=8, learning_rate=3e-3, negatives=1, probes_an_epoch=1)
    return TuneSpec("job", tiny_weights, target, queries, corpus, recipe)


def ignore(event: Progress | Measured) -> None:
    pass


def nothing() -> None:
    pass


def test_that_what_can_be_learnt_is_learnt_and_accepted(spec: TuneSpec, base: DenseEncoder) -> None:
    events: list[Progress | Measured] = []
    tuned = tune(spec, base, DenseEncoder, events.append, nothing)
    assert tuned.gate.accepted, tuned.gate
    assert tuned.gate.n_queries == round(0.3 * N_QUERIES)
    assert tuned.gate.after > tuned.gate.before
    assert (spec.target / "model.safetensors").is_file()
    np.testing.assert_allclose(
        tuned.vectors, DenseEncoder(spec.target).encode_passages(spec.corpus.texts), atol=1e-5
    )
    assert {e.series for e in events if isinstance(e, Measured)} == {"loss", "nDCG@10"}
    training = [e for e in events if isinstance(e, Progress) and e.stage == "Training"]
    assert training[-1].done == training[-1].total
    assert {e.job for e in events} == {"job"}


def test_that_random_positives_are_refused(
    spec: TuneSpec, base: DenseEncoder, tmp_path: Path
) -> None:
    found = [query.positives for query in spec.queries]
    random.Random(1).shuffle(found)
    shuffled = tuple(
        replace(query, positives=p) for query, p in zip(spec.queries, found, strict=True)
    )
    wrong = replace(spec, queries=shuffled, target=tmp_path / "weights")
    tuned = tune(wrong, base, DenseEncoder, ignore, nothing)
    assert not tuned.gate.accepted, tuned.gate


def test_that_too_few_queries_are_told_with_their_number(
    spec: TuneSpec, base: DenseEncoder, tmp_path: Path
) -> None:
    few = replace(spec, queries=spec.queries[: MIN_QUERIES - 3], target=tmp_path / "weights")
    with pytest.raises(NotEnoughData) as raised:
        tune(few, base, DenseEncoder, ignore, nothing)
    assert raised.value.message == missing(MIN_QUERIES - 3)
    assert "3 more" in raised.value.message
    assert missing(MIN_QUERIES) == ""


def test_that_labels_of_documents_that_are_gone_do_not_count(
    spec: TuneSpec, base: DenseEncoder, tmp_path: Path
) -> None:
    gone = tuple(
        replace(query, positives=(LabelledPassage(f"gone{number}", "", 2),))
        for number, query in enumerate(spec.queries)
    )
    with pytest.raises(NotEnoughData, match="there are 0"):
        tune(
            replace(spec, queries=gone, target=tmp_path / "w"), base, DenseEncoder, ignore, nothing
        )


def test_that_queries_which_all_share_one_document_are_refused(
    spec: TuneSpec, base: DenseEncoder, tmp_path: Path
) -> None:
    alike = tuple(replace(query, positives=spec.queries[0].positives) for query in spec.queries)
    with pytest.raises(NotEnoughData, match=f"{MIN_HELD_OUT} each are needed"):
        tune(
            replace(spec, queries=alike, target=tmp_path / "w"), base, DenseEncoder, ignore, nothing
        )


def test_that_cancelling_while_mining_stops_at_once(
    spec: TuneSpec, base: DenseEncoder, tmp_path: Path
) -> None:
    stages: list[str] = []

    def hear(event: Progress | Measured) -> None:
        if isinstance(event, Progress):
            stages.append(event.stage)

    def cancel() -> None:
        if stages and stages[-1].startswith("Looking"):
            raise JobCancelled

    with pytest.raises(JobCancelled):
        tune(replace(spec, target=tmp_path / "w"), base, DenseEncoder, hear, cancel)
    assert not any(tmp_path.iterdir())
