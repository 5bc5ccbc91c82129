"""Everything that can be asked of an engine: each request is one method of `Workspace`.

What concerns evaluation sets is in `engine.evaluation_requests`, tuning in
`engine.training_requests`.

`Search` is answered by `Workspace.search`, and so on: the name in snake case is the method. The
type parameter is the type of the answer; a request that starts long work answers with its
`JobInfo` and goes on in events.
"""

from __future__ import annotations

from engine.evaluation_records import OWNER
from engine.evaluation_requests import AnyEvaluationRequest
from engine.recipe import Recipe
from engine.records import (
    BackupInfo,
    Document,
    EvalSetInfo,
    Facets,
    Failure,
    Fusion,
    JobInfo,
    Kind,
    Label,
    LabelState,
    LibraryStatus,
    Mode,
    ModelInfo,
    ModelKind,
    PageImage,
    PictureTraining,
    PublishedModel,
    RerankAdvice,
    Root,
    SearchResult,
    SearchResults,
    Thumb,
    TrainingSummary,
)
from engine.request import Request
from engine.settings import Settings
from engine.training_requests import AnyTrainingRequest


class GetStatus(Request[LibraryStatus], frozen=True, tag=True):
    """Counts, index health, disk use and running jobs."""


class GetSettings(Request[Settings], frozen=True, tag=True):
    """The user's settings."""


class ChangeSettings(Request[Settings], frozen=True, tag=True):
    """Replace the settings; answers with what is now in force."""

    settings: Settings


class AddRoots(Request[tuple[Root, ...]], frozen=True, tag=True):
    """Remember folders or single files, and start indexing them."""

    paths: tuple[str, ...]


class AddSampleLibrary(Request[tuple[Root, ...]], frozen=True, tag=True):
    """Add the library that comes with the program."""


class RemoveRoot(Request[None], frozen=True, tag=True):
    """Forget a root and what was indexed below it; files and judgments stay."""

    root_id: int


class Sync(Request[JobInfo], frozen=True, tag=True):
    """Bring the library up to date; failed files are tried again with `retry_failed`."""

    retry_failed: bool = False


class ListFailures(Request[tuple[Failure, ...]], frozen=True, tag=True):
    """Files that could not be indexed."""


class IgnoreFiles(Request[None], frozen=True, tag=True):
    """Speak no more of failed files until they change, or speak of them again."""

    file_ids: tuple[int, ...]
    ignored: bool = True


class RetryFiles(Request[JobInfo], frozen=True, tag=True):
    """Try failed files again, with a password if one is given; it is not kept."""

    file_ids: tuple[int, ...]
    password: str = ""


class PauseJob(Request[None], frozen=True, tag=True):
    """Hold a job at its next safe point."""

    job: str


class ResumeJob(Request[None], frozen=True, tag=True):
    """Let a paused job go on."""

    job: str


class CancelJob(Request[None], frozen=True, tag=True):
    """Stop a job at its next safe point; what it has committed stays."""

    job: str


class Search(Request[SearchResults], frozen=True, tag=True):
    """Search the library. What is None comes from the settings."""

    query: str
    k: int | None = None
    mode: Mode | None = None
    fusion: Fusion | None = None
    balance: float | None = None
    rerank: bool | None = None
    prefix: bool = False
    """The last word may be unfinished."""
    under: str | None = None
    """Only documents below this folder."""
    types: tuple[str, ...] = ()
    """Only files with these extensions, without the dot."""
    modified_after: float | None = None
    modified_before: float | None = None
    author: str | None = None
    """Only documents whose author's name holds this."""
    languages: tuple[str, ...] = ()
    """Only documents in these languages, by ISO 639-1 code."""
    group: bool = True
    """Near-duplicates stand below the best of them, not in places of their own."""
    kind: Kind = "both"
    image: str | None = None
    """Path of a picture: pictures are wanted that look like it. `query` may be empty then."""
    like: int | None = None
    """Id of a document that is a picture: others that look like it."""
    weight: float | None = None
    """Share of the words beside a picture, 0 to 1; None is half."""
    cameras: tuple[str, ...] = ()
    """Only pictures taken with one of these, as `camera:` finds them."""
    tags: tuple[str, ...] = ()
    """Only pictures with all of these tags, as `tag:` finds them."""
    evalset: str | None = None
    """Results carry a rater's grades in this set, not those of the user's own judgments."""
    rater: str = OWNER


