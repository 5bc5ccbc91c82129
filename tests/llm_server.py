"""A language model's server on this machine, as far as OpenAI's API is asked for; it may err."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Manner = Literal["good", "unknown model", "junk", "other shape", "silent", "hangs up", "redirects"]


class LlmHost(ThreadingHTTPServer):
    """Answers every passage with what `answer` makes of the prompt."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.manner: Manner = "good"
        self.answer: Callable[[str], str] = lambda _: "1. how to feed a starter"
        self.asked: list[dict[str, Any]] = []
        """Bodies of the questions, in order."""
        self.keys: list[str | None] = []
        self.elsewhere = ""
        """Where it redirects to."""
        self.reached = threading.Event()
        """Set once a question has come."""
        self.released = threading.Event()
        """Until it is set, a silent server does not answer."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: object) -> None:
        """Whoever asked has gone: nothing to be told of."""


@contextmanager
def running() -> Iterator[LlmHost]:
    with LlmHost() as host:
        thread = threading.Thread(target=host.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield host
        finally:
            host.released.set()
            host.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: LlmHost

    def do_GET(self) -> None:
        self._send(200, json.dumps({"data": [{"id": "tiny"}, {"id": "other"}]}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.keys.append(self.headers["Authorization"])
        self.server.reached.set()
        match self.server.manner:
            case "good":
                text = self.server.answer(body["messages"][0]["content"])
                self._send(200, json.dumps({"choices": [{"message": {"content": text}}]}))
            case "unknown model":
                self._send(404, json.dumps({"error": {"message": "model not found, pull it"}}))
            case "junk":
                self._send(200, "<html>welcome to the router</html>")
            case "other shape":
                self._send(200, json.dumps({"choices": [], "data": [1]}))
            case "silent":
                self.server.released.wait(60)
            case "hangs up":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"choices": [')
            case "redirects":
                self.send_response(302)
                self.send_header("Location", self.server.elsewhere)
                self.send_header("Content-Length", "0")
                self.end_headers()

    def log_message(self, *_: object) -> None:
        pass

    def _send(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
