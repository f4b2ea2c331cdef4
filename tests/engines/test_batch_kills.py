"""Batches under way when a process is killed or interrupted, or when the network fails."""

from __future__ import annotations

import _thread
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lai.core.errors import PipelineError
from lai.engines.base import Request
from lai.engines.store.spending import Spending
from tests.support.asking import questions
from tests.support.batch_provider import Plan
from tests.support.batch_server import BatchServer
from tests.support.batching import ask, echo, engine_for, ledger_in
from tests.support.openai_server import Answer, completion, problem

pytestmark = [pytest.mark.usefixtures("environment"), pytest.mark.timeout(60)]
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.support.batching"])
SENT = ["upload", "create"]


class Gate:
    """Holds the server at one point of its work until it is opened."""

    def __init__(self, what: str, number: int, done: bool) -> None:
        self._point = (what, number, done)
        self.reached = threading.Event()
        self.opened = threading.Event()

    def __call__(self, *point: Any) -> Answer | None:
        if point != self._point or self.opened.is_set():
            return None
        self.reached.set()
        assert self.opened.wait(20)
        # The client is gone: what was not done yet is not done.
        return None if point[2] else problem(500, "gone")


POINTS = [
    ("upload", 1, False),
    ("upload", 1, True),
    ("create", 1, False),
    ("create", 1, True),
    ("poll", 1, False),
    ("poll", 4, True),
    ("content", 1, False),
    ("content", 1, True),
    ("content", 2, False),
]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point[0]}-{point[1]}-{point[2]}")
def test_killed_anywhere_nothing_is_sent_twice(
    tmp_path: Path, point: tuple[str, int, bool]
) -> None:
    def script(body: dict[str, Any]) -> Answer:
        if "question 7" in str(body):
            return problem(400, "stopped", code="content_filter")
        return echo(body)

    gate = Gate(*point)
    with BatchServer(script, step=gate) as server:
        process = processes.Process(target=ask, args=(server.url, str(tmp_path), 9))
        process.start()
        assert gate.reached.wait(20)
        process.kill()
        process.join()
        gate.opened.set()
        replies = list(engine_for(server.url, tmp_path).generate(questions(9)))
        assert sorted(reply.text for reply in replies) == sorted(
            "" if number == 7 else f"re: question {number}" for number in range(9)
        )
        assert [server.count[what] for what in SENT] == [1, 1]
    totals = ledger_in(tmp_path).totals()
    assert totals.of("settled")[:2] == (9, 80)
    assert totals.of("held", "in flight") == Spending()
    # Nobody knows whether a start that was sent arrived.
    assert totals.of("doubtful").calls == (9 if point == ("create", 1, False) else 0)
    assert not list((tmp_path / "batches").glob("lai-*"))


