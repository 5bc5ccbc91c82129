"""What the engine's parts hand to each other, to the window and to the commands.

Frozen, slotted, made of plain values, so that each crosses a process boundary as it is. Times are
seconds since the epoch, spans are character offsets `[start, end)` into a document's text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

Mode = Literal["hybrid", "lexical", "dense"]
Fusion = Literal["weighted", "rrf"]
JobKind = Literal["index", "activate", "evaluate", "finetune", "import", "gather", "export"]
"""`gather` makes training data, `export` writes a model."""
JobState = Literal["queued", "running", "paused", "finished", "cancelled", "failed"]
IndexState = Literal["empty", "ready", "catching up", "rebuilding"]
Thumb = Literal[-1, 1]
OcrLevel = Literal["off", "cheap", "all"]
Kind = Literal["both", "text", "image"]
"""What is looked for: documents of any kind, all but pictures, pictures alone."""
ModelKind = Literal["text", "image"]
"""What a model encodes: passages and queries, or pictures and queries for them."""
Team = Literal[1, 2]
"""Which of two competing models."""
Unit = Literal["", "page", "slide", "sheet", "row"]
BackupReason = Literal["scheduled", "asked", "migration", "restore"]

NEEDS_PASSWORD = "Needs a password"  # noqa: S105
"""The reason of a failure that a password mends."""

INSIDE = "!/"
"""Stands between an archive's (or a mail's) path and the path of what lies inside it."""


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that the user asked to index, or an imported dataset."""

    id: int
    path: str
    """Absolute."""
    kind: Literal["folder", "dataset"]
    added_at: float
    n_files: int
    n_documents: int
    """Distinct documents: two files of equal content are one."""
    n_failed: int
    available: bool
    """False while the folder cannot be seen (a drive that is not plugged in)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be indexed."""

    file_id: int
    path: str
    """Absolute."""
    reason: str
    """In words: `Needs a password`."""
    hint: str
    at: float
    ignored: bool = False
    """The user does not want to hear of it until the file changes."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page, slide or sheet of a document, as a span of its text."""

    number: int
    """From 1."""
    start: int
    end: int
    name: str = ""
    """A sheet's; else empty."""


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where on a picture a stretch of its text was read, in shares of width and height."""

    start: int
    end: int
    """Span of the document's text."""
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture file says of itself."""

    width: int
    """Pixels, upright as it is shown."""
    height: int
    taken_at: float | None = None
    camera: str = ""
    latitude: float | None = None
    """Degrees, north positive."""
    longitude: float | None = None
    """Degrees, east positive."""
    caption: str = ""
    """What the user wrote of it; what its file says is among the document's details."""
    tags: tuple[str, ...] = ()
    """That the user gave it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A picture made small, for the eye and for the image encoder."""

    thumbnail: bytes
    """JPEG, upright."""
    pixels: bytes = b""
    """What `prepared_pixels` gives, row by row; empty where no encoder wanted them."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """A file's content as an extractor returns it."""

    title: str
    text: str
    """No NUL, no lone surrogates; line ends are `\\n`."""
    media_type: str
    pages: tuple[Page, ...] = ()
    """Empty where the format has none."""
    unit: Unit = ""
    """What `pages` are. Rows are passages of their own."""
    author: str = ""
    created_at: float | None = None
    """When it was written, by its own account."""
    language: str = ""
    """ISO 639-1 code; empty where it cannot be told."""
    details: dict[str, str] = field(default_factory=dict)
    """What else it says of itself, by name for people: `From`, `To`, `Keywords`."""
    ocr_confidence: float | None = None
    """Mean certainty from 0 to 1 where text was read from a picture."""
    boxes: tuple[TextBox, ...] = ()
    """Where on its picture the text stands; for pictures only."""
    picture: Picture | None = None
    """None where the file is no picture."""


