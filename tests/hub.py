"""A hub of models on this machine, as far as a download asks for it."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves the files of one folder as those of every repository."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.asked: list[str] = []
        """Methods and paths, in order."""
        self.headers: list[str] = []
        """Names of all headers that came, in lower case."""
        self.altered = ""
        """Name of a file that comes otherwise than it is said to."""
        self.held = threading.Event()
        """While it is not set, the second half of weights does not come."""
        self.held.set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def running(folder: Path) -> Iterator[Hub]:
    with Hub(folder) as hub:
        thread = threading.Thread(target=hub.serve_forever, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.held.set()
            hub.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, *, with_body: bool) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.headers += [name.lower() for name in self.headers]
        name = self.path.partition("?")[0].rpartition("/")[2]
        file = self.server.folder / name
        if not file.is_file():
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content = file.read_bytes()
        if name.endswith(".safetensors"):
            etag = hashlib.sha256(content).hexdigest()
        else:
            etag = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        if name == self.server.altered:
            content = content[:-1] + bytes([content[-1] ^ 1])
        self.send_response(200)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if with_body:
            half = len(content) // 2
            if name.endswith(".safetensors") and not self.server.held.is_set():
                # Slowly, so that each part is told of.
                self.wfile.write(content[: half // 2])
                time.sleep(0.5)
                self.wfile.write(content[half // 2 : half])
                self.server.held.wait(60)
            else:
                self.wfile.write(content[:half])
            with contextlib.suppress(OSError):  # whoever asked has gone
                self.wfile.write(content[half:])
