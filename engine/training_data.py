"""What there is to train on: gathered, looked at, excluded, exported."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec

from engine.errors import InvalidInput, NotEnoughData
from engine.evaluation.set_files.formats import write_file
from engine.library_topics import library_topics
from engine.parts import Parts
from engine.prepared_pairs import Prepared, excluded_rows, left_out_rows, prepare
from engine.storage import made_pairs, mined_negatives, pair_exclusions
from engine.training import data_quality
from engine.training.assemble import assemble
from engine.training.candidates import Candidate
from engine.training.data_quality import Facts, TopicCover
from engine.training.pair_problems import IN_WORDS
from engine.training.pairs import normalised
from engine.training.plan import MIN_QUERIES
from engine.training.topics import balance
from engine.training.training_set import TrainingSet
from engine.training_records import (
    ORIGINS,
    Negative,
    OriginCount,
    PairFilter,
    PairPage,
    Problem,
    Topic,
    TrainingOverview,
    TrainingPair,
)
from engine.training_requests import ExportPairs, ForgetMade, ListPairs

_DAY_S = 86_400.0


def training_set(parts: Parts, evalset: str | None, split: str) -> TrainingSet:
    """All that may be trained on: the user's own feedback, or a split of an evaluation set.

    Visits and pairs that were made come with it. Left out is what the user excluded, what
    contradicts itself, what was said before, and what the test split of an evaluation set knows,
    unless that split is what is trained on. A document's key is its id as text, in a dataset its
    first place. Raises NotFound, NotEnoughData where nothing is judged in the split.
    """
    prepared = prepare(parts, evalset, split)
    return _assembled(prepared, left_out_rows(prepared, excluded_rows(parts, prepared)))


def overview(parts: Parts, evalset: str | None, split: str) -> TrainingOverview:
    """What there is to train on, and how good it is; raises NotFound, NotEnoughData."""
    prepared = prepare(parts, evalset, split)
    candidates = prepared.gathered.candidates
    excluded = excluded_rows(parts, prepared)
    left_out = left_out_rows(prepared, excluded)
    positives = [row for row, each in enumerate(candidates) if each.says == "up"]
    trained = [candidates[row] for row in positives if row not in left_out]
    found = Counter(
        problem
        for row in positives
        if row not in excluded
        for problem in prepared.problems.get(row, ())
    )
    told: dict[Problem, int] = {problem: found[problem] for problem in IN_WORDS if found[problem]}
    assembled = _assembled(prepared, left_out)
    about = _topical(parts, prepared)
    by_topic = Counter(about.of(each) for each in trained)
    topics = tuple(
        Topic(words, n, by_topic[number])
        for number, (words, n) in enumerate(zip(about.words, about.n_passages, strict=True))
    )
    facts = _facts(assembled, trained, len(positives), told, topics)
    with parts.library.read() as connection:
        n_doubtful = mined_negatives.n_doubtful(connection)
    return TrainingOverview(
        origins=_origins([candidates[row] for row in positives], trained),
        n_pairs=len(trained),
        n_queries=len({normalised(each.query) for each in trained}),
        n_judged_queries=len(assembled.queries),
        n_excluded=sum(row in excluded for row in positives),
        problems=told,
        topics=topics,
        score=data_quality.score(facts),
        missing=data_quality.missing(facts),
        hash=assembled.hash,
        n_doubtful=n_doubtful,
        n_mined=sum(len(mined) for mined in prepared.gathered.negatives.values()),
    )


def page(parts: Parts, request: ListPairs) -> PairPage:
    """Training pairs that fit a filter; raises NotFound, NotEnoughData."""
    prepared = prepare(parts, request.evalset, request.split)
    candidates = prepared.gathered.candidates
    excluded = excluded_rows(parts, prepared)
    about = _topical(parts, prepared)
    positives = [row for row, each in enumerate(candidates) if each.says == "up"]
    fitting = [
        row
        for row in positives
        if _fits(candidates[row], request.filter, prepared.problems.get(row, ()))
        and request.filter.excluded in (None, row in excluded)
        and request.filter.topic in (None, about.of(candidates[row]))
    ]
    fitting.sort(key=lambda row: _place(candidates[row], row, request.filter))
    start = max(request.offset, 0)
    shown = fitting[start : start + max(request.limit, 0)]
    said_no = _said_no(prepared, left_out_rows(prepared, excluded))
    return PairPage(
        tuple(_shown(prepared, row, said_no, about, excluded=row in excluded) for row in shown),
        len(fitting),
        len(positives),
    )


def exclude(parts: Parts, pairs: Sequence[str], excluded: bool) -> None:
    """Leave pairs out of training, or take them in again; judgments and thumbs stay."""
    with parts.library.write() as connection:
        (pair_exclusions.add if excluded else pair_exclusions.remove)(connection, pairs)


def export(parts: Parts, request: ExportPairs) -> str:
    """Write the pairs that would be trained on as JSON lines; answers with the path.

    What is at the path is replaced once all is written. Of a document that was judged as a whole
    the beginning stands for it. Raises NotFound, NotEnoughData, InvalidInput, StorageFull.
    """
    prepared = prepare(parts, request.evalset, request.split)
    left_out = left_out_rows(prepared, excluded_rows(parts, prepared))
    rows = [
        row
        for row, each in enumerate(prepared.gathered.candidates)
        if each.says == "up" and row not in left_out
    ]
    if not rows:
        raise NotEnoughData(
            "Nothing to export",
            "There is no pair that would be trained on.",
            "Give results a thumb, or judge them, first.",
        )
    path = Path(request.path).expanduser().absolute()
    if path.is_dir():
        raise InvalidInput(
            "It cannot be written",
            f"{path} is a folder.",
            "Choose a name for the file. Nothing was written.",
        )
    write_file(path, _lines(prepared, rows, left_out))
    return str(path)


def forget_made(parts: Parts, request: ForgetMade) -> None:
    """Throw away pairs that were made, of these origins, and mined negatives where asked."""
    with parts.library.write() as connection:
        made_pairs.forget(connection, request.by)
        if request.negatives:
            mined_negatives.forget(connection)


class ExportedPair(msgspec.Struct, frozen=True):
    """A line of an exported file."""

    query: str
    positive: str
    negatives: tuple[str, ...]
    origin: str
    weight: float
    grade: int
    date: str
    """ISO 8601, in UTC; empty where it is not known."""
    document: str


@dataclass(frozen=True, slots=True)
class _Topical:
    """The library's topics, as far as the documents that may answer are about them."""

    words: tuple[str, ...] = ()
    n_passages: tuple[int, ...] = ()
    of_document: dict[int, int] | None = None

    def of(self, candidate: Candidate) -> int:
        """Which topic a pair belongs to; -1 where that is not known."""
        if self.of_document is None or candidate.document_id is None:
            return -1
        return self.of_document.get(candidate.document_id, -1)


