"""The contract between the window and the engine."""

from __future__ import annotations

import inspect
from typing import get_args, get_type_hints

import msgspec
import pytest

from engine.client import answer_type
from engine.evaluation_requests import EvaluationRequest
from engine.host import method_of
from engine.judging_room import JudgingRoom
from engine.requests import AnyRequest, GetStatus, Judge, Search
from engine.training_bench import TrainingBench
from engine.training_requests import TrainingRequest
from engine.workspace import Workspace

REQUESTS = get_args(AnyRequest)


@pytest.mark.parametrize("request_type", REQUESTS, ids=lambda kind: kind.__name__)
def test_that_every_request_has_a_method_that_returns_what_it_promises(
    request_type: type,
) -> None:
    owners = ((EvaluationRequest, JudgingRoom), (TrainingRequest, TrainingBench))
    owner = next((owner for kind, owner in owners if issubclass(request_type, kind)), Workspace)
    method = getattr(owner, method_of(request_type))
    hints = get_type_hints(method)
    promised = answer_type(request_type)
    assert hints["return"] == (type(None) if promised is None else promised)
    first = list(inspect.signature(method).parameters)[1]
    assert hints[first] is request_type


@pytest.mark.parametrize(
    "request_",
    [GetStatus(), Search("naïve 日本語", k=3, types=("md",)), Judge("q", 1, None, "text")],
    ids=repr,
)
def test_that_requests_survive_the_pipe(request_: object) -> None:
    there = msgspec.msgpack.encode(request_)
    assert msgspec.msgpack.decode(there, type=AnyRequest) == request_


def test_that_the_pipe_refuses_what_is_no_request() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.msgpack.decode(
            msgspec.msgpack.encode({"type": "Search", "query": 3}), type=AnyRequest
        )
