"""Several processes on one ledger, and processes that are killed."""

from __future__ import annotations

import multiprocessing
import random
import time
from pathlib import Path

import pytest

from lai.core.params.runtime import BudgetParams
from lai.engines.store.caps import BudgetError
from lai.engines.store.ledger import Ledger
from tests.support.spending import MOST, leave_in_flight, spend
from tests.support.until import until

pytestmark = pytest.mark.timeout(60)
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.support.spending"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / ".cache").mkdir()
    return tmp_path / ".cache" / "ledger.sqlite"


def test_processes_that_are_killed_never_pass_the_cap_together(path: Path, tmp_path: Path) -> None:
    chance = random.Random(11)
    cap, sent = 2000, tmp_path / "sent"
    sent.touch()
    barrier = processes.Barrier(5)
    running = [
        processes.Process(target=spend, args=(str(path), cap, str(sent), barrier)) for _ in range(5)
    ]
    for process in running:
        process.start()
    for process in running[:4]:
        while sent.stat().st_size < 100 and process.is_alive():
            time.sleep(0.005)
        time.sleep(chance.random() * 0.05)
        process.kill()
    for process in running:
        process.join(40)
    *killed, last = (process.exitcode for process in running)
    assert last == 0
    # One may reach the cap in the moment before it is killed.
    assert killed.count(-9) >= 2
    assert 100 < sent.stat().st_size <= cap
    # Each that was killed may have reserved one call that it did not send.
    assert sent.stat().st_size >= cap - 4
    totals = Ledger(path, BudgetParams()).totals()
    assert totals.of("settled", "doubtful").calls == cap
    assert totals.of("in flight").calls == 0


def test_what_a_process_had_in_flight_is_waited_for_until_it_dies(path: Path) -> None:
    process = processes.Process(target=leave_in_flight, args=(str(path),))
    process.start()
    until(lambda: path.with_name("reserved").exists())
    ledger = Ledger(path, BudgetParams(calls=2))
    assert ledger.reserve("mine", MOST, "a model") is None
    assert ledger.totals().of("in flight").calls == 2
    # A new run takes over what a process that goes on has in flight, and no other.
    ledger.start_run()
    assert [ledger.totals(run).of("in flight").calls for run in (1, 2)] == [0, 2]
    process.kill()
    process.join()
    with pytest.raises(BudgetError, match="2 is spent"):
        ledger.reserve("mine", MOST, "a model")
    assert ledger.totals().of("doubtful") == MOST + MOST
    ledger.start_run()
    assert [ledger.totals(run).of("doubtful").calls for run in (2, 3)] == [2, 0]
