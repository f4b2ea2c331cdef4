"""The engine against a real server on loopback that misbehaves in every way we have heard of."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lai.core.errors import PipelineError
from lai.core.params.runtime import EndpointParams
from lai.engines.openai.engine import OpenAIEngine
from tests.support.openai_client import OK, ask, engine_for, request
from tests.support.openai_server import KEY, Answer, Script, Server, in_turn, problem

pytestmark = pytest.mark.usefixtures("environment")
Serve = Callable[[Script], Server]


def test_a_request_is_sent_as_it_is_and_its_usage_counted(serve: Serve) -> None:
    server = serve(lambda _: OK)
    asked = request(temperature=0.5)
    reply = ask(server, asked)
    assert server.bodies == [
        {"model": "model-1", "messages": asked.messages, "max_tokens": 50, "temperature": 0.5}
    ]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert (reply.request_key, reply.text, reply.stop_reason) == (asked.key, "fine", "stop")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (7, 3)


def test_a_seed_is_sent_when_it_is_set(serve: Serve) -> None:
    server = serve(lambda _: OK)
    ask(server, request(seed=0))
    assert server.bodies[0]["seed"] == 0


def test_options_of_the_chat_template_are_sent_when_there_are_any(serve: Serve) -> None:
    server = serve(lambda _: OK)
    ask(server)
    ask(server, request(options={"enable_thinking": False}))
    assert "chat_template_kwargs" not in server.bodies[0]
    assert server.bodies[1]["chat_template_kwargs"] == {"enable_thinking": False}


def test_where_nobody_listens_the_first_request_ends_it_at_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        endpoint = EndpointParams(base_url=url, max_retries=6)
        with pytest.raises(PipelineError) as caught:
            list(OpenAIEngine(endpoint).generate([request(str(n)) for n in range(20)]))
    assert caplog.messages == [], "it waited for a retry"
    assert str(caught.value) == (
        f"{url}: nobody listens there (connection refused); start the server, or mend "
        "runtime.instructor.base_url"
    )


@pytest.mark.parametrize("first", [OK, problem(400, "max_tokens is too large")])
def test_a_server_that_answered_before_may_restart(first: Answer) -> None:
    # No connection is kept open, or its thread would outlive the server.
    closing = replace(first, headers={**first.headers, "connection": "close"})
    with Server(lambda _: closing) as server:
        engine = engine_for(server.url, max_retries=8)
        with contextlib.suppress(PipelineError):
            list(engine.generate([request("before")]))
        assert len(server.bodies) == 1
    port = int(server.url.rpartition(":")[2].removesuffix("/v1"))
    back: list[Server] = []

    def restart() -> None:
        back.append(Server(lambda _: OK, port))

    timer = threading.Timer(0.2, restart)
    timer.start()
    try:
        (reply,) = engine.generate([request("meanwhile")])
    finally:
        timer.join()
        back[0].__exit__()
    assert reply.text == "fine"


def test_a_server_that_stays_down_ends_in_one_line() -> None:
    closing = replace(OK, headers={**OK.headers, "connection": "close"})
    with Server(lambda _: closing) as server:
        engine = engine_for(server.url, max_retries=1)
        list(engine.generate([request("before")]))
    with pytest.raises(PipelineError, match=r"refused.*attempt 2 of 2.*rerun"):
        list(engine.generate([request("after")]))


@pytest.mark.parametrize("asked", ["86400", "inf", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_retry_after_is_capped(serve: Serve, asked: str) -> None:
    answers, arrived = in_turn(problem(503, "later", {"retry-after": asked}), OK), []

    def script(body: dict[str, Any]) -> Answer:
        arrived.append(time.monotonic())
        return answers(body)

    assert ask(serve(script), longest_wait=0.1).text == "fine"
    assert 0.1 <= arrived[1] - arrived[0] < 2


@pytest.mark.parametrize("asked", ["soon", "nan", "-5", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_a_senseless_retry_after_does_no_harm(serve: Serve, asked: str) -> None:
    server = serve(in_turn(problem(503, "later", {"retry-after": asked}), OK))
    assert ask(server).text == "fine"


@pytest.mark.parametrize(
    "header",
    [
        {"retry-after": "0"},
        {"retry-after": "-1"},
        {"retry-after-ms": "0"},
        {"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"},
    ],
)
def test_a_retry_after_of_no_time_does_not_end_the_growing_pauses(
    serve: Serve, header: dict[str, str]
) -> None:
    server = serve(lambda _: problem(429, "slow down", header))
    engine = OpenAIEngine(EndpointParams(base_url=server.url, max_retries=2), backoff=0.1)
    start = time.monotonic()
    with pytest.raises(PipelineError, match="attempt 3 of 3"):
        list(engine.generate([request()]))
    assert time.monotonic() - start >= 0.15


@pytest.mark.parametrize(
    "answer",
    [
        problem(400, "Too many tokens", code="context_length_exceeded"),
        problem(400, "This model's maximum context length is 4096 tokens, however you requested"),
    ],
)
def test_a_prompt_that_does_not_fit_is_one_items_matter(serve: Serve, answer: Answer) -> None:
    server = serve(lambda _: answer)
    reply = ask(server)
    assert (reply.text, reply.stop_reason) == ("", "length")
    assert len(server.bodies) == 1


REFUSALS = [
    (problem(401, "Incorrect API key", code="invalid_api_key"), "OPENAI_API_KEY"),
    (problem(402, "Insufficient balance"), "credit"),
    (problem(403, "Country not supported"), "lacks the right"),
    (problem(400, "n is too large for this model: maximum not known"), "does not take"),
    (problem(404, "The model `model-1` does not exist", code="model_not_found"), "target.model"),
    (problem(400, "model-1 is not a valid model ID"), r"check target\.model \(model-1\)"),
    (problem(400, "top_p must be positive for this model"), "model; the server does not take"),
    (Answer(404, '{"detail": "Not Found"}'), r"runtime\.target\.base_url \(most end in /v1\)"),
    (Answer(404, "<html>nginx</html>"), "base_url"),
    (problem(400, "max_tokens is too large"), "max_tokens is too large"),
    (problem(413, "Too big"), "does not take the request"),
    (problem(429, "You exceeded your quota", code="insufficient_quota"), "credit"),
    (problem(429, "You exceeded your quota", type="insufficient_quota"), "credit"),
]


@pytest.mark.parametrize(("answer", "mend"), REFUSALS)
def test_what_no_retry_mends_stops_at_once(serve: Serve, answer: Answer, mend: str) -> None:
    server = serve(lambda _: answer)
    endpoint = EndpointParams(base_url=server.url)
    with pytest.raises(PipelineError, match=mend) as caught:
        list(OpenAIEngine(endpoint, role="target").generate([request()]))
    assert str(caught.value).startswith(server.url)
    assert len(server.bodies) == 1
