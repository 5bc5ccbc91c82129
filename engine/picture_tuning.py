"""From what is said of pictures to a model that finds them better: collect, fit, gate, register."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from engine.encoders.descriptions import MIN_PICTURES, Descriptions, missing
from engine.encoders.fitted import Fit, fit_to, save_fit
from engine.encoders.held_out import MAX_OTHERS, HeldOut
from engine.encoders.image_card import ImageCard, write_image_card
from engine.encoders.image_encoder import ImageEncoder
from engine.encoders.prepare import replaced_folder
from engine.errors import NotEnoughData
from engine.jobs.job import Job
from engine.measuring import load_topic
from engine.parts import Parts
from engine.picture_vectors import PictureVectors
from engine.records import GateReport, PictureTraining, TuneReport
from engine.requests import Finetune
from engine.storage import labels, model_registry, picture_texts, pictures
from engine.storage.picture_texts import PictureText, Source
from engine.training import gate
from engine.training.gate import HeldOutThings
from engine.training.pairs import normalised

_WEIGHTS: Mapping[Source, float] = {"caption": 1.0, "search": 1.0, "tags": 0.5, "title": 0.5}
"""Tags name a few of the things to be seen, and names of files often none."""
_TEXTS_AT_ONCE = 64
_FREE_BYTES = 50_000_000
_MORE = "Describe more pictures, or judge more of them, and fit again."
_PICTURES = HeldOutThings("pictures", _MORE)
_DIFFERENT_PICTURES = HeldOutThings("differently described pictures", _MORE)


@dataclass(frozen=True, slots=True)
class _Told:
    """What there is to fit to."""

    texts: Sequence[PictureText]
    """Each text of each picture once."""
    pictures: Mapping[int, str]
    """Content hash by document id of all pictures that they are told apart from."""


def summary(parts: Parts) -> PictureTraining:
    """What there is to fit to."""
    with parts.library.read() as connection:
        texts = told_once(picture_texts.of_library(connection))
        seen = model_registry.last_fitted_at(connection)
    n_pictures = len({text.document_id for text in texts})

    def count(*sources: Source) -> int:
        return sum(text.source in sources for text in texts)

    return PictureTraining(
        n_captions=count("caption", "tags"),
        n_titles=count("title"),
        n_judgments=count("search"),
        n_pictures=n_pictures,
        n_needed=MIN_PICTURES,
        missing=missing(n_pictures),
        new_since_last=sum(text.at > seen for text in texts),
    )


def finetune(parts: Parts, request: Finetune, job: Job) -> TuneReport:
    """Fit the active model for pictures to what is said of them, and have the gate judge it.

    Fits do not stack: it is what the active model was fitted on that is fitted anew. Refused or
    accepted, the fit is registered with the verdict; putting it to work is left to the user.
    """
    began = time.monotonic()
    job.progress("Collecting what is said of pictures", 0)
    base = _unfitted(parts)
    told = _from_library(parts) if request.evalset is None else _from_set(parts, request)
    with parts.library.read() as connection:
        last_event = labels.last_event(connection)
    described = {text.document_id for text in told.texts}
    if lack := missing(len(described)):
        raise NotEnoughData(
            "Too little to learn from", lack, "Give pictures captions, or judge more of them."
        )
    encoder = parts.image_models.open_for(job, base.id)
    descriptions = _descriptions(parts, encoder, told, job)
    _check_looked_at(descriptions, len(described))

    def tell(done: int, total: int) -> None:
        job.checkpoint()
        job.progress("Fitting", done, total, "rounds")

    fit, held_out = fit_to(encoder, descriptions, tell)
    verdict = _judged(held_out)
    card = _card(base, job, _notes(held_out))
    job.checkpoint()
    if request.evalset is not None:
        last_event = model_registry.FROM_SET
    _register(parts, card, fit, verdict, last_event)
    return TuneReport(
        model=card.id,
        base=base.id,
        accepted=verdict.accepted,
        reason=verdict.reason,
        gate=verdict,
        seconds=time.monotonic() - began,
    )


def told_once(texts: Iterable[PictureText]) -> list[PictureText]:
    """Each text of each picture once, the weightiest; none that was judged not to fit it."""
    kept: dict[tuple[int, str], PictureText] = {}
    against = set()
    for text in texts:
        pair = text.document_id, normalised(text.text)
        if not text.fits:
            against.add(pair)
        elif pair[1] and (pair not in kept or _WEIGHTS[text.source] > _WEIGHTS[kept[pair].source]):
            kept[pair] = text
    return [text for pair, text in kept.items() if pair not in against]


def _unfitted(parts: Parts) -> ImageCard:
    """The active model, or what it was fitted on."""
    card = parts.image_models.card(parts.image_models.active_id())
    while card.base is not None:
        card = parts.image_models.card(card.base)
    return card


def _from_library(parts: Parts) -> _Told:
    with parts.library.read() as connection:
        return _Told(
            told_once(picture_texts.of_library(connection)), picture_texts.own_pictures(connection)
        )


def _from_set(parts: Parts, request: Finetune) -> _Told:
    """The queries of a split as captions of the pictures that answer them."""
    assert request.evalset is not None
    topic = load_topic(parts, request.evalset, request.split)
    with parts.library.read() as connection:
        every = pictures.every_hash(connection)
    among = {number: every[number] for number in topic.names if number in every}
    number_of = {name: number for number in among for name in topic.names[number]}
    texts = [
        PictureText(number_of[name], topic.queries[query], "search", grade > 0)
        for query, grades in topic.qrels.items()
        for name, grade in grades.items()
        if name in number_of
    ]
    return _Told(told_once(texts), among)


def _descriptions(parts: Parts, encoder: ImageEncoder, told: _Told, job: Job) -> Descriptions:
    """Vectors of the texts, and of their pictures and a sample of the others; whichever have some.

    A picture that was not looked at yet is left out with its texts.
    """
    hashes = _with_others(told.pictures, {text.document_id for text in told.texts})
    ids, vectors = PictureVectors(parts.embeddings, encoder).load(hashes)
    row_of = {number: row for row, number in enumerate(ids)}
    texts = [text for text in told.texts if text.document_id in row_of]
    words = list(dict.fromkeys(text.text for text in texts))
    number_of = {word: number for number, word in enumerate(words)}
    forms: dict[str, int] = {}
    of_form = [forms.setdefault(normalised(word), len(forms)) for word in words]
    encoded = np.empty((len(words), encoder.d_meaning), np.float32)
    for start in range(0, len(words), _TEXTS_AT_ONCE):
        job.checkpoint()
        some = words[start : start + _TEXTS_AT_ONCE]
        encoded[start : start + len(some)] = encoder.encode_queries(some)
        job.progress("Understanding texts", start + len(some), len(words), "texts")
    rows = np.array([number_of[text.text] for text in texts], np.int64)
    return Descriptions(
        pictures=vectors,
        texts=encoded[rows],
        picture_of=np.array([row_of[text.document_id] for text in texts], np.int64),
        text_of=np.array(of_form, np.int64)[rows],
        weights=np.array([_WEIGHTS[text.source] for text in texts], np.float32),
    )


def _check_looked_at(descriptions: Descriptions, n_described: int) -> None:
    """Raise NotEnoughData where there are texts enough, but not yet vectors of their pictures."""
    seen = descriptions.n_described
    if missing(seen):
        raise NotEnoughData(
            "Pictures are still to be looked at",
            f"Of {n_described:,} described pictures {seen:,} have been looked at so far.",
            "Wait until indexing has ended, then fit again.",
        )


def _with_others(every: Mapping[int, str], described: Collection[int]) -> dict[int, str]:
    others = sorted(every.keys() - set(described))
    if len(others) > MAX_OTHERS:
        others = np.random.default_rng(0).choice(others, MAX_OTHERS, replace=False).tolist()
    return {number: every[number] for number in sorted({*described, *others}) if number in every}


def _judged(held_out: HeldOut) -> GateReport:
    """The gate's verdict; the other measures are for people."""
    alike = len(held_out.ndcg_before) < held_out.n_judged
    things = _DIFFERENT_PICTURES if alike else _PICTURES
    return gate.judge(held_out.ndcg_before, held_out.ndcg_after, things)


