"""A worker that behaves as its argument says."""

from __future__ import annotations

import os
import signal
import sys
import time

import msgspec

from engine.jobs.worker import Parent


class Said(msgspec.Struct, frozen=True, tag=True):
    text: str


def main() -> None:
    if sys.argv[1] == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent: Parent[Said] = Parent(Said, on_gone=lambda: None)
    while True:
        message = parent.receive()
        match sys.argv[1]:
            case "echo":
                print("printed by a library")
                parent.send(message)
            case "die":
                os._exit(3)
            case "hang":
                time.sleep(600)
            case "eat":
                held = []
                while True:
                    held.append(bytearray(20_000_000))
                    time.sleep(0.02)


if __name__ == "__main__":
    main()
