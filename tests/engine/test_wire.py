"""Messages over a byte stream, and the worker processes that speak them."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest

from engine.errors import WorkerFailed
from engine.jobs.process import WorkerProcess, WorkerTimeout
from engine.wire import Channel


class Said(msgspec.Struct, frozen=True, tag=True):
    text: str


def worker(*what: str, memory_mb: int | None = None) -> WorkerProcess[Any]:
    return WorkerProcess("tests.engine.fake_worker", Said, *what, memory_mb=memory_mb)


def test_that_messages_of_any_length_arrive_in_order() -> None:
    there = io.BytesIO()
    texts = ["", "naïve", "x" * 100_000]
    sender: Channel[Said] = Channel(io.BytesIO(), there, Said)
    for text in texts:
        sender.send(Said(text))
    receiver: Channel[Said] = Channel(io.BytesIO(there.getvalue()), io.BytesIO(), Said)
    assert [receiver.receive().text for _ in texts] == texts
    with pytest.raises(EOFError):
        receiver.receive()


def test_that_a_worker_answers_and_what_it_prints_does_no_harm() -> None:
    with worker("echo") as process:
        process.send(Said("hello"))
        assert process.receive(30).text == "hello"


def test_that_a_killed_worker_is_a_failure_not_a_hang() -> None:
    with worker("die") as process:
        process.send(Said("now"))
        with pytest.raises(WorkerFailed, match="exit code 3"):
            process.receive(30)
        with pytest.raises(WorkerFailed, match="exit code 3"):
            process.receive(30)


def test_that_silence_is_a_timeout_and_stopping_ends_a_worker_that_does_not_listen() -> None:
    process = worker("hang")
    process.send(Said("now"))
    with pytest.raises(WorkerTimeout):
        process.receive(0.5)
    process.stop(patience_s=0.3)
    assert not process.alive


def test_that_a_worker_that_takes_too_much_memory_is_ended_and_the_reason_told() -> None:
    with worker("eat", memory_mb=200) as process:
        process.send(Said("now"))
        with pytest.raises(WorkerFailed, match="memory"):
            process.receive(60)
