"""Near-duplicates among results: the best stands for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.storage.signature import similarity

NEARLY_THE_SAME = 0.8
"""Estimated Jaccard similarity from which on two documents say nearly the same."""


def grouped(
    document_ids: Sequence[int], signatures: Mapping[int, bytes]
) -> dict[int, tuple[int, ...]]:
    """Documents that stand for themselves -> their near-duplicates, both in the order given.

    Args:
        document_ids: ranked, the best first.
        signatures: of each document; one without is like no other.
    """
    groups: dict[int, list[int]] = {}
    for document in document_ids:
        own = signatures.get(document, b"")
        for best, others in groups.items():
            if similarity(own, signatures.get(best, b"")) >= NEARLY_THE_SAME:
                others.append(document)
                break
        else:
            groups[document] = []
    return {best: tuple(others) for best, others in groups.items()}
