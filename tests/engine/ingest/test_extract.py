from __future__ import annotations

import os
import sys
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from engine.errors import EngineError, InvalidInput, WorkerFailed
from engine.ingest.extract import Extractor, FileOutcome, MemberOutcome, Outcome
from engine.records import Extracted
from tests.engine.ingest import sample_files

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor() as extractor:
        yield extractor


def texts(folder: Path, n: int) -> list[Path]:
    paths = [folder / f"{number:04}.txt" for number in range(n)]
    for number, path in enumerate(paths):
        path.write_text(f"text number {number}")
    return paths


def reasons(outcomes: Iterator[Outcome]) -> list[str]:
    return [
        o.outcome.title if isinstance(o.outcome, EngineError) else ""
        for o in outcomes
        if isinstance(o, FileOutcome)
    ]


def slow(path: Path) -> Path:
    """A page that takes seconds to read, and little memory."""
    page = path.with_suffix(".html")
    page.write_text("<p>a</p><b>x</b> y\n" * 800_000)
    return page


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def workers() -> set[psutil.Process]:
    return {
        child
        for child in psutil.Process().children()
        if child.is_running() and "engine.ingest.extractor_worker" in child.cmdline()
    }


def test_that_a_file_crosses_the_processes_whole(extractor: Extractor, tmp_path: Path) -> None:
    path = tmp_path / "größe 😀.pdf"
    path.write_bytes(sample_files.pdf([["One"], ["Two"]]))
    extracted = extractor.extract(path)
    assert [extracted.text[p.start : p.end] for p in extracted.pages] == ["One", "Two"]
    assert extracted.title == "größe 😀"


def test_that_many_files_come_back_in_their_order(extractor: Extractor, tmp_path: Path) -> None:
    paths = texts(tmp_path, 300)
    outcomes = [o for o in extractor.extract_many(paths) if isinstance(o, FileOutcome)]
    assert [o.path for o in outcomes] == paths
    assert [o.outcome.text for o in outcomes if isinstance(o.outcome, Extracted)] == [
        f"text number {number}" for number in range(300)
    ]


def test_that_an_unreadable_file_is_an_error_among_the_others(
    extractor: Extractor, tmp_path: Path
) -> None:
    paths = texts(tmp_path, 3)
    paths[1].unlink()
    assert reasons(extractor.extract_many(paths)) == ["", "Gone", ""]
    with pytest.raises(InvalidInput):
        extractor.extract(paths[1])


