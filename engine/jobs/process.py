"""The parent's side of a worker process: spawned, limited, and always ended.

Each worker leads its own process group (on Windows a process group of its own and its child tree),
so that ending it ends what it started. Its memory is watched from here, which works alike on every
platform. Silence plus an exit code is a `WorkerFailed`, never a hang; what the child
printed last is its reason.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import psutil

from engine.errors import WorkerFailed
from engine.wire import Channel

M = TypeVar("M")
_PROJECT = Path(__file__).resolve().parents[2]
_WATCH_EVERY_S = 0.25
_COMPLAINTS = 10
_COMPLAINT_CHARS = 300
_CREATION_FLAGS: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(
    subprocess, "CREATE_NO_WINDOW", 0
)


class WorkerTimeout(WorkerFailed):
    """The worker did not answer in time; it is still running."""


class WorkerProcess(Generic[M]):
    """A child process `python -m MODULE ARGUMENTS`, talking through `engine.jobs.worker.Parent`."""

    def __init__(
        self, module: str, receives: Any, *arguments: str, memory_mb: int | None = None
    ) -> None:
        self._module = module
        self._memory_bytes = memory_mb * 1024 * 1024 if memory_mb else None
        self._over_memory = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_PROJECT,
            env=os.environ | _environment(),
            start_new_session=os.name == "posix",
            creationflags=_CREATION_FLAGS,
        )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._complaints: deque[str] = deque(maxlen=_COMPLAINTS)
        self._drain = threading.Thread(target=self._read_stderr, name=f"{module} log", daemon=True)
        self._drain.start()
        self._channel: Channel[M] = Channel(self._process.stdout, self._process.stdin, receives)
        self._inbox: queue.SimpleQueue[M | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name=f"{module} listener", daemon=True).start()
        if self._memory_bytes:
            threading.Thread(target=self._watch, name=f"{module} memory", daemon=True).start()

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def send(self, message: object) -> None:
        """Send a message; raises WorkerFailed where the child is gone."""
        try:
            self._channel.send(message)
        except (OSError, ValueError) as error:
            raise self._failure() from error

    def receive(self, timeout_s: float | None = None) -> M:
        """The next message; raises WorkerTimeout after `timeout_s`, WorkerFailed at its end."""
        try:
            message = self._inbox.get(timeout=timeout_s)
        except queue.Empty:
            raise WorkerTimeout(
                "Timed out", f"There was no answer within {timeout_s:.0f} seconds."
            ) from None
        if message is None:
            self._inbox.put(None)  # whoever asks again hears the same
            raise self._failure()
        return message

    def stop(self, patience_s: float = 2.0) -> None:
        """End the child: ask (close its input), then terminate, then kill its whole group.

        `patience_s` is how long each way is waited for before the next.
        """
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        for end in (None, self._process.terminate, self._kill):
            if end:
                end()
            try:
                self._process.wait(timeout=patience_s)
                break
            except subprocess.TimeoutExpired:
                continue
        self._kill()

    def __enter__(self) -> WorkerProcess[M]:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _listen(self) -> None:
        try:
            while True:
                self._inbox.put(self._channel.receive())
        except (EOFError, OSError, ValueError, msgspec.DecodeError):
            self._inbox.put(None)

    def _read_stderr(self) -> None:
        """Keep the last lines that the child or a library in it printed: they say why it died."""
        assert self._process.stderr
        for line in self._process.stderr:
            self._complaints.append(line.decode(errors="replace").rstrip()[:_COMPLAINT_CHARS])

    def _watch(self) -> None:
        """Kill the child when it holds more memory than it may."""
        try:
            child = psutil.Process(self._process.pid)
            while self._process.poll() is None:
                if child.memory_info().rss > (self._memory_bytes or 0):
                    self._over_memory = True
                    self._kill()
                    return
                try:
                    self._process.wait(timeout=_WATCH_EVERY_S)
                except subprocess.TimeoutExpired:
                    continue
        except psutil.NoSuchProcess:
            return

    def _kill(self) -> None:
        """Kill the child's group; a group that is gone already is fine."""
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, 9)
        else:
            self._process.kill()

    def _failure(self) -> WorkerFailed:
        if self._over_memory:
            return WorkerFailed("Out of memory", "It needed more memory than it is allowed.")
        try:
            code = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._kill()
            code = self._process.wait()
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        self._drain.join(timeout=1)
        last_words = next((line for line in reversed(self._complaints) if line.strip()), "")
        what = f"{self._module} ended {how}. {last_words}".rstrip()
        return WorkerFailed("Stopped unexpectedly", what)


def _environment() -> dict[str, str]:
    """Variables for workers: offline, and threads that sleep rather than spin while they wait."""
    return {
        "PYTHONPATH": str(_PROJECT),
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "0",
    }
