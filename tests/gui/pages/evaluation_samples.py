"""Evaluation sets as an engine would give them, for the pages' tests."""

from __future__ import annotations

import math

from engine.evaluation_records import (
    GRADED,
    JUDGMENTS,
    Agreement,
    ComparisonReport,
    Difference,
    Disagreement,
    GivenJudgment,
    JudgingProgress,
    JudgingTask,
    LabelFinding,
    Miss,
    PairAgreement,
    PoolEstimate,
    QueryAnswer,
    QueryExplained,
    SetImport,
    SetOverview,
    SetQuery,
    SetVersion,
    System,
    SystemFigures,
)
from tests.gui.pages.samples import NOW

QUERIES = (
    SetQuery("1", "oxygen depletion in summer", "test", "typed", 20, 20, 6, 0, 1.0),
    SetQuery("2", "who signed the contract", "test", "history", 18, 11, 2, 1, 0.6),
    SetQuery("3", "phosphorus from sediments", "train", "typed", 12, 12, 0, 0, 1.0),
    SetQuery("4", "מדידות חמצן באגם 📚", "test", "imported", 0, 0, 0, 0),
)
VERSION = SetVersion(1, NOW - 90_000, "Before pooling deeper", 3, 40, "5f" * 32)
LONG = (
    "What the association for comparative limnology looks for in the archive of correspondence, "
    "with a name that goes on 📚"
)


def overview(name: str = "archive", **changes: object) -> SetOverview:
    """A set that is partly judged."""
    values: dict[str, object] = {
        "name": name,
        "root_id": None,
        "guideline": "Relevant is what answers the question by itself.",
        "scale": GRADED,
        "queries": QUERIES,
        "versions": (VERSION,),
        "changed": True,
        "grades": {0: 20, 1: 8, 2: 10, 3: 5},
        "raters": ("Ines", "Jonas"),
        "n_without_relevant": 1,
        "n_holes": 7,
    }
    return SetOverview(**(values | changes))  # type: ignore[arg-type]


EMPTY = overview(
    LONG, queries=(), versions=(), grades={}, raters=(), n_without_relevant=0, n_holes=0
)
OWN = overview(JUDGMENTS, versions=(), n_holes=0)

KEYWORDS, HYBRID = System("lexical"), System("hybrid", "all-minilm-l6-v2")


def comparison(name: str = "archive", judged: float = 0.62) -> ComparisonReport:
    """Two systems on three queries."""
    measure = "nDCG@10"
    first = SystemFigures(
        KEYWORDS,
        "Keywords",
        {measure: 0.512, "AP": 0.4, "Judged@10": judged},
        {measure: {"1": 0.5, "2": 0.4, "4": 0.636}},
        4.1,
        9.0,
    )
    second = SystemFigures(
        HYBRID,
        "Hybrid",
        {measure: 0.553, "AP": 0.45, "Judged@10": 0.97},
        {measure: {"1": 0.9, "2": 0.4, "4": 0.36}},
        31.0,
        70.2,
    )
    apart = Difference(measure, 0, 1, 0.041, (0.02, 0.06), 0.001, 0.003, 0.31, 1, 1, 1)
    chance = Difference("AP", 0, 1, -0.05, (-0.11, 0.01), 0.2, 0.2, -0.1, 1, 1, 1)
    queries = {query.id: query.text for query in QUERIES if query.split == "test"}
    return ComparisonReport(name, None, "test", 3, (first, second), (apart, chance), queries)


EXPLAINED = QueryExplained(
    "1",
    QUERIES[0].text,
    {
        "Keywords": (
            QueryAnswer("a", 1, "Sampling protocol", 1, 0),
            QueryAnswer("b", 2, "Anoxia", 2, None),
        ),
        "Hybrid": (QueryAnswer("c", 3, "Stratification and hypoxia", 1, 3),),
    },
    (
        Miss(
            "c",
            3,
            "Stratification and hypoxia",
            3,
            "not retrieved",
            {"Hybrid": 1},
            "None of the query's words is in it; it says hypoxia.",
        ),
    ),
)
ESTIMATE = PoolEstimate(320, 43, 10.0, 53.3)


def said(rater: str, grade: int | None, note: str = "") -> GivenJudgment:
    """What a rater said of the first pair."""
    return GivenJudgment("1", "c", rater, grade, note=note, at=NOW)


AGREEMENT = Agreement(
    (PairAgreement("Ines", "Jonas", 24, 0.75, 0.61, 0.72, (0.4, 0.8), (0.5, 0.9)),),
    0.7,
    (0.52, 0.84),
    {"Ines": 0.2, "Jonas": -0.2},
    24,
)
NO_AGREEMENT = Agreement((), math.nan, (math.nan, math.nan), {}, 0)
DISAGREEMENTS = (
    Disagreement(
        "1",
        QUERIES[0].text,
        "c",
        3,
        "Stratification and hypoxia",
        (said("Ines", 3, "Says why"), said("Jonas", 0, "Another lake")),
        None,
    ),
    Disagreement(
        "2", QUERIES[1].text, "d", 4, "Minutes", (said("Ines", 1), said("Jonas", 2)), None
    ),
)
FINDING = LabelFinding(
    "evidence",
    "1",
    QUERIES[0].text,
    "c",
    3,
    "Stratification and hypoxia",
    0,
    "Ines",
    "Graded 0, but every system has it first.",
    0.9,
)
TASK = JudgingTask(
    "1",
    QUERIES[0].text,
    "c",
    3,
    "Stratification and hypoxia",
    "/home/ines/Stratification.pdf",
    "application/pdf",
    "Oxygen is used up below the thermocline.",
    (),
    None,
)
PROGRESS = JudgingProgress(12, 40, 1, 0, 9.0, 250.0, "grade 3", "")
IMPORTED_SET = SetImport("old", 50, 800, 0, 12)
