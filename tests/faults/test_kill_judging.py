"""The short form of `kill_judging`."""

from __future__ import annotations

from pathlib import Path

from tests.faults.kill_judging import run


def test_that_killing_the_engine_while_judging_loses_no_acknowledged_judgment(
    tmp_path: Path,
) -> None:
    assert run(tmp_path, kills=2, seed=5).acknowledged > 0
