from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from engine.errors import WorkspaceUnusable
from engine.records import Chunk
from engine.retrieval.analyzer import terms
from engine.retrieval.damage import IndexDamaged
from engine.retrieval.lexical import LexicalIndex

TEXTS = [
    ("Leaves", "Photosynthesis turns light into sugar in green leaves."),
    ("Cells", "The cell is the unit of life. Every cell has a membrane."),
    ("Cells", "Cellular respiration burns sugar in the cell."),
    ("Rivers", "Rivers carry sand; the delta grows where a river meets the sea."),
    ("Trains", "The end of the line is where trains turn around."),
    ("Lines", "A line has no end: the end is of no line."),
    ("模型", "语言模型很大。"),
    ("Running", "He runs in the park, she ran to the café."),
]


def chunk(id_: int, title: str, text: str, document_id: int | None = None) -> Chunk:
    owner = id_ if document_id is None else document_id
    return Chunk(id_, owner, 0, 0, len(text), None, text, title, b"")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LexicalIndex]:
    made = LexicalIndex.create(tmp_path / "index")
    made.add(chunk(i, title, text) for i, (title, text) in enumerate(TEXTS))
    made.commit()
    yield made
    made.close()


def found(index: LexicalIndex, query: str, **options: bool) -> list[int]:
    return [line.chunk_id for line in index.search(query, 10, **options)]  # type: ignore[arg-type]


def test_that_words_match_by_their_stems_and_without_accents(index: LexicalIndex) -> None:
    assert found(index, "RUNNING") == [7]
    assert found(index, "river's deltas")[0] == 3
    assert found(index, "cafe") == [7]


def test_that_titles_are_searched(index: LexicalIndex) -> None:
    assert found(index, "trains") == [4]
    assert found(index, "模型") == [6]


def test_that_ids_and_scores_come_back_best_first(index: LexicalIndex) -> None:
    lines = index.search("sugar cell", 10)
    assert [line.chunk_id for line in lines] == [2, 1, 0]
    assert [line.document_id for line in lines] == [2, 1, 0]
    assert lines[0].score > lines[1].score > lines[2].score > 0


def test_that_k_limits_the_run(index: LexicalIndex) -> None:
    assert len(index.search("sugar cell", 2)) == 2
    assert index.search("sugar cell", 0) == []


def test_that_a_phrase_needs_its_words_in_order_next_to_each_other(index: LexicalIndex) -> None:
    assert sorted(found(index, "end of the line")) == [4, 5]
    assert found(index, '"end of the line"') == [4]
    assert found(index, '"line the of end"') == []


def test_that_a_phrase_must_occur_and_other_words_only_may(index: LexicalIndex) -> None:
    assert found(index, '"sugar in" rivers') in ([0, 2], [2, 0])


def test_that_a_phrase_does_not_reach_from_the_title_into_the_text(index: LexicalIndex) -> None:
    assert found(index, '"leaves photosynthesis"') == []


def test_that_an_unfinished_word_finds_longer_ones_when_asked(index: LexicalIndex) -> None:
    assert found(index, "photosyn") == []
    assert found(index, "photosyn", prefix=True) == [0]
    assert found(index, "runni", prefix=True) == [7]


def test_that_a_whole_word_comes_before_words_that_begin_with_it(index: LexicalIndex) -> None:
    assert found(index, "sugar cell") == found(index, "sugar cell", prefix=True)
    assert found(index, "cell", prefix=True)[0] == 1


def test_that_stopwords_alone_find_nothing(index: LexicalIndex) -> None:
    assert found(index, "") == found(index, "where is the") == found(index, "?") == []


def test_that_documents_limit_the_search_and_leave_scores_alone(index: LexicalIndex) -> None:
    everywhere = {line.chunk_id: line.score for line in index.search("sugar cell", 10)}
    within = index.search("sugar cell", 10, documents={0, 1})
    assert {line.chunk_id: line.score for line in within} == {
        id_: pytest.approx(everywhere[id_]) for id_ in (0, 1)
    }
    assert index.search("sugar", 10, documents=set()) == []


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(), prefix=st.booleans())
def test_that_no_query_is_an_error(index: LexicalIndex, query: str, prefix: bool) -> None:
    index.search(query, 5, prefix=prefix)


