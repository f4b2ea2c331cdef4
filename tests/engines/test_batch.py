"""Batch mode against a server that implements the Files and Batch APIs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams
from lai.engines.store.caps import BudgetError
from lai.engines.store.spending import Spending
from tests.support.asking import questions
from tests.support.batch_provider import STATES, Plan
from tests.support.batch_server import BatchServer
from tests.support.batching import engine_for, ledger_in
from tests.support.openai_server import KEY, Answer, completion, in_turn, problem

pytestmark = pytest.mark.usefixtures("environment")
NOTE = "instructor model-1, batch"


def echo(body: dict[str, Any]) -> Answer:
    return completion(f"re: {body['messages'][-1]['content']}")


def texts(server: BatchServer, folder: Path, count: int = 5, **params: Any) -> list[str]:
    """The replies to so many questions, sorted."""
    engine = engine_for(server.url, folder, **params)
    return sorted(reply.text for reply in engine.generate(questions(count)))


def expected(count: int = 5) -> list[str]:
    return sorted(f"re: question {number}" for number in range(count))


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


OUTCOMES = {
    "a filter": (problem(400, "stopped", code="content_filter"), "content_filter"),
    "too long": (problem(400, "This model's maximum context length is 9 tokens"), "length"),
    "cut off": (completion("half", "length"), "length"),
}


@pytest.mark.parametrize(("answer", "stop_reason"), OUTCOMES.values(), ids=OUTCOMES)
def test_what_concerns_one_item_is_its_reply(
    tmp_path: Path, answer: Answer, stop_reason: str
) -> None:
    with BatchServer(lambda _: answer) as server:
        (reply,) = engine_for(server.url, tmp_path).generate(questions(1))
    assert reply.stop_reason == stop_reason


@pytest.mark.parametrize("status", [429, 500, 503])
def test_requests_that_failed_in_passing_are_sent_again(tmp_path: Path, status: int) -> None:
    with BatchServer(in_turn(problem(status, "busy"), completion("fine"))) as server:
        assert texts(server, tmp_path, 3) == ["fine"] * 3
        assert [len(lines) for lines in server.lines()] == [3, 1]
    assert ledger_in(tmp_path).totals().of("settled") == Spending(4, 30, pytest.approx(3 * 18.5e-6))


def test_what_the_endpoint_does_not_accept_is_left_out_the_next_time(tmp_path: Path) -> None:
    def script(body: dict[str, Any]) -> Answer:
        if "max_tokens" in body:
            return problem(400, "Use 'max_completion_tokens' instead.", param="max_tokens")
        if body.get("response_format", {}).get("type") == "json_schema":
            return problem(400, "response_format of type json_schema is not supported")
        return echo(body)

    asked = [
        request.model_copy(
            update={"json_schema": {"title": "x"}, "structured_output": "json_schema"}
        )
        for request in questions(2)
    ]
    with BatchServer(script) as server:
        replies = list(engine_for(server.url, tmp_path).generate(asked))
        assert len(replies) == 2
        bodies = [lines[0]["body"] for lines in server.lines()]
    assert [sorted({"max_tokens", "max_completion_tokens"} & body.keys()) for body in bodies] == [
        ["max_tokens"],
        ["max_completion_tokens"],
        ["max_completion_tokens"],
    ]
    assert bodies[2]["response_format"] == {"type": "json_object"}


def test_requests_that_are_refused_end_it_after_the_others(tmp_path: Path) -> None:
    def script(body: dict[str, Any]) -> Answer:
        if body["messages"][-1]["content"] == "question 2":
            return problem(404, "The model `model-1` does not exist", code="model_not_found")
        return echo(body)

    with BatchServer(script) as server:
        with pytest.raises(
            PipelineError,
            match=r"1 of 5 requests were refused, the first with HTTP 404, The model .* instructor",
        ):
            texts(server, tmp_path)
        server.script = echo
        assert texts(server, tmp_path) == expected()
        assert [len(lines) for lines in server.lines()] == [5, 1]


def spoilt(change: Callable[[list[str]], list[str]]) -> Plan:
    return Plan(spoil=change)


def _foreign(lines: list[str]) -> list[str]:
    return [*lines, json.dumps({**json.loads(lines[0]), "custom_id": "nobody's"})]


SPOILT = {
    "half a line": (lambda lines: [*lines[1:], lines[0][:40]], 1),
    "no JSON": (lambda lines: ["<html>", *lines], 0),
    "a list": (lambda lines: ["[]", "", *lines], 0),
    "a line is missing": (lambda lines: lines[1:], 1),
    "nobody's line": (_foreign, 0),
    "a line twice": (lambda lines: [*lines, lines[2].replace("re:", "again:")], 0),
    "no choices": (lambda lines: [lines[0].replace("choices", "chances"), *lines[1:]], 1),
    "no status": (lambda lines: [lines[0].replace("status_code", "status"), *lines[1:]], 1),
    "U+2028 within a line": (lambda lines: [line.replace("re:", "re:\u2028") for line in lines], 0),
}


@pytest.mark.parametrize(("change", "again"), SPOILT.values(), ids=SPOILT)
def test_output_files_may_be_spoilt(
    tmp_path: Path, change: Callable[[list[str]], list[str]], again: int
) -> None:
    with BatchServer(echo, spoilt(change)) as server:
        found = texts(server, tmp_path)
        assert [text.replace("\u2028", "") for text in found] == expected()
        assert [len(lines) for lines in server.lines()] == [5] + [again] * bool(again)


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


def test_a_server_without_batches_is_told(tmp_path: Path) -> None:
    no = lambda what, *_: problem(404, "Not Found")  # noqa: E731
    with BatchServer(step=no) as server:
        with pytest.raises(PipelineError, match=r"only instructor\.mode: live works"):
            texts(server, tmp_path)
        assert ledger_in(tmp_path).totals().by_note == {}


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
