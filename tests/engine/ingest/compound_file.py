"""Compound files, in which older office programs keep their streams (MS-CFB), written by hand."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import pairwise

_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_SECTOR, _SMALL, _SMALL_SECTOR = 512, 4096, 64


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """A file of streams by their path; folders are made as they are named. Up to about 7 MB."""
    small = b""
    small_table: list[int] = []
    starts: dict[str, int] = {}
    for path, content in streams.items():
        if 0 < len(content) < _SMALL:
            starts[path] = len(small_table)
            small_table += _chain(len(small_table), -(-len(content) // _SMALL_SECTOR))
            small += content.ljust(-(-len(content) // _SMALL_SECTOR) * _SMALL_SECTOR, b"\0")
    body = b""
    table: list[int] = []

    def put(content: bytes) -> int:
        nonlocal body
        if not content:
            return _END
        start, n = len(table), -(-len(content) // _SECTOR)
        table.extend(_chain(start, n))
        body += content.ljust(n * _SECTOR, b"\0")
        return start

    for path, content in streams.items():
        if path not in starts:
            starts[path] = put(content)
    root = (put(small), len(small))
    small_at = put(struct.pack(f"<{len(small_table)}I", *small_table))
    n_small = -(-len(small_table) * 4 // _SECTOR)
    folders_at = put(_folders(streams, starts, root))
    n_tables = 1
    while len(table) + n_tables > n_tables * _SECTOR // 4:
        n_tables += 1
    places = list(range(len(table), len(table) + n_tables))
    table += [_FAT] * n_tables
    table += [_FREE] * (n_tables * _SECTOR // 4 - len(table))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"),
        bytes(16),
        *(0x3E, 3, 0xFFFE, 9, 6, bytes(6), 0, n_tables, folders_at, 0, _SMALL),
        *(small_at, n_small, _END, 0),
    )
    header += struct.pack("<109I", *places, *[_FREE] * (109 - n_tables))
    return header + body + struct.pack(f"<{len(table)}I", *table)


def _chain(start: int, n: int) -> list[int]:
    return [*range(start + 1, start + n), _END] if n else []


def _folders(
    streams: Mapping[str, bytes], starts: Mapping[str, int], root: tuple[int, int]
) -> bytes:
    """The entries: the root, then folders and streams, each folder's a chain in their order."""
    paths = {""} | {path.rpartition("/")[0] for path in streams}
    order = ["", *sorted(paths - {""}), *streams]
    children: dict[str, list[str]] = {}
    for path in order[1:]:
        children.setdefault(path.rpartition("/")[0], []).append(path)
    follower: dict[str, int] = {}
    first: dict[str, int] = {}
    for folder, inside in children.items():
        inside.sort(key=lambda path: (len(path), path.upper()))
        first[folder] = order.index(inside[0])
        follower |= {a: order.index(b) for a, b in pairwise(inside)}
    out = b""
    for path in order:
        name = (path.rpartition("/")[2] or "Root Entry").encode("utf-16-le")
        kind = 2 if path in streams else 1 if path else 5
        start, size = (starts[path], len(streams[path])) if path in streams else (0, 0)
        if not path:
            start, size = root
        out += struct.pack(
            "<64sHBBIII16sIQQIQ",
            name,
            *(len(name) + 2, kind, 1, _NONE, follower.get(path, _NONE), first.get(path, _NONE)),
            *(bytes(16), 0, 0, 0, start, size),
        )
    empty = struct.pack("<64sHBBIII16sIQQIQ", b"", 0, 0, 1, *[_NONE] * 3, bytes(16), 0, 0, 0, 0, 0)
    return out + empty * (-len(order) % 4)
