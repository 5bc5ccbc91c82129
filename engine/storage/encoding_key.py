"""A passage in the form in which it is encoded, and the key of its vector in the cache."""

from __future__ import annotations

import hashlib


def encoding_text(context: str, text: str) -> str:
    """What is encoded for a passage."""
    return f"{context}\n{text}" if context else text


def encoding_hash(context: str, text: str) -> bytes:
    """Of what is encoded, 16 bytes: the key of the embedding cache."""
    return hashlib.blake2b(encoding_text(context, text).encode(), digest_size=16).digest()