def _topical(parts: Parts, prepared: Prepared) -> _Topical:
    found = library_topics(parts)
    if found is None:
        return _Topical()
    names = prepared.gathered.names
    inside = {document: own for document, own in found.of_document.items() if document in names}
    n_passages: Counter[int] = Counter()
    for topic, n in inside.values():
        n_passages[topic] += n
    order = sorted(n_passages, key=lambda topic: (-n_passages[topic], topic))
    number = {topic: place for place, topic in enumerate(order)}
    return _Topical(
        tuple(found.words[topic] for topic in order),
        tuple(n_passages[topic] for topic in order),
        {document: number[topic] for document, (topic, _) in inside.items()},
    )


def _assembled(prepared: Prepared, left_out: Collection[int]) -> TrainingSet:
    gathered = prepared.gathered
    return assemble(
        gathered.queries,
        gathered.candidates,
        left_out,
        {
            query: tuple(each.negative.text for each in mined)
            for query, mined in gathered.negatives.items()
        },
        gathered.source,
    )


def _origins(
    positives: Sequence[Candidate], trained: Sequence[Candidate]
) -> tuple[OriginCount, ...]:
    """Of each origin that there is, the pairs that would be trained on."""
    present = {each.origin for each in positives}
    counts = []
    for origin in ORIGINS:
        own = [each for each in trained if each.origin == origin]
        if origin in present:
            n_queries = len({normalised(each.query) for each in own})
            weight = sum(each.weight for each in own)
            counts.append(OriginCount(origin, len(own), n_queries, round(weight, 3)))
    return tuple(counts)


