"""Gathers from a workspace what there is to train on, and what its tests know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from sqlite3 import Connection

from engine.evaluation_records import JUDGMENTS
from engine.measuring import Topic, load_topic
from engine.parts import Parts
from engine.recipe import Origin
from engine.records import Label
from engine.storage import (
    documents,
    evalset_versions,
    evalsets,
    labels,
    made_pairs,
    mined_negatives,
    pair_documents,
    pictures,
    visits,
)
from engine.storage.encoding_key import encoding_text
from engine.storage.pair_documents import PairDocument
from engine.training.candidates import Candidate, Says, pair_id
from engine.training.pairs import (
    POSITIVE_GRADE,
    JudgedQuery,
    decisive,
    document_key,
    from_labels,
    from_qrels,
    normalised,
    of_texts,
)
from engine.training.visit_weight import sign_of, weight_of
from engine.training_records import WEIGHTS, Negative

_TEST = "test"
OWN = "My own feedback"


@dataclass(frozen=True, slots=True)
class Mined:
    """A passage that was mined, or reviewed, as a negative."""

    key: str
    """Of its document, as judged passages have it."""
    negative: Negative


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that was said of queries and passages, by people and otherwise."""

    queries: tuple[JudgedQuery, ...]
    """As people judged them, nothing left out."""
    candidates: tuple[Candidate, ...]
    """The strongest sources first, each as old as its source."""
    tested: tuple[str, ...]
    """Queries that the test splits of evaluation sets ask."""
    negatives: Mapping[str, tuple[Mined, ...]]
    """Of each normalised query, the hardest first; never one that is said to answer it."""
    names: Mapping[int, str]
    """Keys of the documents that may answer, by id."""
    source: str
    """What it is, in words."""


def gather(parts: Parts, evalset: str | None, split: str) -> Gathered:
    """Everything that could be trained on; raises NotFound, NotEnoughData for a set's split."""
    if evalset is None:
        with parts.library.read() as connection:
            wordless = set(pictures.wordless(connection))
            every = (number for number in documents.every_id(connection) if number not in wordless)
            names = {number: str(number) for number in every}
            given = _at_home(connection, of_texts(labels.in_force(connection)))
            judged = _from_labels(connection, given)
            weak = _visited(connection, names, gone=True) + _made(connection, names, gone=True)
            mined = _mined(connection, names, judged + weak)
            tested = _tested(connection, None)
        return Gathered(from_labels(given), judged + weak, tested, mined, names, OWN)
    topic = load_topic(parts, evalset, split)
    names = {number: places[0] for number, places in topic.names.items()}
    first = {place: places[0] for places in topic.names.values() for place in places}
    qrels = {
        query: {first[document]: grade for document, grade in graded.items() if document in first}
        for query, graded in topic.qrels.items()
    }
    queries = from_qrels(topic.queries, qrels)
    with parts.library.read() as connection:
        judged = _from_set(connection, topic, queries)
        weak = _visited(connection, names, gone=False) + _made(connection, names, gone=False)
        mined = _mined(connection, names, judged + weak)
        tested = _tested(connection, topic.set if split == _TEST else None)
    source = f"“{evalset}”, split “{split}”"
    return Gathered(queries, judged + weak, tested, mined, names, source)


def _at_home(connection: Connection, given: Iterable[Label]) -> tuple[Label, ...]:
    """The labels; those of a document that was edited are about what it has become."""
    return tuple(
        label
        if label.document_id is not None
        else replace(
            label, document_id=pair_documents.holding(connection, label.document, label.text)
        )
        for label in given
    )


def _from_labels(connection: Connection, given: Sequence[Label]) -> tuple[Candidate, ...]:
    """The labels that count, marked where others say the opposite."""
    hashes = pair_documents.content_hashes(connection)
    said: dict[tuple[str, str], set[Says]] = {}
    for label in given:
        key = normalised(label.query), document_key(label)
        said.setdefault(key, set()).add(_says(_grade(label)))
    counting = decisive(given)
    ids = (label.document_id for label in counting.values() if label.document_id is not None)
    found = pair_documents.by_id(connection, ids)
    return tuple(
        Candidate(
            id=pair_id(_origin(label), label.query, hashes[label.id], label.text),
            query_id=query,
            query=label.query,
            origin=_origin(label),
            says=_says(_grade(label)),
            key=key,
            document_id=label.document_id,
            document=found[label.document_id].place if label.document_id in found else "",
            title=label.title,
            text=label.text,
            grade=_grade(label),
            weight=WEIGHTS[_origin(label)],
            at=label.at,
            disputed={"up", "down"} <= said[query, key],
        )
        for (query, key), label in sorted(counting.items(), key=lambda item: item[1].id)
    )


def _origin(label: Label) -> Origin:
    return "judgment" if label.kind == "judgment" else "thumb"


def _grade(label: Label) -> int:
    if label.kind == "judgment":
        return label.value
    return POSITIVE_GRADE if label.value > 0 else 0


def _says(grade: int) -> Says:
    return "down" if grade <= 0 else "up" if grade >= POSITIVE_GRADE else "neither"


