"""Two models that compete in the user's own searches, by team-draft interleaving.

A search for the same again is the same search: its coins fall alike, so that results keep their
places, and it counts once. While a test runs, who leads is not told: knowing would sway the user.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from engine import answering
from engine.errors import InvalidInput, NotFound
from engine.evaluation.team_draft import n_to_decide, team_draft, wilson, winner
from engine.parts import Parts
from engine.records import Label, SearchResult, SearchResults, Team
from engine.requests import Search
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import ab_tests, documents, labels, model_registry
from engine.storage.ab_tests import StoredSearch, StoredTest
from engine.training.pairs import POSITIVE_GRADE, normalised
from engine.training_records import AbTest


@dataclass(frozen=True, slots=True)
class Interleaved:
    """Results of two models, and whose they are."""

    found: SearchResults
    test_id: int
    teams: dict[int, Team]
    """By document."""


def start(parts: Parts, first: str, second: str) -> AbTest:
    """Let two models compete; raises NotFound, InvalidInput where they are the same.

    It counts once both have encoded the whole library: `Models.catch_up`.
    """
    if first == second:
        raise InvalidInput(
            "These are the same model", f"{first} cannot compete with itself.", "Choose another."
        )
    with parts.library.write() as connection:
        for model_id in (first, second):
            if model_registry.kind_of(connection, model_id) != "text":
                raise InvalidInput(
                    "This is a model for pictures",
                    f"{model_id} does not search by the meaning of texts.",
                    "Choose two models for texts.",
                )
        return _told(parts, ab_tests.start(connection, first, second), ())


def stop(parts: Parts) -> AbTest:
    """End the running test; raises NotFound."""
    with parts.library.write() as connection:
        test = ab_tests.last(connection)
        if test is None or test.ended_at is not None:
            raise NotFound("No test is running", "There are no two models that compete.")
        ab_tests.stop(connection)
    ended = current(parts)
    assert ended is not None
    return ended


def current(parts: Parts) -> AbTest | None:
    """The running test, else the last one."""
    with parts.library.read() as connection:
        test = ab_tests.last(connection)
        if test is None:
            return None
        searches = ab_tests.searches(connection, test.id)
        said = _said(test, labels.in_force(connection))
    outcomes = [winner(search.teams, _credits(search, said)) for search in searches]
    return _told(parts, test, outcomes)


def answer(
    parts: Parts, settings: Settings, request: Search, checkpoint: Callable[[], None]
) -> Interleaved | None:
    """Both models' results in one list; None where no test runs or it cannot count.

    Unfinished words, pictures and searches by keywords alone do not count.
    """
    mode = request.mode or settings.mode
    asked = request.query.strip()
    of_pictures = request.image or request.like is not None
    if mode == "lexical" or request.prefix or not asked or of_pictures:
        return None
    with parts.library.read() as connection:
        test = ab_tests.last(connection)
        if test is None or test.ended_at is not None:
            return None
        n_chunks = documents.n_chunks(connection)
    first, second = (_ready(parts, model_id, n_chunks) for model_id in (test.first, test.second))
    if first is None or second is None:
        return None
    found = answering.answer(parts, settings, request, checkpoint, first)
    other = answering.answer(parts, settings, request, checkpoint, second)
    k = request.k or settings.results
    by_id = {result.document_id: result for result in (*other.results, *found.results)}
    drafted = team_draft(_ids(found), _ids(other), len(by_id), _seed(test.id, asked))
    kept = _kept([by_id[document] for document in drafted.items])[:k]
    shown = {result.document_id for result in kept}
    teams = {document: team for document, team in drafted.teams.items() if document in shown}
    results = tuple(replace(result, rank=rank) for rank, result in enumerate(kept, start=1))
    took_ms = found.took_ms + other.took_ms
    merged = replace(found, results=results, took_ms=took_ms, model=parts.models.active_id())
    return Interleaved(merged, test.id, teams)


def remember(parts: Parts, interleaved: Interleaved) -> None:
    """Keep whose results were whose."""
    with parts.library.write() as connection:
        query = normalised(interleaved.found.query)
        ab_tests.add_search(connection, interleaved.test_id, query, interleaved.teams)


def credit(parts: Parts, query: str, document_id: int, amount: float) -> None:
    """Credit a result that was opened or read to whose it was, where a test runs."""
    with parts.library.read() as connection:
        test = ab_tests.last(connection)
    if test is None or test.ended_at is not None:
        return
    with parts.library.write() as connection:
        ab_tests.add_credit(connection, test.id, normalised(query), document_id, amount)


def _ready(parts: Parts, model_id: str, n_chunks: int) -> ServedModel | None:
    """The model, where it is open and knows the whole library."""
    served = parts.models.opened(model_id)
    if served is None or served.dense.health(n_chunks).done < n_chunks:
        return None
    return served


def _ids(found: SearchResults) -> list[int]:
    return [result.document_id for result in found.results]


def _kept(results: list[SearchResult]) -> list[SearchResult]:
    """The results less those that one before them stands for already."""
    seen: set[int] = set()
    kept = []
    for result in results:
        if result.document_id not in seen:
            kept.append(result)
            seen |= {near.document_id for near in result.near_duplicates}
    return kept


def _seed(test_id: int, query: str) -> int:
    digest = hashlib.blake2b(f"{test_id} {normalised(query)}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


Said = dict[tuple[str, int], float]
"""What the user said of a query's document, in credits."""


