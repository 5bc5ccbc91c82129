"""What a tuning learns from: by stage and origin, and nothing that its test knows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.errors import NotEnoughData
from engine.recipe import Origin, Recipe, Stage
from engine.training import gate
from engine.training.corpus import Corpus
from engine.training.general_set import GeneralSet
from engine.training.pairs import JudgedQuery, LabelledPassage, normalised
from engine.training.plan import Plan, TuneSpec, planned
from engine.training.stages import Stages
from engine.training.training_set import TrainingSet, WeakPair
from tests.engine.training.hashed_words import HashedWords

N = 60
BASE = HashedWords()
ANIMALS = ["otter", "heron", "badger", "lynx", "swift", "eel", "viper", "hare", "toad", "wren"]
PLACES = ["river", "meadow", "tunnel", "forest", "tower", "pond", "slope", "field"]


def words(number: int) -> str:
    return f"{ANIMALS[number % 10]}{number} {PLACES[number % 8]}{number // 3}"


TEXTS = tuple(f"The {words(n)} is home to number {n} of {n * 7} of them" for n in range(2 * N))
DOCUMENTS = tuple(f"d{n}" for n in range(2 * N))
CORPUS = Corpus(DOCUMENTS, TEXTS, BASE.encode_passages(TEXTS))
QUERIES = tuple(
    JudgedQuery(f"q{n}", f"where lives {words(n)}", (LabelledPassage(f"d{n}", TEXTS[n], 3),))
    for n in range(N)
)


def weak(origin: Origin, number: int, query: str = "", **more: object) -> WeakPair:
    asked = query or f"seen near {words(number)}"
    return WeakPair(origin, asked, f"d{number}", TEXTS[number], 0.4, **more)  # type: ignore[arg-type]


def plan_of(
    *stages: Stage,
    weak: Sequence[WeakPair] = (),
    queries: Sequence[JudgedQuery] = QUERIES,
    **more: object,
) -> Plan:
    negatives = {normalised(QUERIES[0].text): (TEXTS[N + 5],)}
    data = TrainingSet(tuple(queries), tuple(weak), negatives, "a test", "0")
    recipe = Recipe(stages=stages or (Stage(),))
    spec = TuneSpec(Path("w"), Path("t"), Path("c"), data, CORPUS, **{"recipe": recipe, **more})  # type: ignore[arg-type]
    return planned(spec, BASE, Stages("job", gate.MEASURE, lambda _: None, lambda: None))


def origins(plan: Plan, stage: int) -> set[str]:
    return {e.query.split()[0] for e in plan.order.stages[stage].examples}


def test_that_each_stage_learns_pairs_of_its_origins() -> None:
    used = [weak("open", N + n) for n in range(10)]
    plan = plan_of(Stage(("open", "dwell")), Stage(("set",), negatives=3), weak=used)
    assert origins(plan, 0) == {"seen"} and origins(plan, 1) == {"where"}
    assert {e.weight for e in plan.order.stages[0].examples} == {0.4}
    assert {(e.weight, e.grade) for e in plan.order.stages[1].examples} == {(1.0, 3)}
    assert {len(e.negatives) for e in plan.order.stages[1].examples} == {3}
    assert plan.notes == ()


def test_that_nothing_is_learnt_that_the_test_or_the_choice_knows() -> None:
    everything = [weak("open", n) for n in range(2 * N)]
    copies = [
        WeakPair("open", f"again {q.text} please", f"d{N + n}", TEXTS[N + n], 0.4)
        for n, q in enumerate(QUERIES)
    ]
    plan = plan_of(Stage(("open", "set")), weak=[*everything, *copies])
    tested = {query.id for query in plan.held_out} | set(plan.order.probe.queries)
    assert len(plan.held_out) == 18
    hidden = [query for query in QUERIES if query.id in tested]
    examples = plan.order.stages[0].examples
    assert gate.nothing_seen(examples, hidden).passed
    assert len(examples) == 2 * N - len(hidden) + 2 * (N - len(hidden))


def test_that_what_was_found_to_leak_is_noticed() -> None:
    """The check looks at the examples themselves, not at how they were chosen."""
    plan = plan_of()
    (first, *_) = plan.held_out
    assert not gate.nothing_seen(plan.order.stages[0].examples, [first, *QUERIES[:N]]).passed


def test_that_a_stage_without_pairs_is_left_out_and_told() -> None:
    plan = plan_of(Stage(("dwell",)), Stage(("set",)))
    assert len(plan.order.stages) == 1
    assert "Stage 1 was left out" in plan.notes[0] and "read for long" in plan.notes[0]
    with pytest.raises(NotEnoughData, match="No stage"):
        plan_of(Stage(("dwell",)))


def test_that_titles_are_made_pairs_of_where_none_are_stored() -> None:
    asked: list[tuple[Origin, int, int]] = []

    def make(origin: Origin, n: int, seed: int) -> list[WeakPair]:
        asked.append((origin, n, seed))
        return [weak(origin, number, f"title of {words(number)}") for number in range(2 * N)]

    stages = Stage(("title",), max_pairs=7), Stage(("set",))
    plan = plan_of(*stages, make=make)
    assert asked == [("title", 7, 0)]
    assert len(plan.order.stages[0].examples) == 7
    assert gate.nothing_seen(plan.order.stages[0].examples, plan.held_out).passed
    plan_of(*stages, make=make, weak=[weak("title", N)])
    assert len(asked) == 1


def test_that_pairs_are_drawn_by_the_seed() -> None:
    def drawn(seed: int) -> list[str]:
        recipe = Recipe(stages=(Stage(("set", "open"), max_pairs=9),), seed=seed)
        plan = plan_of(weak=[weak("open", N + n) for n in range(N)], recipe=recipe)
        return [example.query for example in plan.order.stages[0].examples]

    assert len(drawn(0)) == 9
    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)


def test_that_stored_negatives_come_first() -> None:
    plan = plan_of(Stage(("set",), negatives=2))
    found = [e for e in plan.order.stages[0].examples if e.query_id == "q0"]
    if found:  # unless it is among those that test
        assert found[0].negatives[0] == TEXTS[N + 5]
    else:
        assert "q0" in {q.id for q in plan.held_out} | set(plan.order.probe.queries)


def test_that_a_loss_on_scores_has_what_lacks_them_scored() -> None:
    def score(query: str, passages: Sequence[str]) -> list[float]:
        return [float(len(passage)) for passage in passages]

    ready = weak("pseudo", N, negatives=(TEXTS[N + 1], TEXTS[N + 2]), scores=(5.0, 1.0, 2.0))
    stage = Stage(("pseudo", "set"), loss="margin_mse", negatives=1)
    examples = plan_of(stage, weak=[ready], score=score).order.stages[0].examples
    (kept,) = [e for e in examples if e.query.startswith("seen")]
    assert (kept.negatives, kept.scores) == ((TEXTS[N + 1],), (5.0, 1.0))
    for example in examples:
        if example is not kept:
            assert example.scores == tuple(map(len, (example.positive, *example.negatives)))


def test_that_general_pairs_come_only_where_the_recipe_wants_them() -> None:
    known = ("how do magnets work", "They pull iron.")
    general = GeneralSet((), (), {}, {}, (known, (QUERIES[0].text, "x"), ("y", TEXTS[0])))
    assert plan_of(general=general).order.general == ()
    recipe = Recipe(general_share=0.2)
    pairs = plan_of(general=general, recipe=recipe).order.general
    assert (pairs[0].query, pairs[0].positive) == known


def test_that_shares_of_the_recipe_are_heeded() -> None:
    assert len(plan_of(recipe=Recipe(held_out_share=0.5)).held_out) == 30
    assert not plan_of(recipe=Recipe(validation_share=0.1)).order.keeps_best  # too few to choose by
    assert plan_of(recipe=Recipe(validation_share=0.4)).order.keeps_best


def test_that_vectors_decide_nothing_about_the_same_plan() -> None:
    assert plan_of() == plan_of()
    assert np.allclose(np.linalg.norm(CORPUS.vectors, axis=1), 1)
