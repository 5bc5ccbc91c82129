"""Records as an engine would give them, for the pages' tests."""

from __future__ import annotations

import time

from engine.records import (
    NEEDS_PASSWORD,
    DiskUse,
    EvalSetInfo,
    Failure,
    GateReport,
    IndexHealth,
    JobInfo,
    JobKind,
    Label,
    LibraryStatus,
    ModelInfo,
    PictureTraining,
    PublishedModel,
    Root,
    SplitInfo,
    TrainingSummary,
)

NOW = time.time()

ROOTS = (
    Root(1, "/home/ines/Documents/Thesis", "folder", NOW - 9e5, 1204, 1187, 3, True),
    Root(
        2,
        "/media/backup/Archive 2019/Correspondence and minutes of the association for "
        "comparative limnology/Scans, second delivery/ארכיון המכתבים 📚",
        "folder",
        NOW - 8e5,
        8310,
        8102,
        0,
        False,
    ),
    Root(3, "/home/ines/beir/scifact", "dataset", NOW - 7e5, 0, 5183, 0, True),
)
EMPTY_HEALTH = IndexHealth("empty", 0, 0)


def status(
    roots: tuple[Root, ...] = ROOTS, jobs: tuple[JobInfo, ...] = (), **changes: object
) -> LibraryStatus:
    """A library as it stands; empty without roots."""
    full = bool(roots)
    values: dict[str, object] = {
        "workspace": "/home/ines/.local/share/Attune/library",
        "roots": roots,
        "n_files": sum(root.n_files for root in roots),
        "n_documents": sum(root.n_documents for root in roots),
        "n_chunks": 61240 if full else 0,
        "n_failed": sum(root.n_failed for root in roots),
        "lexical": IndexHealth("ready", 61240, 61240) if full else EMPTY_HEALTH,
        "vectors": IndexHealth("catching up", 48211, 61240) if full else EMPTY_HEALTH,
        "active_model": "all-minilm-l6-v2",
        "disk": DiskUse(184_300_000, 47_900_000, 61_200_000, 131_000_000, 92_400_000)
        if full
        else DiskUse(40_960, 0, 0, 0, 0),
        "jobs": jobs,
    }
    return LibraryStatus(**(values | changes))  # type: ignore[arg-type]


FAILURES = (
    Failure(
        7,
        "/home/ines/Documents/Thesis/sources/Interview transcripts (confidential).pdf",
        NEEDS_PASSWORD,
        "Retry with its password, or keep a copy without one beside it.",
        NOW - 4000,
    ),
    Failure(
        8,
        "/home/ines/Documents/Thesis/sources/scan_0043.tiff",
        "Damaged",
        "Open it in the program that made it, and save it anew.",
        NOW - 90_000,
    ),
    Failure(
        9,
        "/home/ines/Documents/Thesis/raw/סקר 📊 שדה.xlsx",
        "Larger than 200 MB",
        "Raise the limit in Settings, under Reading files.",
        NOW - 800_000,
    ),
)


def job(kind: JobKind, title: str, number: int = 1, state: str = "running") -> JobInfo:
    """A job."""
    return JobInfo(f"{kind}-{number}", kind, title, state, NOW)  # type: ignore[arg-type]


ENOUGH = TrainingSummary(48, 11, 96, 57, 131, 20, "", 34)
TOO_LITTLE = TrainingSummary(
    6, 2, 5, 8, 11, 20, "12 more queries with a relevant result are needed.", 13
)
NOTHING = TrainingSummary(
    0, 0, 0, 0, 0, 20, "20 more queries with a relevant result are needed.", 0
)

ENOUGH_PICTURES = PictureTraining(412, 96, 31, 455, 50, "", 12)
FEW_PICTURES = PictureTraining(
    7, 3, 1, 9, 50, "9 pictures have a text that says what is in it; 50 are needed to learn from."
)

ACCEPTED = GateReport(
    "nDCG@10",
    0.652,
    0.701,
    (0.018, 0.081),
    0.0021,
    41,
    True,
    "On 41 held-out queries it answers better, and by more than chance explains.",
)
REFUSED = GateReport(
    "nDCG@10",
    0.652,
    0.659,
    (-0.014, 0.029),
    0.41,
    41,
    False,
    "The difference on 41 held-out queries may well be chance. More feedback helps.",
)

