"""What a run says of another process whose calls in flight leave it no room below a cap."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams, EndpointParams
from lai.engines.openai.engine import OpenAIEngine
from lai.engines.store import waiting
from lai.engines.store.ledger import Ledger
from tests.support.asking import questions
from tests.support.batch_server import BatchServer
from tests.support.batching import echo, engine_for
from tests.support.openai_server import Server
from tests.support.spending import leave_in_flight
from tests.support.until import until

pytestmark = [pytest.mark.usefixtures("environment"), pytest.mark.timeout(60)]
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.support.spending"])
CAP = BudgetParams(calls=2)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[ForkServerProcess]:
    """A process with two calls in flight."""
    process = processes.Process(target=leave_in_flight, args=(str(tmp_path / "ledger.sqlite"),))
    process.start()
    until(lambda: (tmp_path / "reserved").exists())
    yield process
    process.kill()
    process.join()


def live(folder: Path) -> None:
    with Server() as server, Ledger(folder / "ledger.sqlite", CAP) as ledger:
        engine = OpenAIEngine(EndpointParams(base_url=server.url), ledger=ledger)
        list(engine.generate(questions(1)))


def in_batches(folder: Path) -> None:
    with BatchServer(echo) as server:
        list(engine_for(server.url, folder, CAP).generate(questions(1)))


@pytest.mark.parametrize("ask", [live, in_batches])
def test_calls_in_flight_of_another_process_are_waited_for_aloud(
    other: ForkServerProcess,
    tmp_path: Path,
    ask: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(waiting, "SILENT_SECONDS", 0.2)
    assert other.pid

    def stop() -> None:
        until(lambda: caplog.messages)
        os.kill(other.pid or 0, signal.SIGSTOP)
        until(lambda: len(caplog.messages) > 1)
        other.kill()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(PipelineError, match="2 is spent"):
        ask(tmp_path)
    stopper.join()
    running, stopped = caplog.messages
    assert running == f"waiting for process {other.pid}, {waiting.CALLS}"
    assert stopped.startswith(f"{running}. It was stopped (Ctrl-Z)")
