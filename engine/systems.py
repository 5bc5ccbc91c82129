"""Ways of searching that are pooled from, measured and compared: each is run over queries."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from engine import picture_answers
from engine.answering import retrieval_parts, worded
from engine.errors import InvalidInput
from engine.evaluation import run_file
from engine.evaluation_records import System
from engine.jobs.job import Job
from engine.parts import Parts
from engine.picture_encoding import encode_lacking
from engine.records import Kind, Mode, ModelKind
from engine.retrieval import search as retrieval
from engine.retrieval.exact import ExactVectors
from engine.served_pictures import ServedPictures
from engine.serving import ServedModel
from engine.settings import Settings
from engine.storage import documents, evalset_runs, model_registry, pictures

DEPTH = 100
"""Documents of each query that a measured run holds."""

_MODES: dict[Mode, str] = {"hybrid": "Hybrid", "lexical": "Keywords", "dense": "Meaning"}
_RUN = "run:"
_NOTATION = re.compile(r"(hybrid|dense|lexical)(\+rerank)?(?::(.+))?")


@dataclass(frozen=True, slots=True)
class SystemRun:
    """What a system answered."""

    lists: dict[str, list[tuple[str, float]]]
    """By query id, keys of documents with their scores, the best first."""
    latencies_ms: list[float]
    """Of each query, in order; none where nothing was searched."""

    def ranks(self, query_id: str, depth: int = DEPTH) -> dict[str, int]:
        """Ranks from 1 of a query's first documents, by key."""
        first = self.lists.get(query_id, [])[:depth]
        return {key: rank for rank, (key, _) in enumerate(first, start=1)}


def in_words(system: System, model: str | None = None) -> str:
    """A system's name: `Hybrid, reranked`.

    `model` is named where the system itself names none; a system without meaning has none. An
    imported run is called as it is.
    """
    if system.run is not None:
        return system.run
    asked = system.model or model
    name = _MODES[system.mode]
    if asked is not None and system.mode != "lexical":
        name = f"{name} ({asked})"
    return f"{name}, reranked" if system.rerank else name


def parse_system(notation: str) -> System:
    """Read `hybrid`, `dense:MODEL`, `hybrid+rerank:MODEL`, `run:NAME`; raises InvalidInput."""
    if notation.startswith(_RUN) and notation != _RUN:
        return System(run=notation.removeprefix(_RUN))
    match = _NOTATION.fullmatch(notation.strip())
    if match is None or (match[1] == "lexical" and match[3]):
        raise InvalidInput(
            "Not a system",
            f"“{notation}” is no way of searching.",
            "Use hybrid, dense or lexical, maybe followed by +rerank, and by :MODEL unless it is"
            " lexical; or run:NAME, a run that the set holds.",
        )
    return System(cast(Mode, match[1]), match[3], bool(match[2]))


def check_distinct(systems: Collection[System]) -> None:
    """Raises InvalidInput where there is none, or one of them twice."""
    if not systems:
        raise InvalidInput("No system", "No way of searching was chosen.", "Choose at least one.")
    if len({in_words(system) for system in systems}) < len(systems):
        raise InvalidInput(
            "A system was chosen twice",
            "Each way of searching can be chosen once.",
            "Choose others.",
        )


