"""Training data as an engine would give them, for the tests of their views."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.requests import ChangeSettings
from engine.training_records import (
    GATHERINGS,
    DoubtfulNegative,
    Negative,
    OriginCount,
    PairPage,
    RunRecord,
    SynthesisReport,
    Topic,
    TrainingOverview,
    TrainingPair,
)
from engine.training_requests import (
    Distill,
    ExcludePairs,
    ExportPairs,
    ForgetMade,
    GetTrainingOverview,
    ListDoubtful,
    ListPairs,
    ListRuns,
    MineNegatives,
    ReviewNegative,
    Synthesize,
    TryLlm,
)
from tests.gui.pages.samples import NOW, job

PATH = "/home/ines/Documents/Thesis/lakes.pdf"
LONG = (
    "Correspondence and minutes of the association for comparative limnology, second delivery, "
    "with all appendices, tables and corrections that were handed in later"
)
NEGATIVES = (
    Negative(PATH, "Lakes", "Sediments settle slowly in still water.", "judged"),
    Negative("/home/ines/Documents/nets.txt", "", "Nets were cast at dawn.", "bm25"),
)
JUDGED = TrainingPair(
    id="judged",
    query="oxygen in deep water",
    document_id=7,
    document=PATH,
    title="Lakes",
    positive="Below the thermocline oxygen is used up by late summer.",
    negatives=NEGATIVES,
    origin="judgment",
    grade=3,
    weight=1.0,
    at=NOW,
    excluded=False,
    problems=(),
    problem="",
    topic=0,
)
CONFLICT = replace(
    JUDGED,
    id="conflict",
    query="who signed the contract",
    origin="open",
    weight=0.14,
    grade=2,
    negatives=(),
    problems=("conflict",),
    problem="It is said to answer this query, and not to: decide, or exclude it.",
    at=NOW - 2e5,
)
MADE = replace(
    JUDGED,
    id="made",
    query=LONG,
    title=LONG,
    document=f"/media/backup/{LONG}/Scans/ארכיון המכתבים 📚.pdf",
    positive=f"{LONG}. " * 20,
    origin="llm",
    weight=0.6,
    grade=2,
    excluded=True,
    at=NOW - 9e6,
)
GONE = replace(
    JUDGED,
    id="gone",
    query="nets and probes",
    document_id=None,
    document="",
    title="",
    origin="thumb",
    grade=2,
    problems=("gone",),
    problem="Its document has left the library; the passage that was kept is learnt.",
    topic=-1,
)
FIRST = (JUDGED, CONFLICT, MADE, GONE)
N_PAIRS = 5000
TOPICS = (
    Topic("lake, sediment, phosphorus", 21_000, 310),
    Topic("contract, association, minutes", 12_000, 44),
    Topic("net, probe, sampling, a very long list of words that is typical of it", 6_100, 0),
    Topic("אגם, חמצן", 3_000, 4),
    *(
        Topic(f"word {number}, another {number}", 2_000 - number * 90, number)
        for number in range(9)
    ),
)
OVERVIEW = TrainingOverview(
    origins=(
        OriginCount("judgment", 131, 62, 131.0),
        OriginCount("thumb", 40, 31, 40.0),
        OriginCount("open", 22, 20, 3.18),
        OriginCount("llm", 812, 790, 487.2),
        OriginCount("pseudo", 0, 0, 0.0),
    ),
    n_pairs=1005,
    n_queries=903,
    n_judged_queries=88,
    n_excluded=1,
    problems={"conflict": 2, "duplicate": 14, "leak": 3, "gone": 1},
    topics=TOPICS,
    score=62,
    missing=(
        "Nothing is known to be wrong for 40 of 88 judged queries: grade poor results with 0, or "
        "let hard negatives be mined.",
        "Nothing covers “net, probe, sampling”, 12 % of the library: judge searches about it.",
        "14 pairs were said before.",
    ),
    hash="ab" * 32,
    n_doubtful=17,
    n_mined=214,
)
EMPTY_OVERVIEW = TrainingOverview((), 0, 0, 0, 0, {}, (), 0, ("Judge some results.",), "00" * 32)


def pair(number: int) -> TrainingPair:
    """One of many pairs."""
    if number < len(FIRST):
        return FIRST[number]
    return replace(JUDGED, id=f"pair {number}", query=f"query {number}", at=NOW - number * 5e3)


def page_of(request: ListPairs) -> PairPage:
    """What an engine with many pairs would answer."""
    last = min(request.offset + request.limit, N_PAIRS)
    found = tuple(pair(number) for number in range(request.offset, last))
    return PairPage(found, N_PAIRS, N_PAIRS)


DATA: dict[Any, Any] = {
    GetTrainingOverview: OVERVIEW,
    ListPairs: page_of,
    ExcludePairs: None,
    ExportPairs: lambda request: request.path,
}
DOUBTFUL = (
    DoubtfulNegative(
        3,
        "oxygen in deep water",
        "Below the thermocline oxygen is used up by late summer.",
        "Lakes",
        PATH,
        "In deep water oxygen is scarce.",
        "dense",
        0.4,
    ),
    DoubtfulNegative(5, LONG, LONG * 9, LONG, MADE.document, LONG * 12, "bm25", 0.9),
)
MINED = RunRecord(
    "gather-1",
    "gather",
    GATHERINGS["negatives"],
    "finished",
    NOW - 400,
    NOW - 300,
    {"depth": "100"},
    {"n_queries": 40, "n_hard": 120, "n_doubtful": 17, "n_false": 9, "seconds": 30},
    (),
)
MINING = job("gather", GATHERINGS["negatives"])
MAKING = job("gather", GATHERINGS["queries"], 2)
LABELLING = job("gather", GATHERINGS["labels"], 3)
SYNTHESIS = SynthesisReport("title", 500, 412, 31.0, (("lakes", "Below the thermocline."),))
MORE: dict[Any, Any] = {
    ListRuns: (MINED,),
    ListDoubtful: DOUBTFUL,
    ReviewNegative: None,
    ForgetMade: None,
    MineNegatives: MINING,
    Synthesize: MAKING,
    Distill: LABELLING,
    TryLlm: ("oxygen in lakes", "why fish die in summer"),
    ChangeSettings: lambda request: request.settings,
}
