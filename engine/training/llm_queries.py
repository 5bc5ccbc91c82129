"""Queries that a language model makes of passages, on a server that speaks OpenAI's API.

The server is one of the user's own choice, by default on this computer (Ollama, llama.cpp, LM
Studio). Nothing is sent anywhere but to the host that the user typed, nor through a proxy. As in
InPars (Bonifacio et al. 2022, arXiv 2202.05144) and Promptagator (Dai et al. 2022, arXiv
2209.11755), but without examples in the prompt.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from engine.errors import EngineError, InvalidInput
from engine.training.pairs import normalised
from engine.training_records import LlmServer

PASSAGE, NUMBER = "{passage}", "{n}"

_MAX_ANSWER_BYTES = 4_000_000
_MAX_TOKENS = 2048
"""Of an answer, thinking aloud included: without a limit some models go on for ever."""
_POLL_S = 0.05
_TOLD = 300
"""Characters of a server's own message that are shown."""
_LONGEST_QUERY = 200
_COPIED_WORDS = 8
"""As many words of a passage in one run are a copy, not a query."""

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S | re.I)
_LEADING = re.compile(
    r"[\s>*•·–—#-]*(?:\(?\d{1,2}\s*[.):](?!\d)\s*)?"
    r"(?:(?:query|question|search query|q)\s*\d*\s*[:.)]\s*)?[\s*•–-]*",
    re.I,
)
_QUOTES = "\"'`“”‘’„«»*_ \t,;"
_WORD = re.compile(r"\w+")


class ServerFailed(EngineError):
    """The server could not be asked: it is not running, refuses, or does not answer in time."""


class BadAnswer(EngineError):
    """The server answered, but not as OpenAI's API does."""


def check_server(server: LlmServer) -> None:
    """Refuse an address or a prompt that cannot work; raises InvalidInput."""
    if not _is_address(server.url):
        raise InvalidInput(
            "Not an address",
            f"“{server.url}” is no address of a server.",
            "It begins with http:// and ends with /v1, as http://127.0.0.1:11434/v1 does.",
        )
    if not (server.api_key.isascii() and server.api_key.isprintable()):
        raise InvalidInput(
            "Not a key", "A server's key is made of plain letters and digits.", "Copy it again."
        )
    if PASSAGE not in server.prompt:
        raise InvalidInput(
            "The prompt lacks the passage",
            f"Without {PASSAGE} the model would not see what to ask about.",
            f"Write {PASSAGE} where the passage is to stand, and {NUMBER} for how many queries.",
        )


def _is_address(url: str) -> bool:
    try:
        address = urlsplit(url)
        plain = url.isascii() and url.isprintable() and " " not in url
        named = address.scheme in ("http", "https") and bool(address.hostname)
        return named and plain and address.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        return False


