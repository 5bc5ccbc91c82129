"""A small answer as an engine would give it, with the documents behind it."""

from __future__ import annotations

import re
import time
from typing import Any

from engine.errors import EngineError, NotFound
from engine.records import (
    Document,
    LabelState,
    Page,
    Passage,
    RetrieverScore,
    SearchResult,
    SearchResults,
)
from engine.requests import (
    ChangeSettings,
    GetDocument,
    GetSettings,
    GetStatus,
    GiveThumb,
    Judge,
    Search,
    Undo,
)
from engine.settings import Settings
from tests.gui.pages.samples import ROOTS, status

NOW = time.time()
LAKES = (
    "Oxygen depletion in the deep water of a stratified lake begins in early summer. As the surface"
    " warms, the thermocline cuts the hypolimnion off from the air, and what oxygen it holds is all"
    " it will have until autumn. Bacteria that break down sinking algae use it up.",
    "In July 2019 the oxygen sensor at 30 m read below 2 mg/l for the first time; fish left the"
    " deep basin within a week, and the nets stayed empty until the autumn mixing.",
    "Oxygen is measured with an optical probe, calibrated every morning in air-saturated water.",
)


def document(id_: int, path: str, title: str, paragraphs: tuple[str, ...]) -> Document:
    """A document with filler before, between and after its paragraphs."""
    filler = "The station lies at the northern shore and has been manned since 1974. " * 6
    text = "\n\n".join([filler, *(f"{p}\n\n{filler}" for p in paragraphs), "The end. 🐟"])
    half = len(text) // 2
    pages = (Page(1, 0, half), Page(2, half, len(text))) if path.endswith("pdf") else ()
    return Document(
        id_, f"{id_:064x}", title, text, "text/plain", pages, (path,), 184_300, NOW - id_ * 9e6
    )


DOCUMENTS = (
    document(
        1,
        "/home/ines/Documents/Thesis/chapters/Oxygen in stratified lakes.pdf",
        "Oxygen in stratified lakes",
        LAKES,
    ),
    document(
        2,
        "/home/ines/Documents/Thesis/field notes/2019/July and August, both basins/day by day.md",
        "Field notes, summer 2019",
        (LAKES[1], "The probe was lost on 3 August and found again by divers."),
    ),
    document(
        3,
        "/media/backup/Archive 2019/Correspondence and minutes of the association for comparative "
        "limnology/Scans, second delivery/ארכיון המכתבים 📚/מכתב.docx",
        "ארכיון המכתבים של האגודה: חמצן במים העמוקים 📚 — letters about oxygen in deep water, "
        "with a title that goes on so that no list has room for all of it",
        ("חמצן במים העמוקים הולך ופוחת בקיץ. 🐟🐟 The oxygen in deep water decreases in summer.",),
    ),
    document(
        4, "4983", "Hypolimnetic anoxia and fish habitat", (LAKES[0].replace("lake", "reservoir"),)
    ),
    document(5, "/home/ines/Documents/Budget/probes and nets.xlsx", "probes and nets", LAKES[2:]),
)


def passages(shown: Document, query: str) -> tuple[Passage, ...]:
    """The paragraphs with a word of the query."""
    words = [re.escape(word) for word in query.split()]
    found: list[Passage] = []
    for match in re.finditer(r"[^\n]+", shown.text):
        marks = [m.span() for m in re.finditer("|".join(words), match[0], re.IGNORECASE)]
        if marks:
            page = next((p.number for p in shown.pages if p.start <= match.start() < p.end), None)
            found.append(
                Passage(len(found), match[0], match.start(), match.end(), page, tuple(marks))
            )
    return tuple(found[:3])


def answer(query: str, shown: tuple[Document, ...] = DOCUMENTS, **changes: Any) -> SearchResults:
    """Every document with a word of the query, in order."""
    hits = [(document, passages(document, query)) for document in shown]
    results = tuple(
        SearchResult(
            rank=rank,
            document_id=found.id,
            document=found.paths[0],
            title=found.title,
            media_type=found.media_type,
            modified_at=found.modified_at,
            score=1 / rank,
            scores={
                "lexical": RetrieverScore(rank, 12.5 / rank),
                "dense": RetrieverScore(rank + 2, 0.71 - rank / 50),
            }
            if rank != 2
            else {"dense": RetrieverScore(1, 0.78)},
            passages=best,
            grade=3 if rank == 1 else None,
            thumb=1 if rank == 1 else -1 if rank == 4 else None,
        )
        for rank, (found, best) in enumerate([hit for hit in hits if hit[1]], start=1)
    )
    values: dict[str, Any] = {
        "mode": "hybrid",
        "took_ms": 23.4,
        "model": "all-minilm-l6-v2",
        "notice": "",
    }
    return SearchResults(query=query, results=results, **(values | changes))


def find(request: Search) -> SearchResults:
    """As an engine answers a search."""
    return answer(request.query, mode=request.mode or "hybrid")


def fetch(request: GetDocument) -> Document | EngineError:
    """As an engine answers for a document."""
    found = [document for document in DOCUMENTS if document.id == request.document_id]
    return found[0] if found else NotFound("No such document", "It has left the library.")


def label(request: Judge | GiveThumb) -> LabelState:
    """As an engine answers when it is given a label."""
    grade = request.grade if isinstance(request, Judge) else 3
    thumb = request.thumb if isinstance(request, GiveThumb) else None
    return LabelState(request.query, request.document_id, grade, thumb, "grade 3 on “It”", "")


LIBRARY: dict[Any, Any] = {
    GetStatus: status(ROOTS),
    GetSettings: Settings(),
    ChangeSettings: lambda request: request.settings,
    Search: find,
    GetDocument: fetch,
    Judge: label,
    GiveThumb: label,
    Undo: LabelState("oxygen deep", 1, None, None, "", "grade 3 on “It”"),
}
