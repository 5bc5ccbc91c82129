"""A language model's server asked for queries: answers of every kind, and none."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from engine.errors import InvalidInput, JobCancelled
from engine.training.llm_queries import BadAnswer, LlmClient, ServerFailed, parse_queries
from engine.training_records import LlmServer
from tests.llm_server import LlmHost, running

PASSAGE = "Feed the starter twice a day with equal weights of flour and water until it doubles."


@pytest.fixture
def host() -> Iterator[LlmHost]:
    with running() as host:
        yield host


_BROKEN = ["http://", "http://host:port/v1", "http://[::1/v1", "http://host/v 1", "http://höst/v1"]


def client(host: LlmHost, timeout_s: float = 30.0, **fields: str) -> LlmClient:
    return LlmClient(LlmServer(url=host.url, **fields), timeout_s)


def test_that_the_first_model_is_asked_with_the_passage_in_the_prompt(host: LlmHost) -> None:
    host.answer = lambda _: "1. feeding a starter\n2. starter ratio"
    asking = client(host, prompt="{n} of: {passage} {and so on}", api_key="secret")
    assert asking.queries(PASSAGE, 2) == ["feeding a starter", "starter ratio"]
    assert asking.model == "tiny"
    assert host.asked[0]["model"] == "tiny"
    assert host.asked[0]["messages"] == [
        {"role": "user", "content": f"2 of: {PASSAGE} {{and so on}}"}
    ]
    assert host.keys == ["Bearer secret"]


def test_that_a_named_model_is_asked_and_no_key_is_sent_where_there_is_none(host: LlmHost) -> None:
    client(host, model="other").queries(PASSAGE, 1)
    assert host.asked[0]["model"] == "other"
    assert host.keys == [None]


@pytest.mark.parametrize(
    ("answer", "queries"),
    [
        ('1. "feeding a starter"\n2) *starter ratio*', ["feeding a starter", "starter ratio"]),
        ("Here are two queries:\n\n- feeding a starter\n• starter ratio", None),
        ("<think>\nThe user wants queries.\n</think>\nfeeding a starter\nstarter ratio", None),
        ("```\nQuery 1: feeding a starter\nQ2. starter ratio\n```", None),
        ('[\n  "feeding a starter",\n  "starter ratio"\n]', None),
        ("feeding a starter\nFeeding  a Starter\nstarter ratio\nleft over", None),
        (f"{PASSAGE}\nfeeding a starter\nstarter ratio", None),
        (f"{PASSAGE[:60]}\nfeeding a starter\nstarter ratio", None),
        ("<think>for ever and ever", []),
        ("...\n---\n1.\n42", []),
        ("a" * 500, []),
        ("", []),
    ],
)
def test_that_queries_are_read_line_by_line(answer: str, queries: list[str] | None) -> None:
    expected = ["feeding a starter", "starter ratio"] if queries is None else queries
    assert parse_queries(answer, PASSAGE, 2) == expected


def test_that_numbers_and_words_of_a_query_stay() -> None:
    answer = "1. 3.5 mm jack\n2. 24 hour clock\n3. q fever in sheep\n4. -40 degrees"
    assert parse_queries(answer, PASSAGE, 4) == [
        "3.5 mm jack",
        "24 hour clock",
        "q fever in sheep",
        "40 degrees",
    ]


@pytest.mark.parametrize("manner", ["junk", "other shape"])
def test_that_junk_is_told_apart_from_an_answer(host: LlmHost, manner: str) -> None:
    host.manner = manner  # type: ignore[assignment]
    with pytest.raises(BadAnswer, match="something else"):
        client(host).queries(PASSAGE, 1)


def test_that_an_unknown_model_is_named_with_what_the_server_says(host: LlmHost) -> None:
    host.manner = "unknown model"
    with pytest.raises(ServerFailed, match=r"“giant”: model not found, pull it"):
        client(host, model="giant").queries(PASSAGE, 1)


def test_that_a_server_that_hangs_up_is_told_of(host: LlmHost) -> None:
    host.manner = "hangs up"
    with pytest.raises(ServerFailed, match="hung up"):
        client(host).queries(PASSAGE, 1)


def test_that_silence_ends_with_the_time(host: LlmHost) -> None:
    host.manner = "silent"
    with pytest.raises(ServerFailed, match="too long"):
        client(host, timeout_s=0.3, model="tiny").queries(PASSAGE, 1)


def test_that_cancelling_does_not_wait_for_the_answer(host: LlmHost) -> None:
    host.manner = "silent"

    def checkpoint() -> None:
        if host.reached.is_set():
            raise JobCancelled

    asking = LlmClient(LlmServer(url=host.url, model="tiny"), 60.0, checkpoint)
    with pytest.raises(JobCancelled):
        asking.queries(PASSAGE, 1)
    assert not host.released.is_set()


def test_that_passages_never_follow_a_redirect_to_another_host(host: LlmHost) -> None:
    with running() as other:
        host.manner, host.elsewhere = "redirects", f"{other.url}/chat/completions"
        with pytest.raises(ServerFailed, match="302"):
            client(host, model="tiny").queries(PASSAGE, 1)
        assert not other.reached.is_set()


def test_that_no_proxy_of_the_environment_sees_a_passage(
    host: LlmHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert client(host).queries(PASSAGE, 1) == ["how to feed a starter"]
        assert not proxy.reached.is_set()


def test_that_a_server_that_is_not_running_is_told_of() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    asking = LlmClient(LlmServer(url=f"http://127.0.0.1:{port}/v1", model="tiny"), 30.0)
    with pytest.raises(ServerFailed, match="Nothing answers"):
        asking.queries(PASSAGE, 1)


@pytest.mark.parametrize(
    "url", ["", "localhost:11434", "file:///etc/passwd", "ftp://host/v1", *_BROKEN]
)
def test_that_only_addresses_of_the_web_are_asked(url: str) -> None:
    with pytest.raises(InvalidInput, match="no address"):
        LlmClient(LlmServer(url=url), 1.0)


def test_that_a_key_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(InvalidInput, match="key"):
        LlmClient(LlmServer(api_key="secret\r\nHost: elsewhere"), 1.0)


def test_that_a_prompt_without_the_passage_is_refused() -> None:
    with pytest.raises(InvalidInput, match="prompt"):
        LlmClient(LlmServer(prompt="Write {n} queries."), 1.0)
