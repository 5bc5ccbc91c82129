"""Jobs: pause, cancel, and exactly one terminal event."""

from __future__ import annotations

import threading
import time

import pytest

from engine.errors import InvalidInput, NotFound
from engine.events import Cancelled, Event, Failed, Finished, Progress, Started
from engine.jobs.job import Job, Jobs


class Heard(list[Event]):
    def terminal(self) -> list[Event]:
        return [event for event in self if isinstance(event, (Finished, Cancelled, Failed))]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_that_a_job_begins_and_ends_once(heard: Heard) -> None:
    jobs = Jobs(heard.append)
    end = jobs.wait(jobs.start("index", "Indexing", lambda job: None).id)
    assert isinstance(heard[0], Started)
    assert heard.terminal() == [end]
    assert isinstance(end, Finished)
    jobs.close()


def test_that_an_error_for_the_user_and_a_bug_both_end_the_job(heard: Heard) -> None:
    def refuse(job: Job) -> None:
        raise InvalidInput("No good", "It was no good.", "Do better.")

    def crash(job: Job) -> None:
        raise ZeroDivisionError("oops")

    jobs = Jobs(heard.append)
    first = jobs.wait(jobs.start("index", "a", refuse).id)
    second = jobs.wait(jobs.start("index", "b", crash).id)
    assert isinstance(first, Failed)
    assert (first.title, first.hint) == ("No good", "Do better.")
    assert isinstance(second, Failed)
    assert "ZeroDivisionError: oops" in second.hint
    assert len(heard.terminal()) == 2
    jobs.close()


def test_that_a_paused_job_holds_and_goes_on_and_a_cancelled_one_stops(heard: Heard) -> None:
    steps = threading.Semaphore(0)
    reached = threading.Semaphore(0)

    def work(job: Job) -> None:
        for done in range(100):
            steps.acquire()
            job.checkpoint()
            job.progress("Counting", done, 100)
            reached.release()

    jobs = Jobs(heard.append)
    info = jobs.start("index", "a", work)
    steps.release()
    assert reached.acquire(timeout=5)
    job = jobs.find(info.id)
    job.pause()
    assert jobs.unfinished()[0].state == "paused"
    steps.release()
    assert not reached.acquire(timeout=0.2)
    job.resume()
    assert reached.acquire(timeout=5)
    job.cancel()
    steps.release()
    assert isinstance(jobs.wait(info.id), Cancelled)
    with pytest.raises(NotFound):
        jobs.find(info.id)
    jobs.close()


def test_that_closing_cancels_a_paused_job(heard: Heard) -> None:
    started = threading.Event()

    def work(job: Job) -> None:
        started.set()
        while True:
            time.sleep(0.01)
            job.checkpoint()

    jobs = Jobs(heard.append)
    info = jobs.start("index", "a", work)
    assert started.wait(5)
    jobs.find(info.id).pause()
    jobs.close()
    assert isinstance(heard.terminal()[0], Cancelled)


def test_that_jobs_of_a_kind_wait_for_each_other_and_kinds_do_not(heard: Heard) -> None:
    gate = threading.Event()
    jobs = Jobs(heard.append)

    def hold(job: Job) -> None:
        gate.wait(5)

    first = jobs.start("index", "a", hold)
    second = jobs.start("index", "b", lambda job: None)
    other = jobs.start("evaluate", "c", lambda job: None)
    jobs.wait(other.id)
    assert {info.id for info in jobs.unfinished()} == {first.id, second.id}
    gate.set()
    jobs.wait(second.id)
    jobs.close()


def test_that_progress_tells_rate_and_time_left_and_never_drops_the_last(heard: Heard) -> None:
    def work(job: Job) -> None:
        for done in range(1, 41):
            time.sleep(0.01)
            job.progress("Counting", done, 40, "things")

    jobs = Jobs(heard.append)
    jobs.wait(jobs.start("index", "a", work).id)
    progress = [event for event in heard if isinstance(event, Progress)]
    assert 2 <= len(progress) < 40
    assert progress[-1].done == 40
    assert progress[-1].rate
    assert progress[-1].seconds_left == 0
    jobs.close()


def test_that_a_paused_job_that_is_to_wrap_up_goes_on(heard: Heard) -> None:
    job = Job("finetune", "Tuning", heard.append)
    seen = [job.paused]
    job.pause()
    seen.append(job.paused)
    job.wrap_up()
    seen.append(job.paused)
    assert seen == [False, True, False]
    assert job.wraps_up
    assert job.info.state == "running"
    job.checkpoint()
