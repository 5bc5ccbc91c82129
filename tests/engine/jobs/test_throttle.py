"""How much background work holds back."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest

from engine.events import Finished
from engine.jobs.job import Job, Jobs
from engine.jobs.throttle import Gauge, Readings, Throttle, rest_for


@pytest.mark.parametrize(
    ("on_battery", "busy", "rest"),
    [
        (False, 0.0, 0.0),
        (False, 0.4, 0.0),
        (False, 0.65, 1.5),
        (False, 0.9, 3.0),
        (True, 0.0, 1.0),
        (True, 0.65, 2.5),
    ],
)
def test_that_battery_and_busy_programs_both_hold_back(
    on_battery: bool, busy: float, rest: float
) -> None:
    assert rest_for(Readings(on_battery, busy)) == pytest.approx(rest)


def test_that_it_never_goes_below_a_quarter_of_the_speed() -> None:
    for hundredth in range(101):
        for on_battery in (False, True):
            assert 0 <= rest_for(Readings(on_battery, hundredth / 100)) <= 3


def test_that_it_is_full_speed_where_holding_back_is_not_wanted() -> None:
    assert Throttle(lambda: False, lambda: Readings(True, 1.0))() == 0
    assert Throttle(lambda: True, lambda: Readings(True, 1.0))() == 3


def test_that_the_state_is_not_read_for_every_checkpoint() -> None:
    read = []

    def readings() -> Readings:
        read.append(1)
        return Readings(False, 0.9)

    throttle = Throttle(lambda: True, readings)
    assert [throttle() for _ in range(100)] == [3.0] * 100
    assert len(read) == 1


def test_that_own_work_is_not_taken_for_that_of_others() -> None:
    gauge = Gauge()
    worker = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.3)
        before = gauge()
        while sum(psutil.Process(worker.pid).cpu_times()[:2]) < 0.5:
            time.sleep(0.1)
        own = gauge._own
        reading = gauge()
        assert gauge._own[worker.pid] - own[worker.pid] > 0.1
    finally:
        worker.kill()
        worker.wait()
    assert 0 <= before.busy_elsewhere <= 1
    assert 0 <= reading.busy_elsewhere <= 1


def seconds(jobs: Jobs, kind: str) -> float:
    def work(job: Job) -> None:
        for _ in range(5):
            time.sleep(0.03)
            job.checkpoint()

    began = time.monotonic()
    end = jobs.wait(jobs.start(kind, "Working", work).id)  # type: ignore[arg-type]
    assert isinstance(end, Finished)
    return time.monotonic() - began


def test_that_background_jobs_rest_and_others_do_not() -> None:
    jobs = Jobs(lambda event: None)
    assert seconds(jobs, "index") < 0.55
    jobs.hold_back(lambda: 3.0)
    assert seconds(jobs, "index") >= 0.58
    assert seconds(jobs, "evaluate") < 0.55
    jobs.close()


def test_that_cancelling_ends_a_rest() -> None:
    jobs = Jobs(lambda event: None)
    jobs.hold_back(lambda: 3.0)

    def work(job: Job) -> None:
        while True:
            time.sleep(0.5)
            job.checkpoint()

    info = jobs.start("index", "Working", work)
    time.sleep(0.7)
    began = time.monotonic()
    jobs.find(info.id).cancel()
    jobs.wait(info.id)
    assert time.monotonic() - began < 0.6
    jobs.close()
