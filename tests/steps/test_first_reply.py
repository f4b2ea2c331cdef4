"""The first reply of a live server is looked at before the others are asked for."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lai.asking import Asked, ask, request
from lai.core.errors import PipelineError
from lai.core.params.runtime import PriceParams
from lai.core.params.schema import InstructorParams
from lai.engines.store.cache import Cached
from lai.instruction.analyze import AnalysisShape
from tests.support.closure import ROOT
from tests.support.openai_client import engine_for
from tests.support.openai_server import Answer, Script, Server, completion, in_turn, problem

INSTRUCTOR = InstructorParams(engine="openai", model="m")
GOOD = completion(json.dumps({"skill": "s", "misconception": "m", "explanation": "e"}))
BAD = completion("I am a poet.")
Ask = Callable[[Script, int], dict[str, Asked[AnalysisShape]]]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[tuple[Ask, list[Server]]]:
    servers: list[Server] = []

    def asked(script: Script, count: int) -> dict[str, Asked[AnalysisShape]]:
        if not servers:
            servers.append(Server(script))
        servers[0].script = script
        engine = Cached(engine_for(servers[0].url), tmp_path / "responses.sqlite")
        requests = [request(f"error {n}", AnalysisShape, INSTRUCTOR, 1) for n in range(count)]
        return ask(engine, requests, AnalysisShape)

    yield asked, servers
    for server in servers:
        server.__exit__()


@pytest.mark.parametrize(
    ("answer", "told", "calls"),
    [
        (problem(401, "Incorrect API key", code="invalid_api_key"), "put a valid key into", 1),
        (problem(404, "The model `m` does not exist"), r"check instructor\.model \(m\)", 1),
        # In the plain form, too.
        (problem(400, "Invalid schema for response_format 'x'"), "Invalid schema", 3),
        (Answer(200, "<html>gateway</html>"), r"an HTML page \(attempt 4 of 4\)", 4),
    ],
)
def test_a_wrong_setting_costs_a_call_and_its_retries(run, answer, told, calls) -> None:
    asked, servers = run
    with pytest.raises(PipelineError, match=told):
        asked(lambda _: answer, 50)
    assert len(servers[0].bodies) == calls


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (BAD, r"the reply holds no JSON object; the last one is 'I am a poet\.'\. 48 more"),
        (completion("{}"), r"skill: Field required; the last one is '{}'\. 48 more"),
        (completion('{"skill": "', "length"), "the reply was cut off at max_tokens; the last one"),
    ],
)
def test_a_model_that_cannot_answer_in_the_form_costs_four_calls_a_try(run, bad, told) -> None:
    asked, servers = run
    for tries in (1, 2):
        with pytest.raises(PipelineError, match=f"first 2 replies of m cannot be used: {told}"):
            asked(lambda _: bad, 50)
        assert len(servers[0].bodies) == 4 * tries, "two questions, each asked about once more"
    # What could not be used is not in the way of a better model under the same name.
    assert all(one.value for one in asked(lambda _: GOOD, 50).values())


@pytest.mark.parametrize(
    "first",
    [in_turn(BAD, GOOD), in_turn(BAD, BAD, GOOD), in_turn(completion("", refusal="No."), GOOD)],
)
def test_one_bad_reply_stops_nothing(run, first) -> None:
    asked, servers = run
    found = asked(first, 30)
    assert len(found) == 30
    assert sum(one.value is not None for one in found.values()) >= 29
    assert len(servers[0].bodies) <= 32


def test_the_others_are_not_sent_before_the_first_is_seen(run) -> None:
    asked, servers = run
    in_flight = []

    def script(body):
        in_flight.append(servers[0].most)
        return replace(GOOD, delay=0.1)

    asked(script, 20)
    assert in_flight[0] == 1
    assert servers[0].most > 1
    assert max(servers[0].count.values()) == 1, "the first is not asked for again"


def test_what_is_stored_needs_no_first_reply(run) -> None:
    asked, servers = run
    asked(lambda _: GOOD, 20)
    assert len(asked(lambda _: BAD, 20)) == 20
    assert len(servers[0].bodies) == 20


def test_stored_replies_that_cannot_be_used_prove_nothing(run) -> None:
    asked, servers = run
    asked(lambda _: BAD, 2)  # too few for a look ahead: kept, with their re-asks
    with pytest.raises(PipelineError, match=r"first 2 replies of m .* 46 more requests"):
        asked(lambda _: BAD, 50)
    assert len(servers[0].bodies) == 4 + 4
    assert len(asked(lambda _: GOOD, 50)) == 50
    assert len(servers[0].bodies) == 8 + 48, "the two stored failures are not paid for again"


def test_what_a_single_request_has_shown_needs_no_first_reply(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def script(body):
        if body["messages"][0]["content"] != "one":
            together.wait(timeout=10)  # raises where one is sent alone
        return GOOD

    with Server(script) as server:
        engine = Cached(engine_for(server.url, concurrency=4), tmp_path / "responses.sqlite")
        for texts in (["one"], [f"error {n}" for n in range(4)]):
            requests = [request(text, AnalysisShape, INSTRUCTOR, 1) for text in texts]
            assert all(one.value for one in ask(engine, requests, AnalysisShape).values())
        assert len(server.bodies) == 5


SHOWN = """
import json, sys
from lai.asking import ask, request
from lai.core.params.runtime import PriceParams
from lai.engines.store.cache import Cached
from lai.instruction.analyze import AnalysisShape
from tests.steps.test_first_reply import INSTRUCTOR
from tests.support.openai_client import engine_for
price = PriceParams(input=1000, output=1000)
engine = Cached(engine_for(sys.argv[1]), sys.argv[2], price=price)
ask(engine, [request(f"error {n}", AnalysisShape, INSTRUCTOR, 1) for n in range(30)], AnalysisShape)
print("SUMMARY", engine.summary())
"""


def test_a_terminal_shows_calls_tokens_cost_and_the_time_left(tmp_path: Path) -> None:
    with Server(lambda _: replace(GOOD, delay=0.1)) as server:
        shown, terminal = pty.openpty()
        termios.tcsetwinsize(terminal, (24, 200))
        command = [sys.executable, "-c", SHOWN, server.url, str(tmp_path / "responses.sqlite")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=terminal, env=environment, cwd=ROOT
        ) as process:
            os.close(terminal)
            seen = b""
            try:
                while chunk := os.read(shown, 4096):
                    seen += chunk
            except OSError:  # the other end has closed
                pass
            assert process.stdout is not None
            said = process.stdout.read().decode()
        os.close(shown)
    bar = seen.decode()
    assert "asking" in bar
    assert "0 failed" in bar
    assert "cached" in bar
    assert "tokens, cost 0.0" in bar
    assert "<00:" in bar, "the time left"
    assert "30 calls asked (300 tokens, cost 0.3000), 0 from the cache" in said


def test_a_price_is_in_the_summary(tmp_path: Path) -> None:
    with Server(lambda _: GOOD) as server:
        price = PriceParams(input=1.0, output=2.0)
        engine = Cached(engine_for(server.url), tmp_path / "r.sqlite", price=price)
        ask(engine, [request("why", AnalysisShape, INSTRUCTOR, 1)], AnalysisShape)
    assert engine.summary() == "1 call asked (10 tokens, cost 0.000013), 0 from the cache"
