"""The split: nothing that one side knows is on the other."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.training.pairs import JudgedQuery, LabelledPassage
from engine.training.split import Split, split_by_query

TEXTS = [
    f"{number:03d} {number * 7919 % 1000:03d} {number * 104729 % 9973}" for number in range(60)
]


def query(number: int, *documents: int) -> JudgedQuery:
    return JudgedQuery(
        f"q{number}",
        f"query {TEXTS[number]}",
        tuple(LabelledPassage(f"d{d}", f"passage {TEXTS[d]}", 2) for d in documents),
    )


def documents(side: tuple[JudgedQuery, ...]) -> set[str]:
    return {passage.document for q in side for passage in q.positives}


def ids(side: tuple[JudgedQuery, ...]) -> set[str]:
    return {q.id for q in side}


@settings(max_examples=60, deadline=None)
@given(
    judged=st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4), min_size=4, max_size=40),
    share=st.floats(0.1, 0.6),
    seed=st.integers(0, 5),
)
def test_that_the_sides_share_nothing_and_no_query_is_invented(
    judged: list[list[int]], share: float, seed: int
) -> None:
    queries = [query(number, *sorted(set(found))) for number, found in enumerate(judged)]
    n_held_out = max(1, round(share * len(queries)))
    split = split_by_query(queries, n_held_out, seed)
    assert 0 < len(split.held_out) <= n_held_out
    assert not documents(split.train) & documents(split.held_out)
    assert not ids(split.train) & ids(split.held_out)
    assert len(split.train) + len(split.held_out) + split.n_left_out == len(queries)
    assert set(split.held_out) <= set(queries)
    for kept in split.train:
        original = next(q for q in queries if q.id == kept.id)
        assert kept.positives
        assert set(kept.positives) <= set(original.positives)


def apart(split: Split, one: str, other: str) -> bool:
    train, held_out = ids(split.train), ids(split.held_out)
    return (one in train and other in held_out) or (other in train and one in held_out)


def test_that_queries_which_differ_by_a_few_characters_stay_together() -> None:
    queries = [query(number, number) for number in range(20)]
    queries[3] = replace(queries[3], text="Does drinking red wine lower the risk of stroke?")
    queries[7] = replace(queries[7], text="does drinking red wine raise the risk of stroke")
    queries[9] = replace(queries[9], text="Which vitamins lower the risk of diabetes?")
    splits = [split_by_query(queries, 8, seed) for seed in range(20)]
    assert not any(apart(split, "q3", "q7") for split in splits)
    assert any(apart(split, "q3", "q9") for split in splits)


def test_that_near_duplicate_documents_stay_together() -> None:
    text = "A long passage about the migration of eels. " * 3
    queries = [query(number, number) for number in range(20)]
    queries[3] = replace(queries[3], positives=(LabelledPassage("d3", f"{text} One.", 2),))
    queries[7] = replace(queries[7], positives=(LabelledPassage("d7", f"{text} Two.", 2),))
    splits = [split_by_query(queries, 8, seed) for seed in range(20)]
    assert not any(apart(split, "q3", "q7") for split in splits)


def test_that_queries_linked_in_a_chain_stay_together() -> None:
    queries = [query(0, 0, 1), query(1, 1, 2), query(2, 2, 3)]
    queries += [query(number, 10 + number) for number in range(3, 20)]
    for seed in range(20):
        split = split_by_query(queries, 8, seed)
        assert {"q0", "q1", "q2"} <= ids(split.train) or {"q0", "q1", "q2"} <= ids(split.held_out)


def test_that_one_giant_group_is_cut_and_training_gives_up_what_is_held_out() -> None:
    # Each query shares a document with the next, so that all 40 hang together.
    queries = [query(number, number, number + 1) for number in range(40)]
    split = split_by_query(queries, 12, 0)
    assert len(split.held_out) == 12
    assert not documents(split.train) & documents(split.held_out)
    assert len(split.train) >= 12


def test_that_a_seed_repeats_its_split_and_another_seed_makes_another() -> None:
    queries = [query(number, number) for number in range(40)]
    first, again, other = (split_by_query(queries, 12, seed) for seed in (0, 0, 1))
    assert first == again
    assert ids(first.held_out) != ids(other.held_out)
    assert (len(first.held_out), len(first.train), first.n_left_out) == (12, 28, 0)
