"""Checking an evaluation set's judgments against what can be found out without a rater."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from engine.evaluation import label_checks
from engine.evaluation.agreement import Item
from engine.evaluation.label_checks import Evidence, Suspicion
from engine.evaluation_records import ADJUDICATED, LabelFinding, System
from engine.evaluation_requests import CheckLabels
from engine.jobs.job import Job
from engine.parts import Parts
from engine.retrieval.analyzer import terms
from engine.retrieval.query import parse
from engine.settings import Settings
from engine.storage import evalset_documents, evalset_queries, evalsets, judgments
from engine.storage.evalset import EvalSet
from engine.storage.evalset_documents import KeptDocument
from engine.storage.signature import signature
from engine.systems import Systems, in_words

_ASKED = 50
"""Pairs that the cross-encoder is asked about: a second or two."""
_DEPTH = 30
"""Documents of each query that a system is asked for."""
_TEXT = 2_000
"""Characters of a document that it reads, which is more than it takes in."""


def check(parts: Parts, settings: Settings, request: CheckLabels) -> tuple[LabelFinding, ...]:
    """Judgments that deserve a second look, the most conspicuous first; raises NotFound."""
    with parts.library.read() as connection:
        evalset = evalsets.find(connection, request.name)
        grades = judgments.grades(connection, evalset.id)
        given = judgments.in_force(connection, evalset.id)
        queries = {query.id: query.text for query in evalset_queries.every(connection, evalset.id)}
    texts = _texts(parts, evalset, {key for of in grades.values() for key in of})
    evidence = _evidence(parts, settings, evalset, queries, grades, texts)
    in_order: dict[str, list[tuple[Item, int]]] = {}
    for each in given:
        if each.grade is not None and each.rater != ADJUDICATED:
            pair = each.query_id, each.document
            in_order.setdefault(each.rater, []).append((pair, each.grade))
    by_pair = {(query, key): grade for query, of in grades.items() for key, grade in of.items()}
    signatures = {key: signature(text.text) for key, text in texts.items()}
    suspicions = [
        *label_checks.against_evidence(by_pair, evidence),
        *label_checks.near_duplicates(grades, signatures),
        *label_checks.drift(in_order),
    ]
    raters: dict[Item, list[str]] = {}
    for each in given:
        if each.grade is not None:
            raters.setdefault((each.query_id, each.document), []).append(each.rater)

    def finding(of: Suspicion) -> LabelFinding:
        pair = of.query_id, of.document
        with parts.library.read() as connection:
            return LabelFinding(
                kind=of.kind,
                query_id=of.query_id,
                query=queries.get(of.query_id, ""),
                document=of.document,
                document_id=evalset_documents.id_of(connection, evalset, of.document),
                title=texts[of.document].title if of.document in texts else of.document,
                grade=by_pair[pair],
                rater=of.rater or ", ".join(raters.get(pair, ())),
                text=of.text,
                severity=of.severity,
            )

    return tuple(finding(of) for of in sorted(suspicions, key=lambda of: -of.severity))


def _evidence(
    parts: Parts,
    settings: Settings,
    evalset: EvalSet,
    queries: Mapping[str, str],
    grades: Mapping[str, Mapping[str, int]],
    texts: Mapping[str, KeptDocument],
) -> dict[Item, Evidence]:
    """What search by words, by meaning where a model is at work, and a cross-encoder say."""
    with parts.library.read() as connection:
        names = evalset_documents.names(connection, evalset)
    if not names:
        return {}
    job = Job("evaluate", f"Checking {evalset.name}", lambda _: None)
    systems = Systems(parts, settings, names, job, exact=False)
    asked = [System("lexical")] + ([System("dense")] if parts.models.served() else [])
    judged = {query_id: queries[query_id] for query_id in grades if query_id in queries}
    runs = {in_words(system): systems.run(system, judged, _DEPTH) for system in asked}
    present = {key for keys in names.values() for key in keys}
    words = {key: set(terms(f"{text.title}\n{text.text}")) for key, text in texts.items()}
    found: dict[Item, Evidence] = {}
    for query_id, query in judged.items():
        wanted = set(parse(query).terms)
        ranks = {name: run.ranks(query_id) for name, run in runs.items()}
        for key in grades[query_id].keys() & present:
            found[query_id, key] = Evidence(
                {name: of[key] for name, of in ranks.items() if key in of},
                len(asked),
                len(wanted & words.get(key, set())),
            )
    _ask_cross_encoder(parts, judged, grades, texts, found)
    return found


def _ask_cross_encoder(
    parts: Parts,
    queries: Mapping[str, str],
    grades: Mapping[str, Mapping[str, int]],
    texts: Mapping[str, KeptDocument],
    found: dict[Item, Evidence],
) -> None:
    """Have those read once more that are graded not relevant but ranked first by every system."""
    doubtful = [
        pair
        for pair, seen in found.items()
        if grades[pair[0]][pair[1]] == 0 and pair[1] in texts and label_checks.ranked_first(seen)
    ]
    doubtful.sort(key=lambda pair: sum(found[pair].ranks.values()))
    for query_id, key in doubtful[:_ASKED]:
        text = f"{texts[key].title}\n{texts[key].text[:_TEXT]}"
        (logit,) = parts.models.cross_encoder().score(queries[query_id], [text]).tolist()
        relevance = 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))
        found[query_id, key] = replace(found[query_id, key], relevance=relevance)


def _texts(parts: Parts, evalset: EvalSet, keys: set[str]) -> dict[str, KeptDocument]:
    """Documents as the library has them, else as they were kept with the set."""
    found = {}
    with parts.library.read() as connection:
        for key in keys:
            text = evalset_documents.present(connection, evalset, key)
            if text is None:
                text = evalset_documents.kept(connection, evalset, key)
            if text is not None:
                found[key] = text
    return found
