"""Batch mode against a server that implements the Files and Batch APIs."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from lai import asking
from lai.asking import Shape
from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams, EndpointParams, RuntimeParams
from lai.core.params.schema import InstructorParams
from lai.engines.open_instructor import open_instructor
from lai.engines.openai.batch_state import Journal, planned
from lai.engines.store.cache import Cached
from lai.engines.store.caps import BudgetError
from lai.engines.store.spending import Spending
from tests.support.asking import questions
from tests.support.batch_provider import STATES, Plan
from tests.support.batch_server import BatchServer
from tests.support.batching import echo, engine_for, expected, ledger_in, texts
from tests.support.openai_server import KEY, Answer, Server, problem, tutor

pytestmark = pytest.mark.usefixtures("environment")
NOTE = "instructor model-1, batch"


def test_requests_are_sent_as_one_batch_and_their_replies_stored(tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        assert texts(server, tmp_path) == expected()
        assert (server.count["upload"], server.count["create"]) == (1, 1)
        (lines,) = server.lines()
        asked = questions(5)
        assert lines == [
            {
                "custom_id": request.key,
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": {
                    "model": "model-1",
                    "messages": request.messages,
                    "max_tokens": 10,
                    "temperature": 0.0,
                },
            }
            for request in asked
        ]
        assert texts(server, tmp_path) == expected()
        assert server.count["upload"] == 1
    # 7 prompt and 3 completion tokens each, at half of 1 and of 10 a million.
    totals = ledger_in(tmp_path).totals()
    assert totals.by_note == {(NOTE, "settled"): Spending(5, 50, pytest.approx(5 * 18.5e-6))}
    assert [path.name for path in (tmp_path / "batches").glob("lai-*")] == []


def test_the_key_is_in_no_file_and_no_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    leak = problem(400, f"Incorrect key {KEY}", code="invalid")
    with BatchServer(lambda _: leak) as server, pytest.raises(PipelineError) as caught:
        texts(server, tmp_path)
    assert server.keys == {KEY}
    said = "".join([str(caught.value), *capsys.readouterr(), caplog.text])
    assert KEY not in said
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(KEY.encode() in path.read_bytes() for path in files)


def test_an_expired_batch_is_sent_again_without_what_came(tmp_path: Path) -> None:
    with BatchServer(echo, Plan("expired", answered=3), Plan("expired", answered=1)) as server:
        assert texts(server, tmp_path) == expected()
        assert [len(lines) for lines in server.lines()] == [5, 2, 1]
    assert ledger_in(tmp_path).totals().of("settled").calls == 5
    assert ledger_in(tmp_path).totals().of("held", "doubtful").calls == 0


def test_after_three_batches_what_is_missing_is_told(tmp_path: Path) -> None:
    plans = [Plan("expired", answered=answered) for answered in (2, 0, 1)]
    with BatchServer(echo, *plans) as server:
        with pytest.raises(
            PipelineError,
            match=r"2 of 5 requests have no answer after 3 batches, .*not be executed",
        ):
            texts(server, tmp_path)
        assert [len(lines) for lines in server.lines()] == [5, 3, 3]
        assert texts(server, tmp_path) == expected()
        assert [len(lines) for lines in server.lines()] == [5, 3, 3, 2]


def test_a_cancelled_batch_is_not_sent_again_by_itself(tmp_path: Path) -> None:
    with BatchServer(
        echo, Plan("cancelled", answered=4, states=("in_progress", "cancelling"))
    ) as s:
        with pytest.raises(PipelineError, match=r"1 of 5 requests have no answer, .*cancelled"):
            texts(s, tmp_path)
        assert texts(s, tmp_path) == expected()
        assert [len(lines) for lines in s.lines()] == [5, 1]


def test_a_batch_that_fails_is_told_in_the_servers_words(tmp_path: Path) -> None:
    errors = [{"code": "mismatched_model", "line": 3, "message": "Wrong model", "param": "model"}]
    with BatchServer(echo, Plan("failed", errors=errors, states=("validating",))) as server:
        with pytest.raises(PipelineError, match=r"batch_1 is refused \(line 3: Wrong model\)"):
            texts(server, tmp_path)
        assert ledger_in(tmp_path).totals().by_note == {}
        assert texts(server, tmp_path) == expected()


def test_a_batch_too_large_for_the_accounts_queue_is_sent_in_parts(tmp_path: Path) -> None:
    full = [{"code": "token_limit_exceeded", "message": "Enqueued token limit reached"}]
    queued = []

    def step(what: str, _: int, done: bool) -> None:
        if what == "create" and not done:
            states = [batch["status"] for batch in server.batches.values()]
            queued.append(len(set(states) & set(STATES)))

    plans = [Plan("failed", errors=full)] * 2
    with BatchServer(echo, *plans, step=step) as server:
        assert texts(server, tmp_path, 64) == expected(64)
        assert [len(lines) for lines in server.lines()] == [64, 32, 16, 16, 16, 16]
        assert queued == [0] * 6


def test_a_cap_lets_a_batch_be_as_large_as_it_may_cost(tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        budget = BudgetParams(calls=3)
        with pytest.raises(BudgetError, match=r"runtime\.budget\.calls is 3, 3 is spent"):
            texts(server, tmp_path, budget=budget)
        assert [len(lines) for lines in server.lines()] == [3]
        with pytest.raises(BudgetError):
            texts(server, tmp_path, budget=budget)
        assert texts(server, tmp_path, budget=BudgetParams(calls=5)) == expected()
        assert [len(lines) for lines in server.lines()] == [3, 2]


def test_what_a_batch_did_not_cost_pays_for_the_next_one(tmp_path: Path) -> None:
    # A call may take some 300 tokens, and takes 10.
    with BatchServer(echo) as server:
        assert texts(server, tmp_path, budget=BudgetParams(tokens=700)) == expected()
        assert [len(lines) for lines in server.lines()] == [2, 2, 1]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_batches_is_told(tmp_path: Path, status: int) -> None:
    asked = []
    no = lambda what, *_: asked.append(what) or problem(status, "no such thing")  # noqa: E731
    told = r"\(most end in /v1\): .* only instructor\.mode: live works"
    with BatchServer(step=no) as server:
        with pytest.raises(PipelineError, match=told):
            texts(server, tmp_path)
        assert ledger_in(tmp_path).totals().by_note == {}
    assert len(asked) == 1


def opened(url: str | None, folder: Path, mode: str, **runtime: Any) -> Cached:
    """The instructor of a params.yaml."""
    instructor = InstructorParams.model_validate(
        {"engine": "openai", "provider": "openai", "model": "model-1", "mode": mode}
    )
    given = RuntimeParams(instructor=EndpointParams(base_url=url), **runtime)
    return open_instructor(instructor, given, folder / "responses.sqlite")


def test_params_open_it_and_both_modes_share_replies(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with BatchServer(echo, Plan(states=())) as server:
        assert len(list(opened(server.url, tmp_path, "batch").generate(questions(3)))) == 3
        live = opened(server.url, tmp_path, "live")
        assert len(list(live.generate(questions(3)))) == live.cached == 3
        assert not caplog.records
    with pytest.raises(PipelineError, match=r"runtime\.instructor\.price is null"):
        opened(None, tmp_path, "batch", budget=BudgetParams(cost=1.0)).open()


def test_a_live_run_says_when_it_asks_what_lies_in_a_batch_and_not_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    in_batch, others = questions(4)[:2], questions(4)[2:]
    journal = Journal(tmp_path / "batches")
    with Server() as server:
        journal.save(planned(server.url, [one.key for one in in_batch], 1))
        list(opened(server.url, tmp_path, "live").generate(others))
        assert not caplog.records
        list(opened(server.url, tmp_path, "live").generate(in_batch))
        [warning] = caplog.records
        assert "of 2 requests in batches under way" in warning.message


class Lesson(Shape):
    """What the instructor of a step is asked for."""

    skill: str
    steps: list[str]


def test_a_step_is_one_batch_and_one_more_for_replies_that_do_not_fit(tmp_path: Path) -> None:
    def script(body: dict[str, Any]) -> Answer:
        asked_twice = len(body["messages"]) > 1
        return tutor(body) if asked_twice or "7" not in str(body["messages"]) else echo(body)

    params = InstructorParams(engine="openai", provider="test", model="model-1")
    asked = [asking.request(f"question {n}", Lesson, params, seed=0) for n in range(9)]
    with BatchServer(script) as batches:
        answered = asking.ask(engine_for(batches.url, tmp_path), asked, Lesson)
        assert all(exchange.value for exchange in answered.values())
        assert [len(lines) for lines in batches.lines()] == [9, 1]


def test_two_at_once_wait_for_each_other(tmp_path: Path) -> None:
    with BatchServer(echo) as server:
        found: list[list[str]] = []
        threads = [
            threading.Thread(target=lambda: found.append(texts(server, tmp_path, 40)))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert found == [expected(40)] * 2
        assert server.count["upload"] == 1


def test_a_slash_at_the_end_of_the_url_is_no_other_server(tmp_path: Path) -> None:
    def revoked(what: str, *_: Any) -> Answer | None:
        return problem(401, "revoked") if what == "poll" else None

    with BatchServer(echo, step=revoked) as server:
        with pytest.raises(PipelineError, match="revoked"):
            texts(server, tmp_path)
        server.step = lambda *_: None
        server.url += "/"
        assert texts(server, tmp_path) == expected()
        assert server.count["create"] == 1