def test_that_the_consumer_may_stop_and_go_on(extractor: Extractor, tmp_path: Path) -> None:
    paths = texts(tmp_path, 50)
    for outcome in extractor.extract_many(paths):
        assert isinstance(outcome, FileOutcome)
        break
    assert extractor.extract(paths[40]).text == "text number 40"


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names that are no text")
def test_that_a_name_that_is_no_text_can_be_read(extractor: Extractor, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_text("coffee.")
    assert extractor.extract(path).title == "caf\\udce9"


@needs_pipes
def test_that_pipes_and_devices_are_refused_at_once(extractor: Extractor, tmp_path: Path) -> None:
    paths = texts(tmp_path, 2)
    paths[0].unlink()
    os.mkfifo(paths[0])
    paths[1].unlink()
    paths[1].symlink_to("/dev/zero")
    assert reasons(extractor.extract_many(paths)) == ["Not a file", "Not a file"]


def test_that_a_file_that_takes_too_long_fails_alone(tmp_path: Path) -> None:
    paths = texts(tmp_path, 4)
    paths[2] = slow(paths[2])
    with Extractor(timeout_s=1.0) as extractor:
        assert reasons(extractor.extract_many(paths)) == ["", "", "Took too long", ""]


def test_that_a_killed_worker_costs_one_file_and_is_replaced(tmp_path: Path) -> None:
    paths = texts(tmp_path, 40)
    paths[10] = slow(paths[10])
    others = workers()
    with Extractor(timeout_s=30) as extractor:
        extractor.extract(paths[0])
        (worker,) = workers() - others
        killer = threading.Timer(1.0, worker.kill)
        killer.start()
        outcome = reasons(extractor.extract_many(paths))
        killer.join()
    assert outcome == ["Could not be read" if n == 10 else "" for n in range(40)]


def test_that_a_worker_that_ended_between_files_costs_none(tmp_path: Path) -> None:
    others = workers()
    (path,) = texts(tmp_path, 1)
    with Extractor() as extractor:
        extractor.extract(path)
        (worker,) = workers() - others
        worker.kill()
        worker.wait(10)
        assert extractor.extract(path).text == "text number 0"


def test_that_too_much_memory_is_a_failure_of_that_file_alone(tmp_path: Path) -> None:
    before, greedy, after = texts(tmp_path, 3)
    greedy = greedy.with_suffix(".html")
    greedy.write_text("<p>a</p><b>x</b> y\n" * 3_000_000)
    with Extractor(memory_mb=130) as extractor:
        outcome = reasons(extractor.extract_many([before, greedy, after]))
    assert outcome == ["", "Out of memory", ""]


def test_that_too_much_text_is_refused(extractor: Extractor, tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"many words " * 2_000_000)
    with pytest.raises(InvalidInput, match="Too much text"):
        extractor.extract(path)


def test_that_closing_leaves_no_process(tmp_path: Path) -> None:
    (path,) = texts(tmp_path, 1)
    before = workers()
    with Extractor() as extractor:
        extractor.extract(path)
        assert len(workers() - before) == 1
    assert workers() == before


def test_that_an_unstartable_worker_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = texts(tmp_path, 1)
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    with Extractor() as extractor, pytest.raises(WorkerFailed, match="Files cannot be read"):
        extractor.extract(path)


def test_that_members_come_before_what_holds_them(extractor: Extractor, tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"c.txt": b"third"}).read_bytes()
    path = zipped(
        tmp_path / "x.zip",
        {"a.txt": b"first", "../b.md": b"second", "in.zip": inner, "d.exe": b"MZ", "e/": b""},
    )
    outcomes = list(extractor.extract_many([path]))
    members = [o for o in outcomes if isinstance(o, MemberOutcome)]
    assert {
        o.member.inside: o.outcome.text for o in members if isinstance(o.outcome, Extracted)
    } == {"a.txt": "first", "../b.md": "second", "in.zip!/c.txt": "third"}
    assert outcomes[-1] == FileOutcome(path, None)


def test_that_a_member_that_is_not_wanted_is_only_told_of(
    extractor: Extractor, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "x.zip", {"a.txt": b"first", "b.txt": b"second"})
    outcomes = extractor.extract_many([path], lambda member: member.inside == "b.txt")
    members = {o.member.inside: o.outcome for o in outcomes if isinstance(o, MemberOutcome)}
    assert members["a.txt"] is None
    assert isinstance(members["b.txt"], Extracted)


def test_that_a_member_that_ends_the_worker_fails_alone(tmp_path: Path) -> None:
    page = b"<p>a</p><b>x</b> y\n" * 800_000
    path = zipped(tmp_path / "x.zip", {"a.txt": b"first", "b.html": page, "c.txt": b"third"})
    with Extractor(timeout_s=1.0) as extractor:
        outcomes = list(extractor.extract_many([path]))
    found = [
        (o.member.inside, o.outcome.title)
        for o in outcomes
        if isinstance(o, MemberOutcome) and isinstance(o.outcome, EngineError | Extracted)
    ]
    assert found == [("a.txt", "first"), ("b.html", "Took too long"), ("c.txt", "third")]
    assert outcomes[-1] == FileOutcome(path, None)


def test_that_all_that_reading_loads_can_be_loaded_with_no_rights(
    extractor: Extractor, tmp_path: Path
) -> None:
    sentence = "The lighthouse keeper wrote down every evening how much oil had burnt. " * 3
    for name, data in {
        "x.txt": sentence.encode(),
        "x.pdf": sample_files.pdf([[sentence]]),
        "x.docx": sample_files.docx([sentence]),
    }.items():
        (tmp_path / name).write_bytes(data)
        assert extractor.extract(tmp_path / name).language == "en"