class Systems:
    """Runs systems over queries within a job, among the documents of a set.

    Vectors are scored exactly, so that equal models give equal figures to the last digit; those of
    a model are gathered once.
    """

    def __init__(
        self,
        parts: Parts,
        settings: Settings,
        names: Mapping[int, list[str]],
        job: Job,
        *,
        set_id: int | None = None,
        exact: bool = True,
    ) -> None:
        """`names` are the keys of each document that may be retrieved.

        `set_id` is the set's whose imported runs can be asked for.

        Without `exact` the vector index is asked where it is ready: for a query or two that is
        quicker than to gather all vectors.
        """
        self._parts = parts
        self._settings = settings
        self._names = names
        self._job = job
        self._set_id = set_id
        self._exact = exact
        self._matrices: dict[str, ExactVectors] = {}
        with parts.library.read() as connection:
            n_documents = documents.counts(connection)[1]
            self._n_chunks = documents.n_chunks(connection)
            hashes = pictures.every_hash(connection)
            self.of_pictures = bool(names) and names.keys() <= hashes.keys()
            """Whether all that may answer are pictures."""
        self._allowed = None if n_documents == len(names) else set(names)
        if self.of_pictures:
            parts.pictures.ready(job)  # its model may have to be prepared on this machine first
        else:
            parts.pictures.load()

    def model_of(self, system: System) -> str:
        """Id of the model that a system works with, of pictures alone one for pictures.

        Raises NotFound.
        """
        if system.model is not None:
            with self._parts.library.read() as connection:
                model_registry.require(connection, system.model)
            return system.model
        models = self._parts.image_models if self.of_pictures else self._parts.models
        return models.active_id()

    def name_of(self, system: System) -> str:
        """A system's name with the model that it works with; raises NotFound."""
        return in_words(system, None if system.run is not None else self.model_of(system))

    def run(self, system: System, queries: Mapping[str, str], depth: int = DEPTH) -> SystemRun:
        """The first `depth` documents of every query; raises NotFound, JobCancelled."""
        if system.run is not None:
            return SystemRun(self._imported(system.run, queries, depth), [])
        search = self._search(system)
        seen = self._seen(system)
        kind: Kind = "image" if self.of_pictures else "both"
        lists, latencies = {}, []
        for done, (query_id, text) in enumerate(queries.items(), start=1):
            self._job.checkpoint()
            began = time.perf_counter()
            options = retrieval.Options(
                query=text,
                k=depth,
                mode=system.mode,
                fusion=self._settings.fusion,
                balance=self._settings.balance,
                rerank=system.rerank,
                prefix=False,
                documents=self._allowed,
            )
            hits = picture_answers.found(self._parts, options, kind, None, search, seen)
            latencies.append((time.perf_counter() - began) * 1000)
            lists[query_id] = [
                (name, hit.score) for hit in hits for name in self._names.get(hit.document_id, ())
            ]
            self._job.progress("Searching", done, len(queries), "queries", in_words(system))
        return SystemRun(lists, latencies)

    def _imported(
        self, name: str, queries: Mapping[str, str], depth: int
    ) -> dict[str, list[tuple[str, float]]]:
        self._job.checkpoint()
        with self._parts.library.read() as connection:
            run = evalset_runs.load(connection, self._set_id, name)
        return run_file.lists(run.content, queries, depth, percent_encoded=run.percent_encoded)

    def _search(self, system: System) -> Callable[[retrieval.Options], list[retrieval.Hit]]:
        served: ServedModel | None = None
        if system.mode != "lexical":
            model = None if self._kind_of(system) == "image" else system.model
            served = self._parts.models.open_for(self._job, model or self._parts.models.active_id())
        put_to = retrieval_parts(self._parts, served, self._job.checkpoint)
        if served is not None and (
            self._exact or served.dense.health(self._n_chunks).state != "ready"
        ):
            matrix = self._vectors(served)
            put_to = replace(
                put_to, dense=lambda vector, k, _: worded(self._parts, matrix.search(vector, k))
            )
        return lambda options: retrieval.search(options, put_to)

    def _kind_of(self, system: System) -> ModelKind | None:
        if system.model is None:
            return None
        with self._parts.library.read() as connection:
            return model_registry.kind_of(connection, system.model)

    def _seen(self, system: System) -> ServedPictures | None:
        """The pictures as a system's model sees them that need not be active."""
        if system.model is None or self._kind_of(system) == "text":
            return None
        encoder = self._parts.image_models.open_for(self._job, system.model)
        encode_lacking(self._parts, self._settings, self._job, encoder, self._names)
        with self._parts.library.read() as connection:
            every = pictures.every_hash(connection)
        seen = ServedPictures(encoder, self._parts.embeddings)
        seen.refresh({document: key for document, key in every.items() if document in self._names})
        return seen

    def _vectors(self, served: ServedModel) -> ExactVectors:
        """Of all passages that may answer."""
        found = self._matrices.get(served.card.id)
        if found is None:
            with self._parts.library.read() as connection:
                chunks = list(documents.chunks(connection, self._names))
            found = ExactVectors(served.encoder.dim)
            if chunks:
                found.append(
                    [chunk.id for chunk in chunks],
                    [chunk.document_id for chunk in chunks],
                    np.stack(served.embed(chunks, self._job)),
                )
            self._matrices[served.card.id] = found
        return found
