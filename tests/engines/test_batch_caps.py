"""What batches hold below the caps, for this process, for others, and for nobody."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams
from lai.engines.openai.batch_account import Account
from lai.engines.openai.batch_state import pending
from lai.engines.store.caps import BudgetError
from tests.support.asking import questions
from tests.support.batch_provider import Plan, Step
from tests.support.batch_server import BatchServer
from tests.support.batching import ask, echo, engine_for, expected, ledger_in, texts
from tests.support.openai_server import Answer, problem
from tests.support.until import until

pytestmark = [pytest.mark.usefixtures("environment"), pytest.mark.timeout(60)]
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.support.batching"])
CAP = BudgetParams(tokens=1000)
"""Three questions may take some 900, and take 30."""


def no_files(what: str, *_: object) -> Answer | None:
    return problem(404, "No such File object") if what == "content" else None


def until_then(reached: Callable[[], object]) -> Step:
    """Has no batch go further before that."""

    def step(what: str, _: int, done: bool) -> None:
        if what == "poll" and not done:
            until(reached)

    return step


def test_what_a_removed_batch_held_is_doubtful_and_a_new_count_frees_it(tmp_path: Path) -> None:
    batches = tmp_path / "batches"
    with BatchServer(echo, step=no_files) as server:
        with pytest.raises(PipelineError, match=r"remove .cache/batches/lai-"):
            texts(server, tmp_path, 3, budget=CAP)
        server.step = lambda *_: None
        for file in batches.glob("lai-*.json"):
            file.unlink()
        with pytest.raises(BudgetError, match="lai budget --new"):
            texts(server, tmp_path, 3, budget=CAP)
        spent = ledger_in(tmp_path).totals()
        assert (spent.of("held").calls, spent.of("doubtful").calls) == (0, 3)
        ledger_in(tmp_path).start_run(lambda: pending(batches))
        assert texts(server, tmp_path, 3, budget=CAP) == expected(3)


def test_what_a_batch_under_way_holds_stays_held(tmp_path: Path) -> None:
    with BatchServer(echo, Plan(states=("in_progress",) * 3)) as server:
        running = engine_for(server.url, tmp_path).generate(questions(3))
        next(running)
        engine_for(server.url, tmp_path).open()
        assert len(list(running)) == 2
    assert ledger_in(tmp_path).totals().of("settled").calls == 3


def test_nothing_is_waited_for_that_cannot_make_room_enough(tmp_path: Path) -> None:
    large = questions(1)[0].model_copy(update={"max_tokens": 2000})
    refused = threading.Event()
    with BatchServer(echo, step=until_then(refused.is_set)) as server:
        engine = engine_for(server.url, tmp_path, CAP)
        first = threading.Thread(target=lambda: list(engine.generate(questions(1))))
        first.start()
        until(lambda: ledger_in(tmp_path).totals().of("held").calls)
        with pytest.raises(BudgetError, match="of it held by batches") as caught:
            list(engine_for(server.url, tmp_path, CAP).generate([large]))
        assert "let the stages" not in str(caught.value)
        refused.set()
        first.join(20)


def test_what_another_process_holds_is_waited_for_while_it_lives(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked = questions(6)
    with BatchServer(echo, step=until_then(lambda: caplog.messages)) as server:
        found: list[int] = []
        engine = engine_for(server.url, tmp_path, CAP)
        first = threading.Thread(target=lambda: found.append(len(list(engine.generate(asked[:3])))))
        first.start()
        until(lambda: ledger_in(tmp_path).totals().of("held").calls)
        found.append(len(list(engine_for(server.url, tmp_path, CAP).generate(asked[3:]))))
        first.join(20)
        assert found == [3, 3]
    [line] = {one.message for one in caplog.records if "waiting" in one.message}
    assert line == (
        "waiting for another process, whose batches may cost less than they hold of "
        "runtime.budget.tokens"
    )


def test_room_that_is_given_back_while_one_looks_who_holds_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = questions(6)
    look, looked = Account.awaited, threading.Event()

    def late(account: Account) -> set[int]:
        looked.set()
        first.join(20)
        return look(account)

    with BatchServer(echo, step=until_then(looked.is_set)) as server:
        engine = engine_for(server.url, tmp_path, CAP)
        first = threading.Thread(target=lambda: list(engine.generate(asked[:3])))
        first.start()
        until(lambda: ledger_in(tmp_path).totals().of("held").calls)
        monkeypatch.setattr(Account, "awaited", late)
        assert len(list(engine_for(server.url, tmp_path, CAP).generate(asked[3:]))) == 3


def test_a_stopped_process_whose_batches_are_waited_for_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with BatchServer(echo, step=until_then(lambda: len(caplog.messages) > 1)) as server:
        said = tmp_path / "said"
        first = processes.Process(target=ask, args=(server.url, str(tmp_path), 3, str(said)))
        first.start()
        until(lambda: ledger_in(tmp_path).totals().of("held").calls)
        assert first.pid
        second = threading.Thread(target=lambda: texts(server, tmp_path, 6, budget=CAP))
        second.start()
        until(lambda: caplog.messages)
        os.kill(first.pid, signal.SIGSTOP)
        until(lambda: len(caplog.messages) > 1)
        os.kill(first.pid, signal.SIGCONT)
        first.join(20)
        second.join(20)
        assert said.read_text() == "3"
    running, stopped = caplog.messages
    assert running.startswith(f"waiting for process {first.pid}, whose batches may cost less")
    assert stopped == f"{running}. It was stopped (Ctrl-Z): let it go on (fg, or kill -CONT " + (
        f"{first.pid}), or end it (kill -9 {first.pid})"
    )