class ListFacets(Request[Facets], frozen=True, tag=True):
    """The languages, authors and types that the library holds."""


class GetDocument(Request[Document], frozen=True, tag=True):
    """One document, with its text."""

    document_id: int


class GetThumbnails(Request[tuple[bytes, ...]], frozen=True, tag=True):
    """Pictures made small, JPEG, in the order asked for; empty for what has none."""

    document_ids: tuple[int, ...]


class ListPictures(Request[tuple[int, ...]], frozen=True, tag=True):
    """Documents that are pictures, those taken (else changed) last first."""

    query: str = ""
    """Conditions alone (`camera:leica`); words in it are not searched for."""
    under: str | None = None
    """Only documents below this folder."""
    types: tuple[str, ...] = ()
    """Only files with these extensions, without the dot."""
    modified_after: float | None = None
    modified_before: float | None = None


class GetResults(Request[tuple[SearchResult, ...]], frozen=True, tag=True):
    """Documents as results of no query, in the order asked for; what is gone is left out."""

    document_ids: tuple[int, ...]


class DescribePictures(Request[LabelState], frozen=True, tag=True):
    """Write a caption and tags on pictures; one step to undo, however many they are."""

    document_ids: tuple[int, ...]
    caption: str | None = None
    """None leaves each as it is; empty takes it away."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


class RenderPage(Request[PageImage], frozen=True, tag=True):
    """A page of a document as a picture; a picture is its own page 1."""

    document_id: int
    number: int
    width: int
    """Pixels."""
    marked: tuple[str, ...] = ()
    """Text whose places on the page are wanted."""


class Judge(Request[LabelState], frozen=True, tag=True):
    """Give a query–document pair a grade, or take it away with None.

    Grades go from 0 to 3, or to the end of an evaluation set's scale.
    """

    query: str
    document_id: int
    grade: int | None
    text: str
    """The passage that was shown."""
    rank: int | None = None
    scores: dict[str, float] = {}
    model: str = ""
    evalset: str | None = None
    """The set that it goes into, with its query; None is the user's own judgments."""
    rater: str = OWNER
    """Who judges, in a set."""


class GiveThumb(Request[LabelState], frozen=True, tag=True):
    """Give a query–document pair a thumb, or take it away with None."""

    query: str
    document_id: int
    thumb: Thumb | None
    text: str
    """The passage that was shown."""
    rank: int | None = None
    scores: dict[str, float] = {}
    model: str = ""


class Undo(Request[LabelState], frozen=True, tag=True):
    """Take back the last judgment or thumb."""


class Redo(Request[LabelState], frozen=True, tag=True):
    """Give again what was taken back last."""


class ListLabels(Request[tuple[Label, ...]], frozen=True, tag=True):
    """All judgments and thumbs in force, newest first."""


class ListModels(Request[tuple[ModelInfo, ...]], frozen=True, tag=True):
    """The registered models, of both kinds."""


class ListPublishedModels(Request[tuple[PublishedModel, ...]], frozen=True, tag=True):
    """Models for pictures that can be downloaded; nothing is asked of the network."""


class ImportModel(Request[JobInfo], frozen=True, tag=True):
    """Import a CLIP of open_clip's from a folder or a file; its result is an ImportReport."""

    path: str
    architecture: str | None = None
    """open_clip's name of it, where no configuration lies beside the weights."""