def _said(test: StoredTest, given: tuple[Label, ...]) -> Said:
    """Thumbs and grades that were given while the test ran; a grade outweighs a thumb."""
    until = test.ended_at if test.ended_at is not None else float("inf")
    said: Said = {}
    for label in sorted(given, key=lambda label: (label.kind == "judgment", label.at)):
        if label.document_id is None or not test.began_at <= label.at <= until:
            continue
        if label.kind == "judgment":
            worth = 1.0 if label.value >= POSITIVE_GRADE else 0.0
        else:
            worth = 1.0 if label.value > 0 else -1.0
        said[normalised(label.query), label.document_id] = worth
    return said


def _credits(search: StoredSearch, said: Said) -> dict[int, float]:
    """What each result was worth: what was said of it, else what was done with it."""
    return {
        document: said.get((search.query, document), search.credits.get(document, 0.0))
        for document in search.teams
    }


def _told(parts: Parts, test: StoredTest, outcomes: list[Team | None] | tuple[()]) -> AbTest:
    wins = {team: sum(outcome == team for outcome in outcomes) for team in (1, 2)}
    decided = wins[1] + wins[2]
    running = test.ended_at is None
    shown = {1: 0, 2: 0} if running else wins
    n_shown = 0 if running else decided
    return AbTest(
        first=test.first,
        second=test.second,
        began_at=test.began_at,
        ended_at=test.ended_at,
        n_searches=len(outcomes),
        n_decided=decided,
        wins_first=shown[1],
        wins_second=shown[2],
        preference=shown[2] / n_shown if n_shown else 0.5,
        ci=wilson(shown[2], n_shown),
        verdict=(_so_far(parts, test, len(outcomes), wins) if running else _verdict(test, wins)),
    )


def _so_far(parts: Parts, test: StoredTest, n_searches: int, wins: dict[int, int]) -> str:
    with parts.library.read() as connection:
        n_chunks = documents.n_chunks(connection)
    for model_id in (test.first, test.second):
        if parts.models.health(n_chunks, model_id).done < n_chunks:
            return f"It begins once {model_id} knows the whole library."
    decided = wins[1] + wins[2]
    if not decided:
        return f"{n_searches:,} searches so far, none of which prefers either model yet."
    told = f"{decided:,} of {n_searches:,} searches prefer one of the models."
    more = n_to_decide(wins[2], decided)
    if more == 0:
        return f"{told} That is enough to tell them apart: stop the test to see which is better."
    if more is None or more > 2000:
        return f"{told} They are so much alike that it may take very many more."
    searches = max(1, round(more * n_searches / decided))
    return f"{told} About {searches:,} searches more are likely needed to tell them apart."


def _verdict(test: StoredTest, wins: dict[int, int]) -> str:
    decided = wins[1] + wins[2]
    if not decided:
        return "No search preferred either model."
    low, high = wilson(wins[2], decided)
    better, won = (test.second, wins[2]) if wins[2] > wins[1] else (test.first, wins[1])
    if low > 0.5 or high < 0.5:
        return (
            f"{better} is better: you preferred its results in {won:,} of {decided:,} searches. "
            "Luck seldom does that."
        )
    return (
        f"No clear winner: {test.first} was preferred in {wins[1]:,}, {test.second} in "
        f"{wins[2]:,} searches. Luck alone could do that."
    )