@pytest.mark.parametrize(
    "query", ["a AND (b OR", "title:x^2~", "/[a-", '"', "*?", "NOT +-", "\x00"]
)
def test_that_operators_are_no_operators(index: LexicalIndex, query: str) -> None:
    index.search(query, 5, prefix=True)


def test_that_changes_show_with_the_commit_and_survive_opening(tmp_path: Path) -> None:
    index = LexicalIndex.create(tmp_path)
    index.add([chunk(1, "", "apples", 10), chunk(2, "", "apples and pears", 20)])
    assert index.count == 0
    index.commit()
    assert index.count == 2
    index.delete([10])
    index.add([chunk(3, "", "apples again", 10)])
    index.commit()
    index.add([chunk(9, "", "apples never committed", 90)])
    index.close()
    reopened = LexicalIndex.open(tmp_path, 2)
    assert sorted(found(reopened, "apples")) == [2, 3]
    reopened.check()
    reopened.close()


def test_that_a_count_that_is_not_what_it_should_be_is_damage(tmp_path: Path) -> None:
    LexicalIndex.create(tmp_path).close()
    with pytest.raises(IndexDamaged):
        LexicalIndex.open(tmp_path, 5)


def test_that_a_missing_or_empty_folder_is_damage(tmp_path: Path) -> None:
    for folder in (tmp_path / "missing", tmp_path):
        with pytest.raises(WorkspaceUnusable):
            LexicalIndex.open(folder)


@pytest.mark.parametrize("kind", [".idx", ".fast", ".term", "meta.json"])
@pytest.mark.parametrize("way", ["cut", "flip", "remove"])
def test_that_damage_is_found_on_opening_or_checking(tmp_path: Path, kind: str, way: str) -> None:
    index = LexicalIndex.create(tmp_path)
    index.add(chunk(i, title, text) for i, (title, text) in enumerate(TEXTS))
    index.commit()
    index.close()
    (victim,) = tmp_path.glob(f"*{kind}")
    content = bytearray(victim.read_bytes())
    if way == "remove":
        victim.unlink()
    elif way == "cut":
        victim.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 3] ^= 0xFF
        victim.write_bytes(content)
    with pytest.raises(IndexDamaged):
        LexicalIndex.open(tmp_path).check()


def test_that_a_closed_index_leaves_no_files_open(tmp_path: Path) -> None:
    index = LexicalIndex.create(tmp_path / "index")
    index.add([chunk(1, "", "apples")])
    index.commit()
    index.close()
    shutil.rmtree(tmp_path / "index")
    assert not os.path.exists(tmp_path / "index")


def test_that_searching_goes_on_while_writing(index: LexicalIndex) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def look() -> None:
        try:
            while not stop.is_set():
                assert 0 in found(index, "photosynthesis")
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    searcher = threading.Thread(target=look)
    searcher.start()
    for batch in range(8):
        index.add(chunk(100 + 50 * batch + i, "", f"filler number {i}") for i in range(50))
        index.commit()
    stop.set()
    searcher.join()
    assert failures == []
    assert index.count == len(TEXTS) + 400


def test_that_scores_rank_as_a_reference_bm25_does(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    vocabulary = [f"w{i}x" for i in range(60)]
    texts = [" ".join(rng.choice(vocabulary, int(rng.integers(20, 40)))) for _ in range(200)]
    index = LexicalIndex.create(tmp_path)
    index.add(chunk(i, "", text) for i, text in enumerate(texts))
    index.commit()
    reference = BM25Okapi([terms(text) for text in texts], k1=1.2, b=0.75)
    shared = []
    for _ in range(20):
        query = " ".join(rng.choice(vocabulary, 3, replace=False))
        best = set(np.argsort(-reference.get_scores(terms(query)))[:10].tolist())
        shared.append(len(best & set(found(index, query))) / 10)
    index.close()
    # Not the same by design: tantivy keeps lengths in one byte, and its idf is never negative.
    assert np.mean(shared) > 0.8
