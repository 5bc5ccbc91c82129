"""Which pairs are learnt together."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.recipe import Recipe, Stage
from engine.training.batches import plan, usable
from engine.training.pairs import Example, normalised

QUERIES, PASSAGES = [f"Query {n}" for n in range(8)], [f"passage {n}" for n in range(8)]


@st.composite
def examples(draw: st.DrawFn) -> tuple[Example, ...]:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(QUERIES),
                st.sampled_from(PASSAGES),
                st.lists(st.sampled_from(PASSAGES), max_size=2),
            ),
            min_size=1,
            max_size=30,
        )
    )
    return tuple(
        Example(str(n), query, str(n), positive, tuple(text for text in wrong if text != positive))
        for n, (query, positive, wrong) in enumerate(rows)
    )


@settings(deadline=None)
@given(rows=examples(), general=examples(), size=st.integers(2, 8), seed=st.integers(0, 5))
def test_that_no_batch_holds_a_wrong_negative(
    rows: tuple[Example, ...], general: tuple[Example, ...], size: int, seed: int
) -> None:
    recipe = Recipe(seed=seed, general_share=0.25)
    for step in plan(Stage(batch_size=size), rows, general, recipe, 0):
        batch = [rows[row] for row in step.rows] + [general[row] for row in step.general]
        assert 1 <= len(batch) <= size
        queries = [normalised(example.query) for example in batch]
        assert len(set(queries)) == len(queries)
        for n, example in enumerate(batch):
            others = batch[:n] + batch[n + 1 :]
            told_apart = {text for other in others for text in (other.positive, *other.negatives)}
            assert example.positive not in told_apart


def test_that_each_pair_is_seen_once_an_epoch_in_another_order() -> None:
    rows = tuple(Example(str(n), f"q{n}", str(n), f"p{n}") for n in range(20))
    steps = plan(Stage(batch_size=5, epochs=2), rows, (), Recipe(), 0)
    for epoch in (0, 1):
        seen = Counter(row for step in steps if step.epoch == epoch for row in step.rows)
        assert seen == Counter(range(20))
    assert [s.rows for s in steps if s.epoch == 0] != [s.rows for s in steps if s.epoch == 1]
    assert plan(Stage(batch_size=5, epochs=2), rows, (), Recipe(), 0) == steps
    assert plan(Stage(batch_size=5, epochs=2), rows, (), Recipe(), 1) != steps
    assert plan(Stage(batch_size=5, epochs=2), rows, (), Recipe(seed=1), 0) != steps


def test_that_a_share_of_each_batch_is_general() -> None:
    rows = tuple(Example(str(n), f"q{n}", str(n), f"p{n}") for n in range(12))
    general = tuple(Example(f"g{n}", f"gq{n}", f"g{n}", f"gp{n}") for n in range(9))
    steps = plan(Stage(batch_size=8), rows, general, Recipe(general_share=0.25), 0)
    assert all((len(step.rows), len(step.general)) == (6, 2) for step in steps)
    assert len({step.general for step in steps}) > 1
    others = plan(Stage(batch_size=8, loss="cosent"), rows, general, Recipe(general_share=0.25), 0)
    assert not any(step.general for step in others)


def test_that_the_first_epoch_can_be_ordered() -> None:
    rows = tuple(Example(str(n), f"q{n}", str(n), f"p{n}") for n in range(6))
    steps = plan(Stage(batch_size=2, epochs=1), rows, (), Recipe(), 0, range(5, -1, -1))
    assert [step.rows for step in steps] == [(5, 4), (3, 2), (1, 0)]


def test_that_a_loss_only_gets_what_it_can_use() -> None:
    bare = Example("1", "q", "1", "p")
    hard = Example("2", "r", "2", "s", ("n",))
    scored = Example("3", "t", "3", "u", ("n",), scores=(2.0, 1.0))
    everything = (bare, hard, scored)
    assert usable(Stage(loss="mnrl"), everything) == everything
    assert usable(Stage(loss="mnrl"), (bare,)) == ()
    assert usable(Stage(loss="triplet"), everything) == (hard, scored)
    assert usable(Stage(loss="kl"), everything) == (scored,)
    assert usable(Stage(loss="cosent"), (bare,)) == ()
    assert usable(Stage(loss="cosent"), everything) == everything