@dataclass(frozen=True, slots=True)
class DatasetDocument:
    """A document of a test collection; title and text may be empty."""

    id: str
    title: str
    text: str
    image: str = ""
    """Path of its picture, relative to the dataset's folder; empty where it is a text."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a document."""

    id: int
    document_id: int
    ordinal: int
    start: int
    end: int
    page: int | None
    text: str
    """`document.text[start:end]`."""
    context: str
    """What is put before the text where it is encoded and matched (the title); may be empty."""
    encoding_hash: bytes
    """Of what is encoded, context and text: the key of the embedding cache."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file's extracted content; several files of equal content share it."""

    id: int
    content_hash: str
    """SHA-256 of the file's bytes, hex."""
    title: str
    text: str
    media_type: str
    pages: tuple[Page, ...]
    paths: tuple[str, ...]
    """Where it lies: absolute paths, with `INSIDE` for what lies inside a file; an id in a
    dataset."""
    size_bytes: int
    modified_at: float
    unit: Unit = ""
    author: str = ""
    created_at: float | None = None
    language: str = ""
    details: dict[str, str] = field(default_factory=dict)
    ocr_confidence: float | None = None
    boxes: tuple[TextBox, ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """One line of a retriever's run."""

    chunk_id: int
    document_id: int
    score: float
    """Higher is better; its scale is the retriever's own."""


@dataclass(frozen=True, slots=True)
class RetrieverScore:
    """Where one retriever put a document, and why it is where it is."""

    rank: int
    """From 1, among documents."""
    score: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a result."""

    chunk_id: int
    text: str
    start: int
    end: int
    page: int | None
    highlights: tuple[tuple[int, int], ...]
    """Spans of the query's words, as offsets into `text`."""
    place: str = ""
    """Where in its document, in words: `page 3`, `sheet Costs`; empty where it has no pages."""


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """A document that says nearly the same as a result and is shown below it."""

    document_id: int
    document: str
    """Its path, or its id in a dataset."""
    title: str
    score: float = 0.0
    scores: dict[str, RetrieverScore] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    """The best one: what a label of it is about."""
    grade: int | None = None
    thumb: Thumb | None = None
    picture: Picture | None = None
    """None where it is no picture."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One document that was found."""

    rank: int
    document_id: int
    document: str
    """Its path (the first, where it lies in several places), or its id in a dataset."""
    title: str
    media_type: str
    modified_at: float
    score: float
    scores: dict[str, RetrieverScore]
    """By retriever: `lexical`, `dense`, `reranker`, `meaning` (of a picture, for words), `look` (of
    a picture, for a picture); a retriever that did not find it is absent."""
    passages: tuple[Passage, ...]
    """The best first; a picture's may be empty."""
    grade: int | None = None
    """The user's judgment for this query, if any."""
    thumb: Thumb | None = None
    """The user's feedback for this query, if any."""
    also_at: tuple[str, ...] = ()
    """The other places where the same content lies."""
    near_duplicates: tuple[NearDuplicate, ...] = ()
    author: str = ""
    language: str = ""
    picture: Picture | None = None
    """None where it is no picture."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as it looks."""

    png: bytes
    width: int
    """Pixels."""
    height: int
    marks: tuple[tuple[float, float, float, float], ...]
    """Left, top, right, bottom of what is marked, in shares of width and height."""
    texts: tuple[int, ...] = ()
    """Of each mark, which of the marked texts it is, from 0."""
    n_pages: int = 1
    """Pages of its document."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that documents have in common."""

    value: str
    n_documents: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What a search can be limited to; of each kind, what most documents have comes first."""

    languages: tuple[Facet, ...]
    """ISO 639-1 codes."""
    authors: tuple[Facet, ...]
    types: tuple[Facet, ...]
    """Extensions in lower case, without the dot."""
    cameras: tuple[Facet, ...] = ()
    tags: tuple[Facet, ...] = ()
    """Of pictures, the user's own and their files'."""


@dataclass(frozen=True, slots=True)
class BackupInfo:
    """A copy of library.db."""

    name: str
    """Its file's."""
    at: float
    reason: BackupReason
    size_bytes: int
    n_labels: int
    """Judgments, thumbs and pictures with captions or tags in it, those of evaluation sets too."""


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The answer to a query."""

    query: str
    mode: Mode
    took_ms: float
    model: str
    """Id of the model whose vectors were searched."""
    results: tuple[SearchResult, ...]
    notice: str = ""
    """What limits this answer just now: `Meaning covers 1,200 of 5,183 passages so far.`"""


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """How a derived index stands."""

    state: IndexState
    done: int
    """Passages in it."""
    total: int
    """Passages in the library."""
    note: str = ""
    """What was wrong and is being repaired, in words."""


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes on disk by part of the workspace."""

    library: int
    embeddings: int
    lexical: int
    vectors: int
    models: int
    thumbnails: int = 0

    @property
    def total(self) -> int:
        """All of it, in bytes."""
        indexes = self.lexical + self.vectors
        return self.library + self.embeddings + indexes + self.models + self.thumbnails


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job as a list shows it."""

    id: str
    kind: JobKind
    title: str
    state: JobState
    started_at: float
    model_kind: ModelKind = "text"
    """What the model encodes that is tuned or put to work."""


@dataclass(frozen=True, slots=True)
class LibraryStatus:
    """The library at a glance."""

    workspace: str
    roots: tuple[Root, ...]
    n_files: int
    n_documents: int
    n_chunks: int
    n_failed: int
    lexical: IndexHealth
    vectors: IndexHealth
    active_model: str
    disk: DiskUse
    jobs: tuple[JobInfo, ...]
    """Those that run, are paused or wait."""
    n_pictures: int = 0
    """Documents that are pictures."""
    n_seen: int = 0
    """Pictures of which it is known what they show."""
    image_model: str = ""
    """Id of the active model for pictures."""


@dataclass(frozen=True, slots=True)
class LabelState:
    """What a query–document pair carries after a change, and what can be undone.

    After a change of captions or tags it is about no pair: `query` is empty.
    """

    query: str
    document_id: int | None
    grade: int | None
    thumb: Thumb | None
    undo: str
    """What undo would take back, in words; empty where there is nothing."""
    redo: str
    evalset: str = ""
    """The set that holds `grade`; empty for the user's own judgments."""


@dataclass(frozen=True, slots=True)
class Label:
    """A judgment or a thumb as it was given; it outlives its document."""

    id: int
    kind: Literal["judgment", "feedback"]
    query: str
    document_id: int | None
    """None once the document has left the library."""
    document: str
    """Its path when it was labelled."""
    title: str
    text: str
    """The passage that was shown."""
    text_hash: str
    """SHA-256 of `text`, hex."""
    value: int
    """A judgment's grade 0–3; a thumb's -1 or 1."""
    at: float
    rank: int | None = None
    scores: dict[str, float] = field(default_factory=dict)
    model: str = ""


@dataclass(frozen=True, slots=True)
class GateRules:
    """What a tuned model must fulfil before it may be put to work."""

    min_held_out: int = 10
    """Held-out queries; with fewer no difference can be told from chance."""
    p_below: float = 0.10
    """Two-sided p of the paired test: 5 % for a rise, the only direction that lets a model pass."""
    general_loss: float = 0.01
    """nDCG@10 that may be lost on the general set at most."""
    slower: float = 1.5
    """Times the base's time to encode a query at most."""
    larger: float = 1.5
    """Times the base's size at most."""


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One of the gate's tests."""

    name: str
    """In words: `Held-out searches`."""
    passed: bool
    words: str
    """What was measured and what was asked."""


@dataclass(frozen=True, slots=True)
class GateReport:
    """The gate's verdict on a tuned model."""

    measure: str
    before: float
    after: float
    ci: tuple[float, float]
    """95 % confidence interval of the mean paired difference (after - before)."""
    p: float
    """Two-sided, of the paired randomisation test."""
    n_queries: int
    accepted: bool
    reason: str
    """The verdict in plain words."""
    checks: tuple[GateCheck, ...] = ()
    """Each test by itself; empty for a verdict of an older version."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A registered bi-encoder, of passages or of pictures."""

    id: str
    name: str
    origin: Literal["bundled", "imported", "tuned"]
    base: str | None
    """Id of the model it was tuned from."""
    dim: int
    max_tokens: int
    fingerprint: str
    """Empty until its encoder has been prepared on this machine."""
    variant: str
    """`int8` or `fp32`; empty until prepared."""
    created_at: float
    size_bytes: int
    active: bool
    encoded: int
    """Passages, or pictures, of the library that have a vector of this model."""
    gate: GateReport | None = None
    notes: str = ""
    previous: bool = False
    """Rolling back returns to it."""
    kind: ModelKind = "text"
    licence: str = ""
    """In its owner's words; empty where it is not told."""
    adapter: bool = False
    """A linear map of queries on another model: passages keep that one's vectors."""
    overruled: str = ""
    """Why the user put it to work in spite of the gate; empty where nobody did."""


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """A model for pictures that open_clip knows where to get."""

    architecture: str
    tag: str
    """Which weights of the architecture."""
    size_bytes: int
    """To be downloaded."""
    licence: str
    about: str
    """What it is good for, in words."""


@dataclass(frozen=True, slots=True)
class PictureTraining:
    """What there is to fit the model for pictures to: texts that describe pictures."""

    n_captions: int
    """The user's own captions and those that files carry."""
    n_titles: int
    """Names of files that say something."""
    n_judgments: int
    """Judgments of at least grade 1, and thumbs up, on pictures."""
    n_pictures: int
    """Different pictures among all these."""
    n_needed: int
    missing: str
    """What is missing, in words; empty where there is enough."""
    new_since_last: int = 0
    """Captions, tags and judgments given since the last fit to the library."""


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """What there is to train on."""

    n_thumbs_up: int
    n_thumbs_down: int
    n_judgments: int
    n_queries: int
    """Distinct queries with at least one positive."""
    n_pairs: int
    """Query–passage pairs that training would use as positives."""
    n_needed: int
    """Queries needed before training is allowed."""
    missing: str
    """What is missing, in words; empty where there is enough."""
    new_since_last: int
    """Labels given since the last tuning."""


@dataclass(frozen=True, slots=True)
class SplitInfo:
    """A split of an evaluation set."""

    name: str
    n_queries: int
    n_qrels: int


@dataclass(frozen=True, slots=True)
class EvalSetInfo:
    """An evaluation set: queries with graded judgments, over a dataset or the whole library."""

    name: str
    root_id: int | None
    """None is the whole library, or a dataset that was removed."""
    n_documents: int
    splits: tuple[SplitInfo, ...]
    of_pictures: bool = False
    """All of its documents are pictures."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Of a search, in milliseconds."""

    p50: float
    p95: float


class EvaluationReport(msgspec.Struct, frozen=True, tag=True):
    """Measures of one system on one split."""

    set: str
    split: str
    mode: Mode
    model: str
    reranked: bool
    n_queries: int
    measures: dict[str, float]
    """`nDCG@10`, `RR@10`, `R@100`, `AP`, `P@5`."""
    latency_ms: Latency
    version: int | None = None
    """Of the set; None where it changed since it was frozen, or never was."""


class IndexReport(msgspec.Struct, frozen=True, tag=True):
    """What an indexing job did."""

    added: int
    changed: int
    moved: int
    removed: int
    unchanged: int
    failed: int
    encoded: int
    """Passages whose vector was computed; the rest came from the cache."""
    seconds: float
    seconds_to_keywords: float
    """Until the last document was searchable by keywords."""


class ActivationReport(msgspec.Struct, frozen=True, tag=True):
    """A model was put to work."""

    model: str
    encoded: int
    seconds: float


class ImportReport(msgspec.Struct, frozen=True, tag=True):
    """A model was imported; it is not active yet."""

    model: str
    agreement: float
    """Greatest difference between any number of its vectors here and in torch."""
    seconds: float


class TuneReport(msgspec.Struct, frozen=True, tag=True):
    """What came of tuning."""

    model: str
    base: str
    accepted: bool
    reason: str
    gate: GateReport
    seconds: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What the doctor says of one store."""

    store: str
    """In words: `Keyword index`."""
    state: Literal["sound", "repaired", "damaged"]
    text: str
    """What was found and what was done, in words."""


class DoctorReport(msgspec.Struct, frozen=True, tag=True):
    """The state of every store."""

    findings: tuple[Finding, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class RerankAdvice:
    """Whether reranking helps on the user's own judgments."""

    helps: bool
    before: float
    after: float
    n_queries: int
    reason: str
