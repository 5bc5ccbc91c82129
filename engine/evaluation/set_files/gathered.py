"""Gathers a set as it is read from files, whatever their format, and checks it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.evaluation.line_file import Problems
from engine.evaluation_records import IMPORTED, GivenJudgment
from engine.storage.evalset_documents import KeptDocument
from engine.storage.evalset_queries import NewQuery
from engine.storage.evalset_record import CameGrade, PooledPair, SetRecord
from engine.storage.evalsets import scale_up_to

_MOST_GRADES = 10
_LEAST_GRADE = -9999
_LATEST = 253402300799.0
"""The end of the year 9999, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class About:
    """What files say of a set as a whole."""

    name: str = ""
    guideline: str = ""
    scale: tuple[str, ...] = ()
    dataset: bool | None = None
    version: int | None = None


class Gathered:
    """A set that is being read: each `add` notes what is wrong with its line.

    Lines may come in any order; what they refer to is looked at in the end.
    """

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self._queries: dict[str, NewQuery] = {}
        self._query_lines: dict[str, int] = {}
        self._documents: dict[str, KeptDocument] = {}
        self._grades: dict[tuple[str, str, str], CameGrade] = {}
        self._judgments: dict[tuple[str, str, str], GivenJudgment] = {}
        self._lines: dict[tuple[str, str, str], int] = {}
        self._pool: dict[tuple[str, str], PooledPair] = {}
        self._assignments: dict[tuple[str, str], None] = {}
        self._refers: list[tuple[str, int, str, str | None]] = []
        self._graded: list[tuple[str, int, int, bool]] = []

    def add_query(self, file: str, line: int, query: NewQuery) -> None:
        """A query, with the splits that its line names."""
        text = query.text.replace("\0", "")
        if not self._is_id(file, line, query.id):
            return
        if query.id in self._queries:
            self.problems.add(file, line, f"the query id “{query.id}” was used before")
        if not text.strip():
            self.problems.add(file, line, "the query's text is empty")
        for split in query.splits:
            self._check_split(file, line, split)
        self._queries[query.id] = NewQuery(query.id, text, query.splits, query.origin)
        self._query_lines[query.id] = line

    def add_document(self, file: str, line: int, document: KeptDocument) -> None:
        """A document with its text."""
        if not self._is_id(file, line, document.document):
            return
        if document.document in self._documents:
            self.problems.add(file, line, f"the document id “{document.document}” was used before")
        self._documents[document.document] = KeptDocument(
            document.document,
            document.title.replace("\0", ""),
            document.text.replace("\0", ""),
            document.place.replace("\0", ""),
        )

    def add_grade(self, file: str, line: int, grade: CameGrade) -> None:
        """A grade without a rater."""
        key = grade.split, grade.query_id, grade.document
        if key in self._grades:
            told = f"query “{grade.query_id}” and document “{grade.document}” are judged twice"
            self.problems.add(file, line, told)
        self._check_split(file, line, grade.split)
        self._refers.append((file, line, grade.query_id, grade.document))
        self._graded.append((file, line, grade.grade, True))
        self._grades[key] = grade

    def add_judgment(self, file: str, line: int, said: GivenJudgment) -> None:
        """What a rater said."""
        key = said.query_id, said.document, said.rater
        if key in self._judgments:
            told = f"{said.rater} judged query “{said.query_id}” and document “{said.document}”"
            self.problems.add(file, line, f"{told} in line {self._lines[key]} already")
        if not said.rater.strip() or "\0" in said.rater or said.rater == IMPORTED:
            self.problems.add(file, line, f"“{said.rater}” is not the name of a rater")
        if said.grade is not None and said.skipped:
            self.problems.add(file, line, "it is both graded and skipped")
        if said.span is not None and not 0 <= said.span[0] <= said.span[1] < 2**53:
            self.problems.add(file, line, "the passage that was marked ends before it begins")
        self._check_time(file, line, said.at)
        if said.seconds is not None and not (math.isfinite(said.seconds) and said.seconds >= 0):
            self.problems.add(file, line, f"{said.seconds} is not a number of seconds")
        self._refers.append((file, line, said.query_id, said.document))
        if said.grade is not None:
            self._graded.append((file, line, said.grade, False))
        self._judgments[key] = said
        self._lines[key] = line

    def add_pair(self, file: str, line: int, pair: PooledPair) -> None:
        """A pair that is to be judged."""
        self._check_time(file, line, pair.at)
        if any(not 0 < rank < 2**53 for rank in pair.ranks.values()):
            self.problems.add(file, line, "a rank is not a number from 1")
        self._refers.append((file, line, pair.query_id, pair.document))
        self._pool.setdefault((pair.query_id, pair.document), pair)

    def add_assignment(self, file: str, line: int, query_id: str, rater: str) -> None:
        """Who is to judge a query."""
        if not rater.strip() or "\0" in rater or rater == IMPORTED:
            self.problems.add(file, line, f"“{rater}” is not the name of a rater")
        self._refers.append((file, line, query_id, None))
        self._assignments[query_id, rater] = None

    def finish(self, about: About, *, documents_listed: bool = True) -> SetRecord:
        """The whole set; raises InvalidInput where anything was wrong.

        Where documents are not listed, those that are named are kept by their ids alone.
        """
        for file, line, query_id, document in self._refers:
            if query_id not in self._queries:
                self.problems.add(file, line, f"there is no query “{query_id}”")
            if document is None or document in self._documents:
                continue
            if documents_listed:
                self.problems.add(file, line, f"there is no document “{document}”")
            else:
                self.add_document(file, line, KeptDocument(document, "", "", document))
        scale = self._checked_scale(about.scale)
        self.problems.raise_any()
        in_splits: dict[str, set[str]] = {}
        for each in self._grades.values():
            in_splits.setdefault(each.query_id, set()).add(each.split)
        return SetRecord(
            name=about.name,
            guideline=about.guideline.replace("\0", ""),
            scale=scale,
            dataset=about.dataset,
            version=about.version,
            queries=tuple(
                NewQuery(
                    query.id,
                    query.text,
                    tuple(sorted({*query.splits, *in_splits.get(query.id, ())})),
                    query.origin,
                )
                for query in self._queries.values()
            ),
            documents=tuple(self._documents.values()),
            grades=tuple(self._grades.values()),
            judgments=tuple(self._judgments.values()),
            pool=tuple(self._pool.values()),
            assignments=tuple(self._assignments),
            query_lines=self._query_lines,
            judgment_lines=self._lines,
        )

    def _checked_scale(self, scale: tuple[str, ...]) -> tuple[str, ...]:
        highest = len(scale or range(_MOST_GRADES)) - 1
        for file, line, grade, came in self._graded:
            if not (_LEAST_GRADE if came else 0) <= grade <= highest:
                self.problems.add(file, line, f"{grade} is not a grade, which go up to {highest}")
        return scale or scale_up_to(max((of[2] for of in self._graded), default=0))

    def _is_id(self, file: str, line: int, id: str) -> bool:
        if not id or "\0" in id:
            self.problems.add(file, line, "an id is empty or holds a zero character")
            return False
        return True

    def _check_split(self, file: str, line: int, split: str) -> None:
        if not split or split != split.strip() or not split.isprintable():
            self.problems.add(file, line, f"“{split}” is not the name of a split")

    def _check_time(self, file: str, line: int, at: float) -> None:
        if not 0 <= at <= _LATEST:
            self.problems.add(file, line, f"{at} is not a time")
