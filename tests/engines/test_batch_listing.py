"""Batches of a provider whose lists show late what it has taken."""

from __future__ import annotations

import _thread
from pathlib import Path
from typing import Any

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams
from lai.engines.store.caps import BudgetError
from lai.engines.store.spending import Spending
from tests.support.batch_server import BatchServer
from tests.support.batching import echo, expected, ledger_in, texts
from tests.support.openai_server import Answer, problem

pytestmark = [pytest.mark.usefixtures("environment"), pytest.mark.timeout(60)]
SENT = ["upload", "create"]
EMPTY = Answer(200, '{"object": "list", "data": [], "has_more": false}')
NEVER = 10**9


class Late:
    """Lists show nothing `late` times. The first `what` is done, and then `happens`."""

    def __init__(self, late: int, what: str = "create", happens: Any = None) -> None:
        self.late = late
        self._what = what
        self._happens = happens

    def __call__(self, what: str, number: int, done: bool) -> Answer | None:
        if what.startswith("list") and not done and self.late > 0:
            self.late -= 1
            return EMPTY
        return self._happens() if (what, number, done) == (self._what, 1, True) else None


def interrupt() -> None:
    """Press Ctrl-C, as good as a kill: the answer is not written down."""
    _thread.interrupt_main()


LOST = {
    "cut": lambda: Answer(cut=-1),
    "no JSON": lambda: Answer(200, "<html>gateway</html>"),
    "504": lambda: problem(504, "upstream timed out"),
}


@pytest.mark.parametrize("what", SENT)
def test_what_is_listed_late_is_waited_for_after_a_kill(tmp_path: Path, what: str) -> None:
    with BatchServer(echo, step=Late(4, what, interrupt)) as server:
        with pytest.raises(KeyboardInterrupt):
            texts(server, tmp_path)
        assert texts(server, tmp_path) == expected()
        assert [server.count[one] for one in SENT] == [1, 1]
    assert ledger_in(tmp_path).totals().of("doubtful", "held") == Spending()


@pytest.mark.parametrize("what", SENT)
@pytest.mark.parametrize("lost", LOST)
def test_what_is_listed_late_is_waited_for_when_its_answer_is_lost(
    tmp_path: Path, what: str, lost: str
) -> None:
    with BatchServer(echo, step=Late(4, what, LOST[lost])) as server:
        assert texts(server, tmp_path) == expected()
        assert [server.count[one] for one in SENT] == [1, 1]
    assert ledger_in(tmp_path).totals().of("doubtful", "held") == Spending()


@pytest.mark.parametrize("happens", [interrupt, LOST["cut"]], ids=["killed", "lost"])
def test_a_batch_that_may_have_been_started_stays_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, happens: Any
) -> None:
    with BatchServer(echo, step=Late(NEVER, "create", happens)) as server:
        if happens is interrupt:
            with pytest.raises(KeyboardInterrupt):
                texts(server, tmp_path)
        assert texts(server, tmp_path) == expected()
        assert server.count["create"] == 2
    totals = ledger_in(tmp_path).totals()
    assert totals.of("settled").calls == totals.of("doubtful").calls == 5
    assert totals.of("doubtful").tokens > 5 * 256, "in full"
    assert caplog.text.count("may have been started before, but is not listed") == 1


@pytest.mark.parametrize("happens", [interrupt, LOST["cut"]], ids=["killed", "lost"])
def test_no_second_batch_passes_the_cap_and_the_first_is_used_once_it_is_listed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, happens: Any
) -> None:
    budget = BudgetParams(calls=9)
    late = Late(NEVER, "create", happens)
    with BatchServer(echo, step=late) as server:
        if happens is interrupt:
            with pytest.raises(KeyboardInterrupt):
                texts(server, tmp_path, budget=budget)
        with pytest.raises(
            BudgetError, match=r"calls is 9, 5 is spent \(5 of it held by batches\).* again; every"
        ):
            texts(server, tmp_path, budget=budget)
        assert "started once more" not in caplog.text
        late.late = 0
        assert texts(server, tmp_path, budget=budget) == expected()
        assert [server.count[one] for one in SENT] == [1, 1]
    assert ledger_in(tmp_path).totals().of("doubtful", "held") == Spending()


def test_a_start_that_was_refused_is_not_counted_twice(tmp_path: Path) -> None:
    down = True

    def refuses(what: str, number: int, done: bool) -> Answer | None:
        return problem(503, "down") if what == "create" and not done and down else None

    budget = BudgetParams(calls=5)
    with BatchServer(echo, step=refuses) as server:
        with pytest.raises(PipelineError, match="503, down"):
            texts(server, tmp_path, budget=budget)
        down = False
        assert texts(server, tmp_path, budget=budget) == expected()
        assert [server.count[one] for one in SENT] == [1, 1]
    assert ledger_in(tmp_path).totals().of("doubtful", "held") == Spending()


def test_half_of_a_batch_that_may_have_been_started_is_sent_and_all_of_it_counted(
    tmp_path: Path,
) -> None:
    with BatchServer(echo, step=Late(NEVER, "create", interrupt)) as server:
        with pytest.raises(KeyboardInterrupt):
            texts(server, tmp_path, 5)
        assert texts(server, tmp_path, 3) == expected(3)
        assert [len(lines) for lines in server.lines()] == [5, 3]
    totals = ledger_in(tmp_path).totals()
    assert (totals.of("settled").calls, totals.of("doubtful").calls) == (3, 5)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("what", SENT)
def test_a_list_without_pages_that_says_that_there_are_more_ends(tmp_path: Path, what: str) -> None:
    def step(call: str, number: int, done: bool) -> Answer | None:
        if call.startswith("list"):
            return Answer(200, '{"data": [{"id": "another"}], "has_more": true}')
        return problem(503, "busy") if (call, number, done) == (what, 1, False) else None

    with BatchServer(echo, step=step) as server:
        assert texts(server, tmp_path) == expected()
        assert [server.count[one] for one in SENT] == [1, 1]
