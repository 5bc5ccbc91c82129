from __future__ import annotations

from engine.storage.encoding_key import encoding_hash


def test_that_the_hash_tells_context_and_text_apart() -> None:
    assert len(encoding_hash("a", "b")) == 16
    assert encoding_hash("a", "b") == encoding_hash("a", "b")
    assert encoding_hash("", "b") != encoding_hash("a", "b")
