"""Typed messages over a byte stream: a four-byte length, then MessagePack."""

from __future__ import annotations

import struct
import threading
from typing import IO, Any, Generic, TypeVar

import msgspec

M = TypeVar("M")
_HEADER = struct.Struct(">I")
_MAX_BYTES = 1 << 30


class Channel(Generic[M]):
    """Sends any message and receives those of one type (a class or a tagged union).

    Sending is safe from several threads; receiving is for one. `EOFError` and `OSError` mean that
    the other side is gone; `msgspec.ValidationError` that it speaks another language.
    """

    def __init__(self, read: IO[bytes], write: IO[bytes], receives: Any) -> None:
        self._read = read
        self._write = write
        self._decoder: msgspec.msgpack.Decoder[M] = msgspec.msgpack.Decoder(receives)
        self._sending = threading.Lock()

    def send(self, message: object) -> None:
        """Send one message whole."""
        body = msgspec.msgpack.encode(message)
        with self._sending:
            self._write.write(_HEADER.pack(len(body)) + body)
            self._write.flush()

    def receive(self) -> M:
        """Wait for the next message."""
        (size,) = _HEADER.unpack(self._exactly(_HEADER.size))
        if size > _MAX_BYTES:
            raise EOFError(f"a frame of {size} bytes is no frame")
        return self._decoder.decode(self._exactly(size))

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            part = self._read.read(size)
            if not part:
                raise EOFError("the other side closed the pipe")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