def _from_set(
    connection: Connection, topic: Topic, queries: Iterable[JudgedQuery]
) -> tuple[Candidate, ...]:
    ids = {places[0]: number for number, places in topic.names.items()}
    made_at = 0.0
    if topic.set != JUDGMENTS:
        made_at = evalsets.created_at(connection, topic.set)
    judged = [
        (query, passage) for query in queries for passage in (*query.positives, *query.negatives)
    ]
    found = pair_documents.by_id(connection, {ids[passage.document] for _, passage in judged})
    return tuple(
        Candidate(
            id=pair_id("set", query.text, f"{topic.set}/{passage.document}", ""),
            query_id=query.id,
            query=query.text,
            origin="set",
            says="up" if passage.grade > 0 else "down",
            key=passage.document,
            document_id=ids[passage.document],
            document=found[ids[passage.document]].place,
            title=found[ids[passage.document]].title,
            text=found[ids[passage.document]].beginning,
            grade=passage.grade,
            weight=WEIGHTS["set"],
            at=made_at,
        )
        for query, passage in judged
    )


def _visited(
    connection: Connection, names: Mapping[int, str], *, gone: bool
) -> tuple[Candidate, ...]:
    """One candidate a query and document: of all visits the one that says most."""
    strongest: dict[tuple[str, str], tuple[float, Origin, visits.Visit]] = {}
    for visit in visits.every(connection):
        sign = sign_of(visit.opened, visit.seconds)
        if sign is None or not visit.text.strip():
            continue
        pair = normalised(visit.query), visit.content_hash
        weight = weight_of(sign, visit.rank)
        if pair not in strongest or weight > strongest[pair][0]:
            strongest[pair] = weight, sign, visit
    present = pair_documents.by_hash(connection, (each for _, each in strongest))
    encoded = _Encoded(connection)
    candidates = []
    for (query, content_hash), (weight, origin, visit) in strongest.items():
        document = present.get(content_hash)
        key = _key(document, visit.text, names, gone=gone)
        if key is None:
            continue
        candidates.append(
            Candidate(
                id=pair_id(origin, query, content_hash, visit.text),
                query_id=query,
                query=visit.query,
                origin=origin,
                says="up",
                key=key,
                document_id=document.id if document else None,
                document=document.place if document else visit.document,
                title=visit.title,
                text=encoded.passage(document.id, visit.text) if document else visit.text,
                grade=POSITIVE_GRADE,
                weight=weight,
                at=visit.at,
            )
        )
    return tuple(candidates)


def _made(connection: Connection, names: Mapping[int, str], *, gone: bool) -> tuple[Candidate, ...]:
    pairs = made_pairs.every(connection)
    present = pair_documents.by_hash(connection, (pair.content_hash for pair in pairs))
    candidates = []
    for pair in pairs:
        document = present.get(pair.content_hash)
        key = _key(document, pair.text, names, gone=gone)
        if key is None:
            continue
        candidates.append(
            Candidate(
                id=pair_id(pair.origin, pair.query, pair.content_hash, pair.text),
                query_id=normalised(pair.query),
                query=pair.query,
                origin=pair.origin,
                says="up",
                key=key,
                document_id=document.id if document else None,
                document=document.place if document else "",
                title=document.title if document else "",
                text=pair.text,
                grade=POSITIVE_GRADE,
                weight=WEIGHTS[pair.origin],
                at=pair.at,
                negatives=pair.negatives,
                scores=pair.scores,
            )
        )
    return tuple(candidates)


def _mined(
    connection: Connection, names: Mapping[int, str], candidates: Iterable[Candidate]
) -> dict[str, tuple[Mined, ...]]:
    """Of the queries that there are; what was said to answer since it was mined is left out."""
    answers: dict[str, set[str]] = {}
    for candidate in candidates:
        known = answers.setdefault(normalised(candidate.query), set())
        if candidate.says != "down":
            known.add(candidate.key)
    learnable = {
        query: mined
        for query, mined in mined_negatives.learnable(connection).items()
        if query in answers
    }
    hashes = {each.content_hash for mined in learnable.values() for each in mined}
    present = pair_documents.by_hash(connection, hashes)
    found: dict[str, tuple[Mined, ...]] = {}
    for query, mined in learnable.items():
        kept = []
        for each in mined:
            document = present.get(each.content_hash)
            key = _key(document, each.text, names, gone=False)
            if document is not None and key is not None and key not in answers[query]:
                negative = Negative(document.place, document.title, each.text, each.source)
                kept.append(Mined(key, negative))
        if kept:
            found[query] = tuple(kept)
    return found


def _key(
    document: PairDocument | None, text: str, names: Mapping[int, str], *, gone: bool
) -> str | None:
    """A document's key; None where it is none of those that are trained on."""
    if document is not None:
        return names.get(document.id)
    return f"gone:{sha256(text.encode()).hexdigest()}" if gone else None


class _Encoded:
    """Finds the form in which passages of the library are encoded; reads each document once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._passages: dict[int, list[tuple[str, str]]] = {}

    def passage(self, document_id: int, shown: str) -> str:
        """The passage that holds what was shown, with its context; else what was shown."""
        if document_id not in self._passages:
            self._passages[document_id] = [
                (chunk.text, encoding_text(chunk.context, chunk.text))
                for chunk in documents.chunks(self._connection, [document_id])
            ]
        holding = (encoded for text, encoded in self._passages[document_id] if shown in text)
        return next(holding, shown)


def _tested(connection: Connection, trained_on: str | None) -> tuple[str, ...]:
    """The queries of all test splits, but for that of the set whose test split is trained on."""
    queries: set[str] = set()
    for info in evalsets.every(connection):
        if info.name == trained_on or _TEST not in {split.name for split in info.splits}:
            continue
        content = evalset_versions.content(connection, evalsets.find(connection, info.name))
        queries.update(content.queries[query_id] for query_id in content.qrels.get(_TEST, {}))
    return tuple(sorted(queries))
