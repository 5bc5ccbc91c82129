from __future__ import annotations

from engine.records import ScoredChunk
from engine.retrieval.deepened import deepened

RUN = [ScoredChunk(n, n, -float(n)) for n in range(1000)]


def every_tenth(run: list[ScoredChunk]) -> list[ScoredChunk]:
    return [hit for hit in run if hit.chunk_id % 10 == 0]


def test_that_a_run_is_taken_deeper_until_enough_count() -> None:
    found = deepened(lambda depth: RUN[:depth], 5, every_tenth)
    assert [hit.chunk_id for hit in found] == [0, 10, 20, 30, 40]


def test_that_it_ends_where_the_run_ends() -> None:
    assert len(deepened(lambda depth: RUN[:depth], 200, every_tenth)) == 100
