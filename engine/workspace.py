"""One workspace, open: the engine's API as plain methods, one for each request.

The window asks over a pipe (`engine.host`), the commands call the methods. A method that starts
long work answers at once with the job, whose events go to `emit`.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from engine import (
    answering,
    describing,
    doctor,
    image_import,
    indexing,
    interleaving,
    measuring,
    model_details,
    model_download,
    model_exchange,
    picture_encoding,
    picture_tuning,
    suggesting,
    tuning,
)
from engine.auto_tuning import AutoTuning
from engine.backups import Backups
from engine.encoders import clip_catalogue
from engine.errors import EngineError, InvalidInput, JobCancelled, NotFound, WorkspaceUnusable
from engine.events import Changed, Emit, Failed, JobEvent, JobResult, Warned
from engine.image_models import ImageModels
from engine.ingest.chunk import Chunker
from engine.ingest.exclude import Exclusions
from engine.ingest.render import Renderer
from engine.jobs.job import Job, Jobs
from engine.jobs.throttle import Gauge, Throttle, on_battery
from engine.judging_room import JudgingRoom
from engine.parts import Parts
from engine.pictures import Pictures
from engine.places import SAMPLE_LIBRARY
from engine.records import (
    ActivationReport,
    BackupInfo,
    DiskUse,
    Document,
    EvalSetInfo,
    Facets,
    Failure,
    JobInfo,
    JobKind,
    Label,
    LabelState,
    LibraryStatus,
    ModelInfo,
    ModelKind,
    PageImage,
    PictureTraining,
    PublishedModel,
    RerankAdvice,
    Root,
    SearchResult,
    SearchResults,
    TrainingSummary,
)
from engine.requests import (
    ActivateModel,
    AddRoots,
    AddSampleLibrary,
    AdviseReranking,
    CancelJob,
    ChangeSettings,
    DescribePictures,
    Diagnose,
    DownloadModel,
    Evaluate,
    Finetune,
    GetDocument,
    GetPictureTraining,
    GetResults,
    GetSettings,
    GetStatus,
    GetThumbnails,
    GetTrainingSummary,
    GiveThumb,
    IgnoreFiles,
    ImportEvalSet,
    ImportModel,
    Judge,
    ListBackups,
    ListEvalSets,
    ListFacets,
    ListFailures,
    ListLabels,
    ListModels,
    ListPictures,
    ListPublishedModels,
    MakeBackup,
    PauseJob,
    Redo,
    RemoveModel,
    RemoveRoot,
    RenderPage,
    RestoreBackup,
    ResumeJob,
    RetryFiles,
    RollBackModel,
    Search,
    Sync,
    TryModel,
    Undo,
)
from engine.retrieval import generation_folder
from engine.retrieval.lexical_generation import LexicalGeneration
from engine.run_log import RunLog
from engine.search_history import SearchHistory
from engine.serving import Models
from engine.settings import Settings
from engine.storage import (
    documents,
    evalsets,
    failures,
    labels,
    model_registry,
    pictures,
    roots,
    searches,
)
from engine.storage import settings as stored_settings
from engine.storage.embeddings import Embeddings
from engine.storage.facets import facets
from engine.storage.labels import NewLabel, Outcome
from engine.storage.library import open_library, prepare_restore
from engine.storage.lock import WorkspaceLock
from engine.training_bench import TrainingBench
from engine.training_requests import DeleteModel, FitAdapter
from engine.watching import Round, Watching

_INDEXING, _TAKING_IN, _CAPTIONS = "Indexing", "Taking in changes", "Taking in captions"


class Workspace:
    """Owns a workspace folder until closed.

    Raises WorkspaceLocked where another engine owns it, WorkspaceUnusable where it cannot open.
    """

    def __init__(self, folder: Path, emit: Emit) -> None:
        self._n_changes = 0
        self._facets: tuple[int, Facets] | None = None
        """What was counted last, and after how many changes of the library."""
        self._closers: list[Callable[[], None]] = []
        try:
            self._parts = self._open(folder)
        except OSError as error:
            self.close()
            raise WorkspaceUnusable(
                "The library cannot be opened",
                f"{folder}: {error.strerror or error}.",
                "Check that the folder can be written to, or choose another with --workspace.",
            ) from error
        except BaseException:
            self.close()  # whatever it was: a backup can be put back only while nobody holds it
            raise
        self._runs = RunLog(self._parts.library, self._settings, emit)
        self._closers.append(self._runs.close)
        self._emit = self._runs.tell
        model_exchange.sweep(self._parts)
        self._backups = Backups(folder, lambda: self._changed("backups"), self._warn)
        self._closers.append(self._backups.close)
        self._history = SearchHistory(self._parts.library, self._warn)
        self._closers.append(self._history.close)
        self._jobs = Jobs(self._emit)
        self.judging = JudgingRoom(
            self._parts,
            self._settings,
            self._start,
            lambda: self._changed("evalsets"),
            self._backups,
        )
        self._closers.append(self.judging.close)
        self.bench = TrainingBench(
            self._parts, self._settings, self._start, self._jobs, self._changed
        )
        self._watching = Watching(self._parts.library, self._take_in_changes)
        self._auto_tuning = AutoTuning(
            lambda: self._settings().auto_tune, self._may_tune, self._tune_by_itself
        )
        # Asked to stop first, then its round is cancelled, then its threads have ended.
        self._closers += [self._watching.close, self._jobs.close, self._watching.stop]
        self._closers.append(self._auto_tuning.close)
        self._renderer = Renderer()
        self._closers.append(self._renderer.close)

    def start(self) -> None:
        """Load the model, bring the library up to date and back it up, all in the background."""
        threading.Thread(target=self.load, name="loading the model", daemon=True).start()
        self._jobs.hold_back(Throttle(lambda: self._settings().gentle, Gauge()))
        self.sync(Sync())
        self._watching.start()
        self._backups.start()
        self._auto_tuning.refresh()

    def load(self) -> None:
        """Load the active model, where it was prepared; until then search is by keywords."""
        try:
            self._parts.models.load()
            self._parts.pictures.load()
        except EngineError:
            return  # indexing meets the same trouble, and tells it

    def close(self) -> None:
        """Stop the jobs at their next safe point and let go of the folder."""
        while self._closers:
            self._closers.pop()()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The library

    def get_status(self, _: GetStatus) -> LibraryStatus:
        """Counts, index health, disk use and running jobs."""
        parts = self._parts
        with parts.library.read() as connection:
            n_files, n_documents, n_chunks, n_failed = documents.counts(connection)
            every_root = roots.every(connection)
            n_pictures = pictures.count(connection)
        image_model = parts.image_models.active_id()
        return LibraryStatus(
            workspace=str(parts.folder),
            roots=every_root,
            n_files=n_files,
            n_documents=n_documents,
            n_chunks=n_chunks,
            n_failed=n_failed,
            lexical=parts.lexical.health(n_chunks),
            vectors=parts.models.health(n_chunks),
            active_model=parts.models.active_id(),
            disk=DiskUse(
                library=parts.library.size(),
                embeddings=parts.embeddings.size(),
                lexical=_size(parts.folder / "index", "lexical-"),
                vectors=_size(parts.folder / "index", "vectors-"),
                models=_size(parts.folder, "models"),
                thumbnails=parts.pictures.size(),
            ),
            jobs=self._jobs.unfinished(),
            n_pictures=n_pictures,
            n_seen=parts.image_models.n_encoded(image_model, n_pictures),
            image_model=image_model,
        )

    def add_roots(self, request: AddRoots) -> tuple[Root, ...]:
        """Remember folders or files and start indexing them; all of them, or none."""
        added = self.remember(request.paths)
        self.sync(Sync())
        return added

    def remember(self, folders: Sequence[str]) -> tuple[Root, ...]:
        """Remember folders or files, all of them or none, without indexing them yet."""
        paths = [Path(os.path.abspath(Path(path).expanduser())) for path in folders]
        for path in paths:
            if not path.exists():
                raise NotFound(
                    "No such folder", f"{path} does not exist.", "Check the path and try again."
                )
            if self._parts.folder.is_relative_to(path) or path.is_relative_to(self._parts.folder):
                raise InvalidInput(
                    "This is Attune's own folder",
                    f"{path} holds the state of this library or lies inside it.",
                    "Choose the folders that hold your documents.",
                )
        with self._parts.library.write() as connection:
            added = tuple(roots.add(connection, path, "folder") for path in paths)
        self._watching.refresh()
        self._changed("library")
        return added

    def add_sample_library(self, _: AddSampleLibrary) -> tuple[Root, ...]:
        """Add the library that comes with the program."""
        return self.add_roots(AddRoots((str(SAMPLE_LIBRARY),)))

    def remove_root(self, request: RemoveRoot) -> None:
        """Forget a root; files, judgments and cached vectors stay."""
        with self._parts.library.write() as connection:
            roots.remove(connection, request.root_id)
        self._watching.refresh()
        self._changed("library")
        self._changed("evalsets")
        self.sync(Sync())

    def sync(self, request: Sync) -> JobInfo:
        """Bring the library up to date with its folders; one that waits its turn serves for all."""
        title = "Trying failed files again" if request.retry_failed else _INDEXING
        for waiting in self._jobs.unfinished():
            if (waiting.title, waiting.state) == (title, "queued"):
                return waiting

        def work(job: Job) -> JobResult:
            turn = Round(retry_failed=request.retry_failed)
            return indexing.index(self._parts, self._settings(), job, turn)

        return self._start("index", title, work, "library")

    def _take_in_changes(self, turn: Round) -> bool:
        """Do a round that watching asks for, to its end; False where it failed."""

        def work(job: Job) -> JobResult:
            return indexing.index(self._parts, self._settings(), job, turn)

        job = self._start("index", _TAKING_IN, work, "library")
        return not isinstance(self.wait(job.id), Failed)

    def list_failures(self, _: ListFailures) -> tuple[Failure, ...]:
        """Files that could not be indexed."""
        with self._parts.library.read() as connection:
            return failures.every(connection)

    def ignore_files(self, request: IgnoreFiles) -> None:
        """Speak no more of failed files until they change, or speak of them again."""
        with self._parts.library.write() as connection:
            failures.ignore(connection, request.file_ids, request.ignored)
        self._changed("library")

    def retry_files(self, request: RetryFiles) -> JobInfo:
        """Read failed files again, with a password if one is given; it is not kept.

        Indexing that goes on makes way, and goes on afterwards.
        """

        def work(job: Job) -> JobResult:
            return indexing.retry(
                self._parts, self._settings(), job, request.file_ids, request.password
            )

        made_way = self._make_way()
        job = self._start("index", "Trying files again", work, "library")
        if made_way:
            self.sync(Sync())
        return job

    def _make_way(self) -> bool:
        """Stop indexing that goes on or waits; whether any did. What it committed stays."""
        running = [
            job
            for job in self._jobs.unfinished()
            if job.title in (_INDEXING, _TAKING_IN) and job.state in ("queued", "running")
        ]
        for job in running:
            with contextlib.suppress(NotFound):  # it has just ended
                self._jobs.find(job.id).cancel()
        return bool(running)

    # Jobs

    def pause_job(self, request: PauseJob) -> None:
        """Hold a job at its next safe point."""
        self._jobs.find(request.job).pause()

    def resume_job(self, request: ResumeJob) -> None:
        """Let a paused job go on."""
        self._jobs.find(request.job).resume()

    def cancel_job(self, request: CancelJob) -> None:
        """Stop a job at its next safe point."""
        self._jobs.find(request.job).cancel()

    def wait(self, job: str) -> JobEvent:
        """Wait for a job's terminal event."""
        return self._jobs.wait(job)

    # Search and labels

    def search(
        self, request: Search, checkpoint: Callable[[], None] = lambda: None
    ) -> SearchResults:
        """Search the library; `checkpoint` may raise JobCancelled between stages."""
        settings = self._settings()
        self._auto_tuning.used()
        found = self._competing(settings, request, checkpoint) or answering.answer(
            self._parts, settings, request, checkpoint
        )
        if settings.keep_searches and not request.prefix and found.query:
            self._history.add(found.query)
        served = self._parts.models.served()
        if self._parts.lexical.damaged or (served and served.dense.damaged):
            self.sync(Sync())  # which rebuilds what this search met
        return found

    def _competing(
        self, settings: Settings, request: Search, checkpoint: Callable[[], None]
    ) -> SearchResults | None:
        """What two models find together, where an A/B test of them runs."""
        both = interleaving.answer(self._parts, settings, request, checkpoint)
        if both is None:
            return None
        self._history.do(lambda: interleaving.remember(self._parts, both))
        return both.found

    def list_facets(self, _: ListFacets) -> Facets:
        """The languages, authors and types that the library holds; counted once a change."""
        at, counted = self._n_changes, self._facets
        if counted is None or counted[0] != at:
            with self._parts.library.read() as connection:
                self._facets = counted = at, facets(connection)
        return counted[1]

    def get_document(self, request: GetDocument) -> Document:
        """One document, with its text."""
        with self._parts.library.read() as connection:
            return documents.load(connection, request.document_id)

    def get_thumbnails(self, request: GetThumbnails) -> tuple[bytes, ...]:
        """Pictures made small, JPEG, in the order asked for; empty for what has none."""
        return self._parts.pictures.thumbnails(request.document_ids)

    def list_pictures(self, request: ListPictures) -> tuple[int, ...]:
        """Documents that are pictures, those taken (else changed) last first."""
        return answering.list_pictures(self._parts, request)

    def get_results(self, request: GetResults) -> tuple[SearchResult, ...]:
        """Documents as results of no query, in the order asked for; what is gone is left out."""
        return answering.results(self._parts, request.document_ids)

    def render_page(self, request: RenderPage) -> PageImage:
        """A page as it looks, with the places of some texts on it."""
        document = self.get_document(GetDocument(request.document_id))
        return self._renderer.draw(document, request.number, request.width, request.marked)

    def judge(self, request: Judge) -> LabelState:
        """Give a query–document pair a grade, be it in an evaluation set, or take it away."""
        if request.evalset is not None:
            with self._parts.library.write() as connection:
                evalset = evalsets.find(connection, request.evalset)
                label = _new_label("judgment", request, request.grade)
                state = labels.give_in_set(connection, evalset, request.rater, label)
            self._changed("labels")
            self._changed("evalsets")
            return state
        if request.grade is not None and not 0 <= request.grade <= 3:
            raise InvalidInput("No such grade", f"{request.grade} is not a grade from 0 to 3.")
        return self._label("judgment", request, request.grade)

    def give_thumb(self, request: GiveThumb) -> LabelState:
        """Give a query–document pair a thumb, or take it away."""
        return self._label("feedback", request, request.thumb)

    def describe_pictures(self, request: DescribePictures) -> LabelState:
        """Write a caption and tags on pictures, all or none; raises NotFound, InvalidInput."""
        return self._told(describing.describe(self._parts, request))

    def undo(self, _: Undo) -> LabelState:
        """Take back the last judgment, thumb or caption."""
        return self._told(describing.undo(self._parts))

    def redo(self, _: Redo) -> LabelState:
        """Give again what was taken back last."""
        return self._told(describing.redo(self._parts))

    def _told(self, outcome: Outcome) -> LabelState:
        """Tell of what was said and have what is new in it encoded."""
        self._changed("labels")
        if outcome.state.evalset:
            self._changed("evalsets")
        if outcome.described:
            self._changed("library")
            waiting = ((job.kind, job.state) for job in self._jobs.unfinished())
            if ("index", "queued") not in waiting:  # which serves as well

                def work(job: Job) -> JobResult:
                    return indexing.take_in_captions(self._parts, job)

                self._start("index", _CAPTIONS, work, "library")
        return outcome.state

    def list_labels(self, _: ListLabels) -> tuple[Label, ...]:
        """All judgments and thumbs in force, newest first."""
        with self._parts.library.read() as connection:
            return labels.in_force(connection)

    # Models and tuning

    def list_models(self, _: ListModels) -> tuple[ModelInfo, ...]:
        """The registered models, those for passages first."""
        with self._parts.library.read() as connection:
            n_chunks = documents.n_chunks(connection)
            n_pictures = pictures.count(connection)
        return self._parts.models.infos(n_chunks) + self._parts.image_models.infos(n_pictures)

    def activate_model(self, request: ActivateModel) -> JobInfo:
        """Encode the library, or its pictures, with a model in the background, then switch to it.

        Raises NotFound; InvalidInput where the gate refused the model.
        """
        with self._parts.library.read() as connection:
            gate = model_registry.require(connection, request.model)
            kind = model_registry.kind_of(connection, request.model)
            overruled = model_registry.said(connection, request.model).overruled
        if gate is not None and not gate.accepted and not overruled:
            raise InvalidInput(
                "This model did not pass the gate",
                gate.reason,
                "It is kept for comparison; the model in use stays.",
            )

        def work(job: Job) -> ActivationReport:
            if kind == "text":
                return tuning.activate(self._parts, job, request.model)
            report = picture_encoding.activate(self._parts, self._settings(), job, request.model)
            self._changed("library")
            return report

        return self._start("activate", f"Switching to {request.model}", work, "models", request)

    def roll_back_model(self, request: RollBackModel) -> ModelInfo:
        """Return to the model that was active before; its vectors are still there."""
        with self._parts.library.write() as connection:
            model_id = model_registry.roll_back(connection, request.kind)
        self.load()
        self._changed("models")
        self.sync(Sync())
        return next(info for info in self.list_models(ListModels()) if info.id == model_id)

    def list_published_models(self, _: ListPublishedModels) -> tuple[PublishedModel, ...]:
        """Models for pictures that can be downloaded; nothing is asked of the network."""
        return clip_catalogue.every()

    def import_model(self, request: ImportModel) -> JobInfo:
        """Import a CLIP of open_clip's; it is put to work by activating it."""
        source = Path(request.path).expanduser()

        def work(job: Job) -> JobResult:
            return image_import.import_model(
                self._parts.image_models, job, source, request.architecture
            )

        return self._start("import", f"Importing {source.name}", work, "models", request)

    def download_model(self, request: DownloadModel) -> JobInfo:
        """Download a published model for pictures and import it; raises NotFound."""
        published = clip_catalogue.find(request.architecture, request.tag)

        def work(job: Job) -> JobResult:
            return model_download.download_model(self._parts.image_models, job, published)

        return self._start("import", f"Downloading {published.name}", work, "models", request)

    def try_model(self, request: TryModel) -> tuple[float, ...]:
        """How well words fit pictures by a model; -1 for a picture that cannot be read."""
        return picture_encoding.try_model(self._parts, self._settings(), request)

    def remove_model(self, request: RemoveModel) -> None:
        """Delete a model with its vectors; raises NotFound, InvalidInput where it is needed."""
        with self._parts.library.read() as connection:
            kind = model_registry.kind_of(connection, request.model)
        if kind == "text":
            self.bench.delete_model(DeleteModel(request.model))
            return
        if any(job.kind == "activate" for job in self._jobs.unfinished()):
            raise InvalidInput(
                "Models are being switched",
                "A model can be removed when that has ended.",
                "Wait, or cancel it first.",
            )
        self._parts.image_models.remove(request.model)
        self._changed("models")

    def get_training_summary(self, _: GetTrainingSummary) -> TrainingSummary:
        """What there is to train on."""
        return tuning.summary(self._parts)

    def get_picture_training(self, _: GetPictureTraining) -> PictureTraining:
        """What there is to fit the model for pictures to."""
        return picture_tuning.summary(self._parts)

    def finetune(self, request: Finetune) -> JobInfo:
        """Tune the active model, and put it to work if it passes the gate; see `tuning`."""

        def work(job: Job) -> JobResult:
            report = tuning.finetune(self._parts, request, job)
            model_details.warn_of_budget(self._parts, self._settings(), job)
            return report

        title = "Tuning the model" if request.kind == "text" else "Fitting the model for pictures"
        return self._start("finetune", title, work, "models", request, request.kind)

    def _may_tune(self) -> bool:
        """Whether tuning would be in nobody's way."""
        busy = any(job.kind != "index" for job in self._jobs.unfinished())
        return not busy and not on_battery()

    def _tune_by_itself(self) -> None:
        """Do what is suggested, and tell of it; the gate decides as ever."""
        try:
            found = suggesting.suggestion(self._parts, self._settings())
        except EngineError as error:
            self._warn(error)
            return
        if found.kind == "none":
            return
        with contextlib.suppress(JobCancelled):  # it is being closed
            if found.kind == "adapter":
                self.bench.fit_adapter(FitAdapter())
            else:
                self.finetune(Finetune())
            message = " ".join(found.reasons)
            hint = "The gate decides whether what comes of it is used. Settings can forbid this."
            self._emit(Warned("", "Tuning has begun by itself", message, hint))

    # Evaluation

    def list_eval_sets(self, _: ListEvalSets) -> tuple[EvalSetInfo, ...]:
        """The evaluation sets, the one of the user's own judgments among them."""
        return measuring.every_set(self._parts)

    def import_eval_set(self, request: ImportEvalSet) -> JobInfo:
        """Import a BEIR folder as a dataset root and an evaluation set."""

        def work(job: Job) -> JobResult:
            report = indexing.import_dataset(
                self._parts, job, Path(request.path), request.name.strip()
            )
            self._changed("evalsets")
            return report

        return self._start("index", f"Importing {request.name}", work, "library", request)

    def evaluate(self, request: Evaluate) -> JobInfo:
        """Measure a system on a split of an evaluation set."""
        title = f"Evaluating {request.name} / {request.split} ({request.mode})"

        def work(job: Job) -> JobResult:
            return measuring.measure(self._parts, self._settings(), request, job)

        return self._start("evaluate", title, work, None, request)

    def advise_reranking(self, _: AdviseReranking) -> RerankAdvice:
        """Measure on the user's own judgments whether reranking helps."""
        return measuring.advise_reranking(self._parts, self._settings())

    # Backups

    def list_backups(self, _: ListBackups) -> tuple[BackupInfo, ...]:
        """The copies of library.db, the newest first."""
        return self._backups.every()

    def make_backup(self, _: MakeBackup) -> BackupInfo:
        """Copy library.db now; raises StorageFull, WorkspaceUnusable."""
        return self._backups.make("asked")

    def back_up_if_due(self) -> None:
        """Copy library.db if it changed since a copy that is older than a day."""
        self._backups.make_if_due()

    def restore_backup(self, request: RestoreBackup) -> None:
        """Lay a copy ready; it takes library.db's place when the workspace is opened next.

        Whoever asks closes the workspace right after. Raises NotFound, WorkspaceUnusable where the
        copy is damaged, StorageFull.
        """
        prepare_restore(self._parts.folder, request.name)

    def diagnose(self, request: Diagnose) -> JobInfo:
        """Check every store and repair what can be repaired; its result is a DoctorReport."""

        def work(job: Job) -> JobResult:
            return doctor.diagnose(self._parts, job, rebuild=request.rebuild)

        # In the line of indexing: both write the indexes.
        return self._start("index", "Checking the library", work, "library", request)

    # Settings

    def get_settings(self, _: GetSettings) -> Settings:
        """The user's settings."""
        return self._settings()

    def change_settings(self, request: ChangeSettings) -> Settings:
        """Replace the settings; raises InvalidInput where a pattern of `exclude` is wrong."""
        Exclusions.of(request.settings.exclude)
        new, old = request.settings, self._settings()
        with self._parts.library.write() as connection:
            stored_settings.save(connection, new)
            if not new.keep_searches:
                searches.forget(connection)
        self._watching.refresh()
        self._auto_tuning.refresh()
        self._changed("settings")
        if (new.exclude, new.max_file_mb, new.ocr) != (old.exclude, old.max_file_mb, old.ocr) or (
            new.watch and not old.watch
        ):
            self.sync(Sync())
        return new

    def _open(self, folder: Path) -> Parts:
        for part in (folder, folder / "index", folder / "models"):
            part.mkdir(parents=True, exist_ok=True)
        self._closers.append(WorkspaceLock(folder).close)
        library = open_library(folder)
        self._closers.append(library.close)
        embeddings = Embeddings(folder)
        self._closers.append(embeddings.close)
        generation_folder.sweep(library, folder / "index")
        lexical = LexicalGeneration(library, folder / "index")
        self._closers.append(lexical.close)
        with library.read() as connection:
            threads = stored_settings.load(connection).encoder_threads
        models = Models(folder, library, embeddings, threads)
        self._closers.append(models.close)
        image_models = ImageModels(library, embeddings, models)
        seen = Pictures(folder, library, embeddings, image_models)
        self._closers.append(seen.close)
        return Parts(folder, library, embeddings, lexical, models, image_models, seen, Chunker())

    def _settings(self) -> Settings:
        with self._parts.library.read() as connection:
            return stored_settings.load(connection)

    def _label(
        self,
        kind: labels.Kind,
        request: Judge | GiveThumb,
        value: int | None,
    ) -> LabelState:
        with self._parts.library.write() as connection:
            state = labels.give(connection, _new_label(kind, request, value))
        self._changed("labels")
        return state

    def _start(
        self,
        kind: JobKind,
        title: str,
        work: Callable[[Job], JobResult | None],
        changes: Literal["library", "models", "training"] | None = None,
        asked: object = None,
        model_kind: ModelKind = "text",
    ) -> JobInfo:
        """Queue work; what it changed is told when it ends, however it ends.

        `asked` is the request that it answers, for the run log.
        """

        def run(job: Job) -> JobResult | None:
            self._runs.asked(job.info.id, asked)
            try:
                return work(job)
            finally:
                if changes:
                    self._changed(changes)

        return self._jobs.start(kind, title, run, model_kind)

    def _changed(
        self,
        what: Literal["library", "models", "labels", "settings", "evalsets", "backups", "training"],
    ) -> None:
        self._n_changes += what == "library"
        self._emit(Changed(what))

    def _warn(self, error: EngineError) -> None:
        """Tell of trouble that belongs to no job."""
        self._emit(Warned("", error.title, error.message, error.hint))


def _new_label(kind: labels.Kind, request: Judge | GiveThumb, value: int | None) -> NewLabel:
    return NewLabel(
        kind=kind,
        query=request.query.strip(),
        document_id=request.document_id,
        value=value,
        text=request.text,
        rank=request.rank,
        scores=request.scores,
        model=request.model,
    )


def _size(folder: Path, beginning: str) -> int:
    """Bytes below the entries of a folder whose names begin so."""
    total = 0
    for entry in folder.glob(f"{beginning}*"):
        for file in entry.rglob("*"):
            try:
                total += file.stat().st_size if file.is_file() else 0
            except OSError:
                continue  # it went away under the glob
    return total
