"""Queries made through the workspace: by rules and by a server, kept, left out, gone on with."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import InvalidInput
from engine.events import Cancelled, Event, Failed, Finished, JobEvent, Warned
from engine.requests import CancelJob
from engine.storage import made_pairs
from engine.storage.made_pairs import MadePair
from engine.training.llm_queries import ServerFailed
from engine.training_records import LlmServer, SynthesisReport
from engine.training_requests import Synthesize, TryLlm
from engine.workspace import Workspace
from tests.engine.small_check_set import opened
from tests.llm_server import LlmHost, running


@pytest.fixture
def host() -> Iterator[LlmHost]:
    with running() as host:
        yield host


@pytest.fixture
def heard() -> list[Event]:
    return []


@pytest.fixture
def workspace(prepared_minilm: Path, tmp_path: Path, heard: list[Event]) -> Iterator[Workspace]:
    with opened(tmp_path / "library", prepared_minilm, heard.append) as workspace:
        yield workspace


def ended(workspace: Workspace, request: Synthesize) -> JobEvent:
    return workspace.wait(workspace.bench.synthesize(request).id)


def made(workspace: Workspace, request: Synthesize) -> SynthesisReport:
    end = ended(workspace, request)
    assert isinstance(end, Finished), end
    assert isinstance(end.result, SynthesisReport)
    return end.result


def kept(workspace: Workspace) -> list[MadePair]:
    with workspace._parts.library.read() as connection:
        return list(made_pairs.every(connection))


def by_llm(
    host: LlmHost, n_passages: int = 5, per_passage: int = 1, round_trip: int = 10
) -> Synthesize:
    server = LlmServer(url=host.url, prompt="Ask {n}: {passage}")
    return Synthesize("llm", n_passages, per_passage, round_trip, server)


def test_that_titles_are_kept_for_bodies_without_them(workspace: Workspace) -> None:
    report = made(workspace, Synthesize("title", 8))
    pairs = kept(workspace)
    assert report.n_made == report.n_kept == len(pairs) == 8
    assert {pair.origin for pair in pairs} == {"title"}
    assert all(pair.query not in pair.text for pair in pairs)
    assert report.examples == tuple((pair.query, pair.text) for pair in pairs)


class Doubter:
    """A cross-encoder that thinks nothing of the queries that it is told."""

    def __init__(self, doubted: Collection[str]) -> None:
        self.doubted = doubted

    def score(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        return np.full(len(passages), -9.0 if query in self.doubted else 3.0, dtype=np.float32)


def test_that_phrases_that_their_passage_is_not_about_are_left_out(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(workspace, Synthesize("phrase", 8, round_trip=0))
    queries = [pair.query for pair in kept(workspace)]
    assert len(queries) == 8
    with workspace._parts.library.write() as connection:
        made_pairs.forget(connection, ["phrase"])
    doubter = Doubter(queries[::2])
    monkeypatch.setattr(workspace._parts.models, "cross_encoder", lambda: doubter)
    assert made(workspace, Synthesize("phrase", 8)).n_kept == 4
    assert [pair.query for pair in kept(workspace)] == queries[1::2]


def test_that_the_same_request_makes_nothing_twice_and_a_larger_one_goes_on(
    workspace: Workspace,
) -> None:
    request = Synthesize("cloze", 5, round_trip=0)
    assert made(workspace, request).n_kept == 5
    first = kept(workspace)
    assert made(workspace, request).n_made == 0
    assert made(workspace, Synthesize("cloze", 9, round_trip=0)).n_kept == 4
    assert kept(workspace)[:5] == first


def test_that_only_queries_that_lead_back_to_their_passage_are_kept(
    workspace: Workspace, host: LlmHost
) -> None:
    def answer(prompt: str) -> str:
        title = prompt.removeprefix("Ask 2: ").splitlines()[0]
        return f"all about {title}\nexchange rate of {len(host.asked)}"

    host.answer = answer
    report = made(workspace, by_llm(host, per_passage=2, round_trip=1))
    assert report.n_made == 10
    astray = [pair for pair in kept(workspace) if pair.query.startswith("exchange")]
    pairs = [pair for pair in kept(workspace) if pair.query.startswith("all about")]
    assert report.n_kept == len(astray) + len(pairs)
    assert len(pairs) == 5
    assert len(astray) <= 2  # something has to come first, whatever is asked
    assert pairs[0].detail == {"model": "tiny", "prompt": "Ask {n}: {passage}"}
    assert host.asked[0]["messages"][0]["content"] == f"Ask 2: {pairs[0].text}"
    assert len({pair.content_hash for pair in pairs}) == 5


def test_that_a_cancelled_job_goes_on_with_the_passages_that_are_left(
    workspace: Workspace, host: LlmHost
) -> None:
    enough = threading.Event()

    def answer(_: str) -> str:
        if len(host.asked) == 3:
            enough.set()
            host.released.wait(60)
        return f"query number {len(host.asked)}"

    host.answer = answer
    request = by_llm(host, round_trip=0)
    job = workspace.bench.synthesize(request)
    assert enough.wait(60)
    workspace.cancel_job(CancelJob(job.id))
    assert isinstance(workspace.wait(job.id), Cancelled)
    host.released.set()
    first = kept(workspace)
    assert [pair.query for pair in first] == ["query number 1", "query number 2"]
    assert made(workspace, request).n_kept == 3
    assert kept(workspace)[:2] == first
    assert len({pair.text for pair in kept(workspace)}) == 5


def test_that_a_server_that_answers_junk_gives_nothing_and_is_left_alone(
    workspace: Workspace, host: LlmHost, heard: list[Event]
) -> None:
    host.manner = "junk"
    report = made(workspace, by_llm(host, n_passages=12))
    assert (report.n_made, report.n_kept, kept(workspace)) == (0, 0, [])
    assert len(host.asked) == 5
    (warning,) = (event for event in heard if isinstance(event, Warned))
    assert "something else" in warning.title


def test_that_what_was_made_before_the_server_failed_stays(
    workspace: Workspace, host: LlmHost
) -> None:
    def answer(_: str) -> str:
        if len(host.asked) == 2:
            host.manner = "hangs up"
        return f"query number {len(host.asked)}"

    host.answer = answer
    end = ended(workspace, by_llm(host, round_trip=0))
    assert isinstance(end, Failed)
    assert "hung up" in end.title
    assert [pair.query for pair in kept(workspace)] == ["query number 1", "query number 2"]


def test_that_the_server_of_the_settings_is_asked_where_none_is_named(
    workspace: Workspace, host: LlmHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace._parts.library.write() as connection:
        connection.execute(
            "INSERT INTO settings VALUES ('llm', ?)", (f'{{"url": "{host.url}", "model": "mine"}}',)
        )
    made(workspace, Synthesize("llm", 1, round_trip=0))
    assert host.asked[0]["model"] == "mine"


def test_that_a_server_can_be_tried(workspace: Workspace, host: LlmHost) -> None:
    host.answer = lambda _: "1. one thing\n2. another\n3. a third\n4. too many"
    server = LlmServer(url=host.url)
    assert workspace.bench.try_llm(TryLlm(server)) == ("one thing", "another", "a third")
    host.manner = "unknown model"
    with pytest.raises(ServerFailed, match="pull it"):
        workspace.bench.try_llm(TryLlm(server))
    with pytest.raises(InvalidInput):
        workspace.bench.try_llm(TryLlm(LlmServer(url="nowhere")))


def test_that_an_empty_library_has_nothing_to_ask_about(
    library_folder: Path, host: LlmHost
) -> None:
    with Workspace(library_folder, lambda _: None) as empty:
        end = ended(empty, Synthesize("title"))
        assert isinstance(end, Failed)
        assert "no passages" in end.message