BUNDLED = ModelInfo(
    "all-minilm-l6-v2",
    "all-MiniLM-L6-v2",
    "bundled",
    None,
    384,
    256,
    "f00d",
    "int8",
    NOW - 9e6,
    23_400_000,
    True,
    48211,
)
TUNED = ModelInfo(
    "tuned-2",
    "all-MiniLM-L6-v2, tuned 14 Mar",
    "tuned",
    "all-minilm-l6-v2",
    384,
    256,
    "beef",
    "int8",
    NOW - 90_000,
    91_200_000,
    False,
    12_400,
    ACCEPTED,
    "Trained on 131 pairs of 57 queries.",
)
REFUSED_MODEL = ModelInfo(
    "tuned-1",
    "all-MiniLM-L6-v2, tuned 2 Mar with a name that somebody made very long indeed, for reasons 🤷",
    "tuned",
    "all-minilm-l6-v2",
    384,
    256,
    "",
    "",
    NOW - 900_000,
    91_200_000,
    False,
    0,
    REFUSED,
)
MODELS = (BUNDLED, REFUSED_MODEL, TUNED)

CLASSIFIER = ModelInfo(
    "efficientnet-lite2",
    "EfficientNet-Lite2",
    "bundled",
    None,
    1408,
    0,
    "cafe",
    "fp32",
    NOW - 9e6,
    24_800_000,
    True,
    980,
    kind="image",
    licence="Apache-2.0",
)
CLIP = ModelInfo(
    "clip-vit-b-32",
    "ViT-B-32 laion2b_s34b_b79k",
    "imported",
    None,
    512,
    77,
    "c11b",
    "fp32",
    NOW - 80_000,
    605_200_000,
    False,
    240,
    kind="image",
    licence="MIT",
)
FITTED = ModelInfo(
    "fitted-1",
    "EfficientNet-Lite2, fitted 14 Mar",
    "tuned",
    "efficientnet-lite2",
    384,
    0,
    "f177",
    "fp32",
    NOW - 50_000,
    2_100_000,
    False,
    980,
    GateReport(
        "R@10",
        0.27,
        0.41,
        (0.09, 0.19),
        0.0004,
        240,
        True,
        "On 240 held-out texts it finds their pictures more often, by more than chance explains.",
    ),
    kind="image",
)
IMAGE_MODELS = (CLASSIFIER, CLIP, FITTED)
PUBLISHED = (
    PublishedModel(
        "ViT-B-32",
        "laion2b_s34b_b79k",
        605_200_000,
        "MIT",
        "Everyday photos, English; the quickest",
    ),
    PublishedModel(
        "ViT-L-14", "datacomp_xl_s13b_b90k", 1_710_000_000, "MIT", "Finer differences; slow"
    ),
    PublishedModel(
        "xlm-roberta-base-ViT-B-32",
        "laion5b_s13b_b90k",
        1_460_000_000,
        "MIT",
        "Queries in a hundred languages",
    ),
)

SETS = (
    EvalSetInfo("judgments", None, 0, (SplitInfo("all", 57, 96),)),
    EvalSetInfo("scifact", 3, 5183, (SplitInfo("test", 300, 339), SplitInfo("train", 809, 919))),
)


def label(number: int, query: str, title: str, kind: str, value: int) -> Label:
    """A judgment or a thumb."""
    return Label(
        number,
        kind,  # type: ignore[arg-type]
        query,
        number,
        f"/home/ines/Documents/Thesis/{title}.pdf",
        title,
        f"{title}. The passage that was shown for “{query}”, as it stood when it was judged.",
        "00",
        value,
        NOW - number * 40_000,
    )


LABELS = (
    label(1, "phosphorus release from lake sediments", "Internal loading, a review", "judgment", 3),
    label(2, "phosphorus release from lake sediments", "Sampling protocol 2019", "judgment", 0),
    label(3, "who signed the contract", "Minutes of 4 May", "feedback", 1),
    label(4, "מדידות חמצן באגם", "דו״ח שנתי 🌊", "feedback", -1),
    label(5, "oxygen depletion in summer", "Stratification and hypoxia", "judgment", 2),
)