def _notes(held_out: HeldOut) -> str:
    def told(recalls: Mapping[int, float]) -> str:
        return ", ".join(f"{100 * value:.1f} %" for value in recalls.values())

    cutoffs = ", ".join(f"R@{cutoff}" for cutoff in held_out.recall_before)
    return (
        f"Fitted to {held_out.n_texts:,} texts on {held_out.n_pictures:,} pictures. {cutoffs} of"
        f" texts that it had not seen: {told(held_out.recall_before)} before,"
        f" {told(held_out.recall_after)} after."
    )


def _card(base: ImageCard, job: Job, notes: str) -> ImageCard:
    now = datetime.now()
    return ImageCard(
        id=f"tuned-pictures-{now:%Y%m%d-%H%M%S}-{job.info.id[:4]}",
        name=f"{base.name}, fitted on {now.day} {now:%B %Y, %H:%M}",
        origin="tuned",
        base=base.id,
        created_at=now.timestamp(),
        licence=base.licence,
        notes=notes,
    )


def _register(
    parts: Parts, card: ImageCard, fit: Fit, verdict: GateReport, last_event: int
) -> None:
    """Have the model's folder whole on the disk, and then a row of it; or neither."""
    folder = parts.image_models.folder(card.id)
    try:
        with replaced_folder(folder, card.name, _FREE_BYTES) as building:
            save_fit(fit, building)
            write_image_card(card, building)
        parts.image_models.register(card.id, verdict, last_event)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