def _facts(
    assembled: TrainingSet,
    trained: Sequence[Candidate],
    n_pairs: int,
    problems: dict[Problem, int],
    topics: Sequence[Topic],
) -> Facts:
    # Of a set's pairs it is known only when the set came in, which says nothing of their age.
    dates = [each.at for each in trained if each.at and each.origin != "set"]
    n_passages = sum(topic.n_passages for topic in topics)
    return Facts(
        n_judged_queries=len(assembled.queries),
        n_needed=MIN_QUERIES,
        n_with_negative=sum(
            bool(query.negatives) or normalised(query.text) in assembled.negatives
            for query in assembled.queries
        ),
        n_pairs=n_pairs,
        n_conflicts=problems.get("conflict", 0),
        n_duplicates=problems.get("duplicate", 0),
        n_leaks=problems.get("leak", 0),
        judged_weight=sum(each.weight for each in trained if each.judged),
        weak_weight=sum(each.weight for each in trained if not each.judged),
        median_age_days=(time.time() - median(dates)) / _DAY_S if dates else None,
        balance=balance([topic.n_pairs for topic in topics]) if topics else None,
        topics=tuple(
            TopicCover(topic.words, topic.n_passages / n_passages, topic.n_pairs)
            for topic in topics
        ),
    )


def _fits(candidate: Candidate, wanted: PairFilter, found: Collection[Problem]) -> bool:
    if wanted.origins and candidate.origin not in wanted.origins:
        return False
    if wanted.problems and not set(wanted.problems) & set(found):
        return False
    text = wanted.text.casefold().strip()
    return not text or any(
        text in field.casefold() for field in (candidate.query, candidate.title, candidate.text)
    )


def _place(candidate: Candidate, row: int, wanted: PairFilter) -> tuple[float | str, float, int]:
    """Where a pair stands in the order that is asked for."""
    match wanted.order:
        case "newest":
            return -candidate.at, 0.0, row
        case "query":
            return normalised(candidate.query), -candidate.weight, row
        case "weight":
            return -candidate.weight, -candidate.at, row
        case "origin":
            return tuple(ORIGINS).index(candidate.origin), -candidate.at, row


def _said_no(prepared: Prepared, left_out: Collection[int]) -> dict[str, list[Candidate]]:
    """What was judged as no answer, by normalised query."""
    found: dict[str, list[Candidate]] = {}
    for row, candidate in enumerate(prepared.gathered.candidates):
        if candidate.says == "down" and row not in left_out:
            found.setdefault(normalised(candidate.query), []).append(candidate)
    return found


def _negatives(
    prepared: Prepared, row: int, said_no: dict[str, list[Candidate]]
) -> tuple[Negative, ...]:
    candidate = prepared.gathered.candidates[row]
    query = normalised(candidate.query)
    judged = (
        Negative(each.document, each.title, each.text, "judged") for each in said_no.get(query, ())
    )
    mined = (each.negative for each in prepared.gathered.negatives.get(query, ()))
    made = (Negative("", "", text, "dense") for text in candidate.negatives)
    return (*judged, *mined, *made)


def _shown(
    prepared: Prepared,
    row: int,
    said_no: dict[str, list[Candidate]],
    about: _Topical,
    *,
    excluded: bool,
) -> TrainingPair:
    candidate = prepared.gathered.candidates[row]
    found = prepared.problems.get(row, ())
    return TrainingPair(
        id=candidate.id,
        query=candidate.query,
        document_id=candidate.document_id,
        document=candidate.document,
        title=candidate.title,
        positive=candidate.text,
        negatives=_negatives(prepared, row, said_no),
        origin=candidate.origin,
        grade=candidate.grade,
        weight=candidate.weight,
        at=candidate.at,
        excluded=excluded,
        problems=found,
        problem=IN_WORDS[found[0]] if found else "",
        topic=about.of(candidate),
    )


def _lines(prepared: Prepared, rows: Sequence[int], left_out: Collection[int]) -> Iterator[bytes]:
    said_no = _said_no(prepared, left_out)
    encoder = msgspec.json.Encoder()
    for row in rows:
        each = prepared.gathered.candidates[row]
        date = datetime.fromtimestamp(each.at, UTC).isoformat(timespec="seconds") if each.at else ""
        yield (
            encoder.encode(
                ExportedPair(
                    query=each.query,
                    positive=each.text,
                    negatives=tuple(n.text for n in _negatives(prepared, row, said_no)),
                    origin=each.origin,
                    weight=each.weight,
                    grade=each.grade,
                    date=date,
                    document=each.document,
                )
            )
            + b"\n"
        )