class DownloadModel(Request[JobInfo], frozen=True, tag=True):
    """Download a published model for pictures, then import it; the one use of the network."""

    architecture: str
    tag: str


class TryModel(Request[tuple[float, ...]], frozen=True, tag=True):
    """How well words fit pictures by a model that need not be active, in the order asked for."""

    model: str
    query: str
    document_ids: tuple[int, ...]


class RemoveModel(Request[None], frozen=True, tag=True):
    """Delete a model that is neither bundled, nor active, nor another one's base."""

    model: str


class ActivateModel(Request[JobInfo], frozen=True, tag=True):
    """Encode the library (or its pictures) with a model in the background, then switch to it."""

    model: str


class RollBackModel(Request[ModelInfo], frozen=True, tag=True):
    """Return to the model that was active before, at once; answers with it."""

    kind: ModelKind = "text"


class GetTrainingSummary(Request[TrainingSummary], frozen=True, tag=True):
    """What there is to train on."""


class GetPictureTraining(Request[PictureTraining], frozen=True, tag=True):
    """What there is to fit the model for pictures to."""


class Finetune(Request[JobInfo], frozen=True, tag=True):
    """Tune the active model on feedback and judgments, or on a split of an evaluation set.

    A tuned text model that passes the gate is put to work; one for pictures waits for the user.
    """

    evalset: str | None = None
    split: str = "train"
    kind: ModelKind = "text"
    recipe: Recipe | None = None
    """For a text model; None takes the one that the settings name."""


class ListEvalSets(Request[tuple[EvalSetInfo, ...]], frozen=True, tag=True):
    """The evaluation sets."""


class ImportEvalSet(Request[JobInfo], frozen=True, tag=True):
    """Import a BEIR folder: its corpus as a dataset root, its queries and qrels as a set."""

    path: str
    name: str


class Evaluate(Request[JobInfo], frozen=True, tag=True):
    """Measure a system on a split of an evaluation set."""

    name: str
    split: str = "test"
    mode: Mode = "hybrid"
    rerank: bool = False
    model: str | None = None
    """Id of a registered model; None is the active one."""


class AdviseReranking(Request[RerankAdvice], frozen=True, tag=True):
    """Measure on the user's own judgments whether reranking helps."""


class ListBackups(Request[tuple[BackupInfo, ...]], frozen=True, tag=True):
    """The copies of library.db, the newest first."""


class MakeBackup(Request[BackupInfo], frozen=True, tag=True):
    """Copy library.db now."""


class RestoreBackup(Request[None], frozen=True, tag=True):
    """Put a copy in the place of library.db, which is copied first; the engine starts anew."""

    name: str


class Diagnose(Request[JobInfo], frozen=True, tag=True):
    """Check every store and repair what can be repaired."""

    rebuild: bool = False
    """Build the derived indexes anew, whatever their state."""


AnyRequest = (
    GetStatus
    | GetSettings
    | ChangeSettings
    | AddRoots
    | AddSampleLibrary
    | RemoveRoot
    | Sync
    | ListFailures
    | PauseJob
    | ResumeJob
    | CancelJob
    | Search
    | ListFacets
    | GetDocument
    | Judge
    | GiveThumb
    | Undo
    | Redo
    | ListLabels
    | ListModels
    | ActivateModel
    | RollBackModel
    | GetTrainingSummary
    | Finetune
    | ListEvalSets
    | ImportEvalSet
    | Evaluate
    | AdviseReranking
    | IgnoreFiles
    | RetryFiles
    | RenderPage
    | GetThumbnails
    | ListPictures
    | GetResults
    | DescribePictures
    | ListPublishedModels
    | ImportModel
    | DownloadModel
    | TryModel
    | RemoveModel
    | GetPictureTraining
    | ListBackups
    | MakeBackup
    | RestoreBackup
    | Diagnose
    | AnyEvaluationRequest
    | AnyTrainingRequest
)
