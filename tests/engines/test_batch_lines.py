"""What is said of a batch and stands in its output and error files, well-formed or spoilt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams
from lai.engines.openai import batch_lines
from lai.engines.openai.dialect import Dialect
from lai.engines.store.caps import BudgetError
from lai.engines.store.spending import Spending
from tests.support.asking import questions
from tests.support.batch_provider import Plan
from tests.support.batch_server import BatchServer
from tests.support.batching import echo, engine_for, expected, ledger_in, texts
from tests.support.openai_client import OK
from tests.support.openai_server import Answer, completion, in_turn, problem

pytestmark = pytest.mark.usefixtures("environment")


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


def test_a_line_of_one_that_gave_up_may_have_been_billed(tmp_path: Path) -> None:
    with BatchServer(in_turn(problem(504, "upstream timed out"), completion("fine"))) as server:
        assert texts(server, tmp_path, 2) == ["fine"] * 2
    totals = ledger_in(tmp_path).totals()
    assert (totals.of("doubtful").calls, totals.of("settled").calls) == (1, 2)


def test_answers_without_usage_stay_counted_in_full_below_the_caps(tmp_path: Path) -> None:
    untold = replace(OK, body=str(OK.body).replace('"usage"', '"usages"'))
    budget = BudgetParams(tokens=1000)
    with BatchServer(lambda _: untold) as server:
        with pytest.raises(BudgetError, match=r"runtime\.budget\.tokens"):
            texts(server, tmp_path, 9, budget=budget)
        assert 0 < len(server.lines()[0]) < 9
    totals = ledger_in(tmp_path, budget).totals()
    assert 0 < totals.of("doubtful").tokens <= 1000
    assert totals.of("settled", "held").calls == 0


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


def test_batches_are_of_one_model_and_within_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        request.model_copy(update={"model": f"model-{number % 2}"})
        for number, request in enumerate(questions(10))
    ]

    def sizes() -> list[tuple[set[str], int]]:
        found = batch_lines.parts(asked, Dialect(), most=4)
        return [({one.model for one in part}, len(part)) for part in found]

    assert sizes() == [({"model-0"}, 4), ({"model-0"}, 1), ({"model-1"}, 4), ({"model-1"}, 1)]
    size = len(batch_lines.line(asked[0], Dialect()))
    monkeypatch.setattr(batch_lines, "MOST_BYTES", 3 * size)
    assert [number for _, number in sizes()] == [3, 2, 3, 2]


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


STRANGE = {
    "words": "no such model",
    "a list": ["no such model"],
    "words as data": {"data": "no such model"},
    "an object": {"message": "no such model"},
}


@pytest.mark.parametrize("errors", STRANGE.values(), ids=STRANGE)
def test_a_batch_of_another_shape_than_documented_is_read_as_far_as_it_goes(
    tmp_path: Path, errors: object
) -> None:
    shown = {"id": "batch_1", "status": "failed", "errors": errors, "request_counts": "many"}
    listed = {"data": [{"id": "another", "metadata": "none"}], "has_more": False}

    def step(what: str, number: int, done: bool) -> Answer | None:
        if what == "create" and number == 1:
            return problem(500, "again")
        answers = {"poll": shown, "list batches": listed}
        return Answer(200, json.dumps(answers[what])) if what in answers else None

    told = pytest.raises(PipelineError, match=r"is refused \(no such model\)")
    with BatchServer(echo, step=step) as server, told:
        texts(server, tmp_path)
