"""Tuning from labels to a verdict, with a real trainer and a tiny model."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from engine.encoders.torchvision_ops import define_missing
from engine.errors import JobCancelled, NotEnoughData
from engine.events import Measured, Progress
from engine.recipe import Recipe, Stage
from engine.records import GateRules
from engine.training import gate
from engine.training.corpus import Corpus
from engine.training.gate import MIN_HELD_OUT
from engine.training.general_set import GeneralSet
from engine.training.pairs import JudgedQuery, LabelledPassage
from engine.training.plan import MIN_QUERIES, Plan, TuneSpec, missing, planned
from engine.training.stages import Stages
from engine.training.training_set import TrainingSet
from engine.training.tune import ReadyModel, carried_out, tune

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


def ready(weights: Path) -> ReadyModel:
    return ReadyModel(DenseEncoder(weights), (weights / "model.safetensors").stat().st_size)


@pytest.fixture(scope="module")
def base(tiny_weights: Path) -> ReadyModel:
    return ready(tiny_weights)


@pytest.fixture(scope="module")
def spec(
    tiny_weights: Path, base: ReadyModel, tmp_path_factory: pytest.TempPathFactory
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
    corpus = Corpus(
        tuple(f"d{n}" for n in range(N_QUERIES)), texts, base.encoder.encode_passages(texts)
    )
    folder = tmp_path_factory.mktemp("tuned")
    stage = Stage(("set",), epochs=15, batch_size=8, learning_rate=3e-3)
    recipe = Recipe(stages=(stage,), probes_an_epoch=1)
    (folder / "checkpoints").mkdir()
    data = TrainingSet(queries, (), {}, "a test", "0")
    return TuneSpec(
        tiny_weights, folder / "weights", folder / "checkpoints", data, corpus, recipe, RULES
    )


RULES = GateRules(slower=10)
"""Times of a tiny model say nothing."""


def ignore(event: Progress | Measured) -> None:
    pass


def nothing() -> None:
    pass


def stages(
    report: Callable[[Progress | Measured], None] = ignore,
    checkpoint: Callable[[], None] = nothing,
) -> Stages:
    return Stages("job", gate.MEASURE, report, checkpoint)


def within(spec: TuneSpec, folder: Path, queries: Sequence[JudgedQuery] | None = None) -> TuneSpec:
    """The same to be made in another folder, perhaps of other queries."""
    (folder / "checkpoints").mkdir()
    queries = spec.data.queries if queries is None else tuple(queries)
    return replace(
        spec,
        target=folder / "weights",
        checkpoints=folder / "checkpoints",
        data=replace(spec.data, queries=queries),
    )


def test_that_what_can_be_learnt_is_learnt_and_accepted(spec: TuneSpec, base: ReadyModel) -> None:
    events: list[Progress | Measured] = []
    same = {f"g{n}": text for n, text in enumerate(spec.corpus.texts)}
    general = GeneralSet(tuple(same), tuple(same.values()), same, {q: {q: 1} for q in same}, ())
    tuned = tune(replace(spec, general=general), base, ready, stages(events.append))
    assert tuned.gate.accepted, tuned.gate
    assert [check.passed for check in tuned.gate.checks] == [True] * 5
    assert tuned.general_before == pytest.approx(1)
    assert tuned.gate.n_queries == round(0.3 * N_QUERIES)
    assert tuned.gate.after > tuned.gate.before
    assert (spec.target / "model.safetensors").is_file()
    np.testing.assert_allclose(
        tuned.vectors, DenseEncoder(spec.target).encode_passages(spec.corpus.texts), atol=1e-5
    )
    assert {"loss", "nDCG@10"} <= {e.series for e in events if isinstance(e, Measured)}
    training = [e for e in events if isinstance(e, Progress) and e.stage == "Training"]
    assert training[-1].done == training[-1].total
    assert {e.job for e in events} == {"job"}
    assert tuned.before.keys() == tuned.after.keys() and len(tuned.after) == tuned.gate.n_queries


def test_that_random_positives_are_refused(
    spec: TuneSpec, base: ReadyModel, tmp_path: Path
) -> None:
    found = [query.positives for query in spec.data.queries]
    random.Random(1).shuffle(found)
    shuffled = [
        replace(query, positives=p) for query, p in zip(spec.data.queries, found, strict=True)
    ]
    tuned = tune(within(spec, tmp_path, shuffled), base, ready, stages())
    assert not tuned.gate.accepted, tuned.gate


def test_that_too_few_queries_are_told_with_their_number(
    spec: TuneSpec, base: ReadyModel, tmp_path: Path
) -> None:
    few = within(spec, tmp_path, spec.data.queries[: MIN_QUERIES - 3])
    with pytest.raises(NotEnoughData) as raised:
        tune(few, base, ready, stages())
    assert raised.value.message == missing(MIN_QUERIES - 3)
    assert "3 more" in raised.value.message
    assert missing(MIN_QUERIES) == ""


def test_that_labels_of_documents_that_are_gone_do_not_count(
    spec: TuneSpec, base: ReadyModel, tmp_path: Path
) -> None:
    gone = [
        replace(query, positives=(LabelledPassage(f"gone{number}", "", 2),))
        for number, query in enumerate(spec.data.queries)
    ]
    with pytest.raises(NotEnoughData, match="there are 0"):
        tune(within(spec, tmp_path, gone), base, ready, stages())


def test_that_queries_which_all_share_one_document_are_refused(
    spec: TuneSpec, base: ReadyModel, tmp_path: Path
) -> None:
    first = spec.data.queries[0].positives
    alike = [replace(query, positives=first) for query in spec.data.queries]
    with pytest.raises(NotEnoughData, match=f"{MIN_HELD_OUT} each are needed"):
        tune(within(spec, tmp_path, alike), base, ready, stages())


def test_that_cancelling_while_mining_stops_at_once(
    spec: TuneSpec, base: ReadyModel, tmp_path: Path
) -> None:
    heard: list[str] = []

    def hear(event: Progress | Measured) -> None:
        if isinstance(event, Progress):
            heard.append(event.stage)

    def cancel() -> None:
        if heard and heard[-1].startswith("Looking"):
            raise JobCancelled

    with pytest.raises(JobCancelled):
        tune(within(spec, tmp_path), base, ready, stages(hear, cancel))
    assert not (tmp_path / "weights").exists()


def test_that_training_goes_on_from_a_kept_plan_to_the_same_model(
    spec: TuneSpec, base: ReadyModel, tmp_path: Path
) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole, parts = within(spec, tmp_path / "whole"), within(spec, tmp_path / "parts")
    plan = planned(whole, base.encoder, stages())
    args = (whole.corpus, RULES, None, base, ready)
    expected = carried_out(plan, *args, stages())
    order = msgspec.structs.replace(
        plan.order, target=str(parts.target), checkpoints=str(parts.checkpoints)
    )
    kept = msgspec.msgpack.encode(msgspec.structs.replace(plan, order=order))
    saved: list[int] = []

    def stop() -> None:
        if saved:
            raise JobCancelled

    interrupted = Stages(
        "job", gate.MEASURE, ignore, stop, saved=lambda step, _: saved.append(step)
    )
    with pytest.raises(JobCancelled):
        carried_out(msgspec.msgpack.decode(kept, type=Plan), *args, interrupted)
    assert not parts.target.exists()
    after = stages()
    found = carried_out(msgspec.msgpack.decode(kept, type=Plan), *args, after)
    assert found.gate.before == expected.gate.before
    assert found.gate.after == expected.gate.after
    for name, weight in load_file(whole.target / "model.safetensors").items():
        np.testing.assert_array_equal(weight, load_file(parts.target / "model.safetensors")[name])
    steps = [point.step for point in after.curve if point.series == "loss"]
    assert steps == list(range(1, found.trained.n_steps + 1))