def test_killed_while_it_hands_on_replies_each_is_stored_and_paid_once(tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        engine = engine_for(server.url, tmp_path)
        some = engine.generate(questions(6))
        got = [next(some).text for _ in range(3)]
        some.close()
        rest = engine_for(server.url, tmp_path)
        assert len(list(rest.generate(questions(6)))) == 6
        assert (rest.cached, rest.asked) == (3, 3)
        assert len(set(got)) == 3
        assert [server.count[what] for what in SENT] == [1, 1]
    assert ledger_in(tmp_path).totals().of("settled").calls == 6


def test_replies_that_were_dropped_are_asked_for_anew(tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        engine = engine_for(server.url, tmp_path)
        list(engine.generate(questions(3)))
        engine.forget([request.key for request in questions(3)])
        server.script = lambda _: completion("better")
        assert [reply.text for reply in engine.generate(questions(3))] == ["better"] * 3
        assert [server.count[what] for what in SENT] == [2, 2]


def test_answers_that_nobody_wants_now_are_kept_for_later(tmp_path: Path) -> None:
    gate = Gate("poll", 1, True)
    with BatchServer(echo, step=gate) as server:
        process = processes.Process(target=ask, args=(server.url, str(tmp_path), 8))
        process.start()
        assert gate.reached.wait(20)
        process.kill()
        process.join()
        gate.opened.set()
        assert len(list(engine_for(server.url, tmp_path).generate(questions(3)))) == 3
        assert ledger_in(tmp_path).totals().of("settled").calls == 8
        assert len(list(engine_for(server.url, tmp_path).generate(questions(8)))) == 8
        assert [server.count[what] for what in SENT] == [1, 1]
    assert ledger_in(tmp_path).totals().of("settled").calls == 8
    assert not list((tmp_path / "batches").glob("lai-*"))


def test_two_who_want_parts_of_one_batch_share_it(tmp_path: Path) -> None:
    with BatchServer(echo, step=Interrupting("poll")) as server:
        with pytest.raises(KeyboardInterrupt):
            list(engine_for(server.url, tmp_path).generate(questions(40)))
        parts = [questions(40)[:25], questions(40)[25:]]
        together = threading.Barrier(2)

        def some(part: list[Request]) -> int:
            together.wait(10)
            return len(list(engine_for(server.url, tmp_path).generate(part)))

        with ThreadPoolExecutor(2) as threads:
            assert list(threads.map(some, parts)) == [25, 15]
        assert [server.count[what] for what in SENT] == [1, 1]
    assert ledger_in(tmp_path).totals().of("settled").calls == 40
    assert not list((tmp_path / "batches").glob("lai-*"))


def test_an_interrupt_says_that_the_batch_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def interrupt(what: str, number: int, done: bool) -> None:
        if (what, number, done) == ("poll", 2, True):
            _thread.interrupt_main()

    with BatchServer(echo, step=interrupt) as server:
        with pytest.raises(KeyboardInterrupt):
            list(engine_for(server.url, tmp_path).generate(questions(4)))
        assert "batch_1 goes on at" in caplog.text
        assert "a rerun picks it up" in caplog.text
        assert len(list(engine_for(server.url, tmp_path).generate(questions(4)))) == 4
        assert [server.count[what] for what in SENT] == [1, 1]


FAULTS = {
    "429": problem(429, "slow down"),
    "500": problem(500, "oops"),
    "HTML": Answer(200, "<html>gateway</html>", {"content-type": "text/html"}),
    "truncated JSON": Answer(200, '{"id": "fi', {"content-type": "application/json"}),
    "an empty id": Answer(200, '{"id": ""}'),
    "an id that no file holds": Answer(200, '{"id": "\\ud800"}'),
    "another object": Answer(200, '{"detail": "hm"}', {"content-type": "application/json"}),
    "cut before the head": Answer(cut=-1),
    "cut within the body": Answer(200, "x" * 99, cut=5),
}


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_network_does_nothing_is_sent_twice(
    tmp_path: Path, fault: str, done: bool
) -> None:
    seen: set[str] = set()

    def fails_once(what: str, _: int, is_done: bool) -> Answer | None:
        # The contents of a file are not JSON: nobody can tell a page of HTML from them.
        if what in seen or is_done != done or (what == "content" and "cut" not in fault):
            return None
        seen.add(what)
        return FAULTS[fault]

    with BatchServer(echo, step=fails_once) as server:
        replies = list(engine_for(server.url, tmp_path).generate(questions(3)))
        assert sorted(reply.text for reply in replies) == [f"re: question {n}" for n in range(3)]
        assert [server.count[what] for what in SENT] == [1, 1]
        assert seen >= {"upload", "create", "poll"}


@pytest.mark.parametrize("step", ["upload", "create", "poll"])
def test_a_server_that_fails_for_good_ends_it_in_one_line_and_a_rerun_goes_on(
    tmp_path: Path, step: str
) -> None:
    down = True

    def fails(what: str, *_: object) -> Answer | None:
        return problem(503, "down") if down and what == step else None

    with BatchServer(echo, step=fails) as server:
        with pytest.raises(PipelineError, match=r"HTTP 503, down .*a rerun picks it up") as caught:
            list(engine_for(server.url, tmp_path, max_retries=1).generate(questions(3)))
        assert "\n" not in str(caught.value)
        down = False
        assert len(list(engine_for(server.url, tmp_path).generate(questions(3)))) == 3
        assert [server.count[what] for what in SENT] == [1, 1]


def test_a_batch_of_another_account_is_not_sent_again_unasked(tmp_path: Path) -> None:
    with BatchServer(echo, Plan(), step=Interrupting("poll")) as server:
        with pytest.raises(KeyboardInterrupt):
            list(engine_for(server.url, tmp_path).generate(questions(3)))
        server.batches.clear()
        with pytest.raises(PipelineError, match=r"does not know batch batch_1.*remove \.cache"):
            list(engine_for(server.url, tmp_path).generate(questions(3)))
        with BatchServer(echo) as other, pytest.raises(PipelineError, match="under way in a batch"):
            list(engine_for(other.url, tmp_path).generate(questions(3)))
        assert [server.count[what] for what in SENT] == [1, 1]


class Interrupting:
    """Presses Ctrl-C at the first call of a kind."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._done = False

    def __call__(self, what: str, _: int, done: bool) -> None:
        if what == self._what and done and not self._done:
            self._done = True
            _thread.interrupt_main()


def test_a_damaged_state_is_named(tmp_path: Path) -> None:
    with BatchServer(echo, step=Interrupting("poll")) as server:
        with pytest.raises(KeyboardInterrupt):
            list(engine_for(server.url, tmp_path).generate(questions(3)))
        (state,) = (tmp_path / "batches").glob("lai-*.json")
        state.write_text("{")
        with pytest.raises(PipelineError, match=rf"{state.name}, the state of a batch, is damaged"):
            list(engine_for(server.url, tmp_path).generate(questions(3)))