class LlmClient:
    """Asks one server; its model is found out with the first question where none is named."""

    def __init__(
        self, server: LlmServer, timeout_s: float, checkpoint: Callable[[], None] = lambda: None
    ) -> None:
        """`timeout_s` is for a whole answer; `checkpoint` is called meanwhile and may raise."""
        check_server(server)
        self._server = server
        self._timeout_s = timeout_s
        self._checkpoint = checkpoint
        self._model = server.model.strip()

    @property
    def model(self) -> str:
        """As the server calls it; raises ServerFailed, BadAnswer."""
        if not self._model:
            listed = self._ask("/models", None)
            try:
                self._model = msgspec.convert(listed, _Models).data[0].id
            except (msgspec.ValidationError, IndexError):
                raise BadAnswer(
                    "No model on the server",
                    f"{self._server.url} does not say which models it has.",
                    "Load or download one there, or name it here.",
                ) from None
        return self._model

    def queries(self, passage: str, n: int) -> list[str]:
        """At most n queries that the model makes of a passage; raises ServerFailed, BadAnswer."""
        prompt = self._server.prompt.replace(NUMBER, str(n)).replace(PASSAGE, passage)
        answer = self._ask(
            "/chat/completions",
            {
                "model": self.model,
                "messages": [{"role": "user", "content": prompt}],
                "temperature": 0.7,
                "seed": 0,
                "max_tokens": _MAX_TOKENS,
                "stream": False,
            },
        )
        try:
            text = msgspec.convert(answer, _Completion).choices[0].message.content
        except (msgspec.ValidationError, IndexError):
            raise _bad_answer(self._server.url) from None
        return parse_queries(text or "", passage, n)

    def _ask(self, path: str, body: object) -> object:
        """Ask within the time, watching for the job's end: a model may think for minutes."""
        request = urllib.request.Request(  # noqa: S310 (http and https alone, see check_server)
            self._server.url.rstrip("/") + path,
            data=None if body is None else msgspec.json.encode(body),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        if self._server.api_key:
            request.add_header("Authorization", f"Bearer {self._server.api_key}")
        call = _Call(request, self._timeout_s)
        thread = threading.Thread(target=call.run, name="language model", daemon=True)
        thread.start()
        until = time.monotonic() + self._timeout_s
        while thread.is_alive():
            self._checkpoint()
            thread.join(_POLL_S)
            if time.monotonic() > until:
                raise _too_slow(self._server.url, self._timeout_s)
        if call.failure is not None:
            raise self._translated(call.failure) from call.failure
        try:
            return msgspec.json.decode(call.answer)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise _bad_answer(self._server.url) from None

    def _translated(self, failure: Exception) -> EngineError:
        url = self._server.url
        if isinstance(failure, urllib.error.HTTPError):
            return self._refused(failure)
        reason = failure.reason if isinstance(failure, urllib.error.URLError) else failure
        if isinstance(reason, TimeoutError):
            return _too_slow(url, self._timeout_s)
        if isinstance(reason, (http.client.HTTPException, ConnectionResetError, BrokenPipeError)):
            return ServerFailed(
                "The server hung up",
                f"{url} closed the connection before it had answered.",
                "See what it says itself; it may lack memory for this model.",
            )
        if isinstance(reason, OSError):
            return ServerFailed(
                "The server does not answer",
                f"Nothing answers at {url} ({reason}).",
                "Start the server, or correct its address in the settings.",
            )
        return _bad_answer(url)

    def _refused(self, refusal: urllib.error.HTTPError) -> EngineError:
        told = _told(refusal)
        if refusal.code in (401, 403):
            return ServerFailed(
                "The server wants a key", f"{self._server.url} refused: {told}", "Type its key."
            )
        if refusal.code == 404:
            what = f"the model “{self._model}”" if self._model else "this address"
            return ServerFailed(
                "Not found on the server",
                f"{self._server.url} does not know {what}: {told}",
                "Choose one of its models; and the address ends with /v1 with most servers.",
            )
        return ServerFailed(
            "The server refused",
            f"{self._server.url} answered with status {refusal.code}: {told}",
            "See what it says itself, and try again.",
        )


def parse_queries(answer: str, passage: str, n: int) -> list[str]:
    """The queries in a model's answer, one on a line, at most n.

    What numbers, marks or quotes them is taken off; what introduces them, repeats, and copies of
    the passage are left out.
    """
    known = normalised(passage)
    queries: dict[str, str] = {}
    for line in _THOUGHT.sub("", answer).splitlines():
        if line.lstrip().startswith("```"):
            continue
        query = " ".join(_LEADING.sub("", line, count=1).strip(_QUOTES).split())
        key = normalised(query)
        if not any(character.isalpha() for character in query) or query.endswith(":"):
            continue
        copied = key in known and len(_WORD.findall(key)) >= _COPIED_WORDS
        if len(query) > _LONGEST_QUERY or copied or key == known:
            continue
        queries.setdefault(key, query)
    return list(queries.values())[:n]


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Model]


class _Call:
    """One request, made in a thread of its own."""

    def __init__(self, request: urllib.request.Request, timeout_s: float) -> None:
        self._request = request
        self._timeout_s = timeout_s
        self.answer = b""
        self.failure: Exception | None = None

    def run(self) -> None:
        """Ask and read the answer; what goes wrong is kept for whoever waits."""
        try:
            with _opener().open(self._request, timeout=self._timeout_s) as response:
                self.answer = response.read(_MAX_ANSWER_BYTES)
                if response.length and len(self.answer) < _MAX_ANSWER_BYTES:
                    raise http.client.IncompleteRead(self.answer, response.length)
        except Exception as error:  # noqa: BLE001 (it is told of in the thread that waits)
            self.failure = error


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a server only to itself: passages go nowhere that the user did not name."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The request to make instead; None where it would leave the host."""
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """Knows HTTP alone, and no proxy, whatever the environment names."""
    opener = urllib.request.OpenerDirector()
    opener.addheaders = [("User-Agent", "Attune")]
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SameHost(),
    ):
        opener.add_handler(handler)
    return opener


def _told(refusal: urllib.error.HTTPError) -> str:
    """What a server says of its refusal, as far as it can be read."""
    try:
        text = refusal.read(_MAX_ANSWER_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        text = ""
    try:
        found = msgspec.json.decode(text)
        error = found.get("error") if isinstance(found, dict) else None
        text = str(error.get("message", "")) if isinstance(error, dict) else str(error or text)
    except msgspec.DecodeError:
        pass
    return " ".join(text.split())[:_TOLD] or str(refusal.reason)


def _too_slow(url: str, timeout_s: float) -> ServerFailed:
    return ServerFailed(
        "The server took too long",
        f"{url} did not answer within {timeout_s:.0f} seconds.",
        "Try again once it has loaded its model, or take a smaller one.",
    )


def _bad_answer(url: str) -> BadAnswer:
    return BadAnswer(
        "The server answered something else",
        f"What {url} answered is not what OpenAI's API answers.",
        "See that the address is that of its API; it ends with /v1 with most servers.",
    )
