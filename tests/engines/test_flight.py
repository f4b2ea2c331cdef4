"""What is in flight when one request fails, waits or is interrupted."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lai.core.errors import PipelineError
from lai.engines.base import Request
from tests.support.openai_client import OK, engine_for, request
from tests.support.openai_server import Answer, Script, Server, completion, problem

pytestmark = pytest.mark.usefixtures("environment")
Serve = Callable[[Script], Server]


def rejecting(text: str, seconds: float = 0.0) -> Script:
    """Refuse the request whose text is `text`, answer others with theirs after `seconds`.

    The refusal takes long enough for four requests to be sent.
    """

    def script(body: dict[str, Any]) -> Answer:
        asked = body["messages"][0]["content"]
        if asked == text:
            return replace(problem(401, "bad key"), delay=seconds / 3)
        return Answer(200, completion(asked).body, delay=seconds)

    return script


def test_a_refusal_does_not_discard_what_is_in_flight(serve: Serve) -> None:
    server = serve(rejecting("2", seconds=0.3))
    requests = [request(str(number)) for number in range(20)]
    received = []
    with pytest.raises(PipelineError, match="bad key"):
        for reply in engine_for(server.url, concurrency=4).generate(requests):
            received.append(reply.text)
    assert sorted(received) == ["0", "1", "3"]
    assert len(server.bodies) == 4


def test_a_refusal_does_not_wait_for_the_retries_of_others(serve: Serve) -> None:
    def script(body: dict[str, Any]) -> Answer:
        if body["messages"][0]["content"] == "refused":
            return Answer(401, "", delay=0.3)
        # Late enough for both to be sent.
        return replace(problem(429, "slow down", {"retry-after": "60"}), delay=0.1)

    server = serve(script)
    start = time.monotonic()
    with pytest.raises(PipelineError, match="HTTP 401"):
        list(engine_for(server.url, 60.0).generate([request("waits"), request("refused")]))
    assert time.monotonic() - start < 5
    assert len(server.bodies) == 2


def test_requests_are_taken_when_they_can_start(serve: Serve) -> None:
    server = serve(lambda _: Answer(200, OK.body, delay=0.02))
    taken = 0

    def requests() -> Iterator[Request]:
        nonlocal taken
        for number in range(24):
            taken += 1
            yield request(str(number))

    received = 0
    for _ in engine_for(server.url, concurrency=4).stream(requests()):
        received += 1
        assert taken <= received + 3
    assert received == 24
    assert server.most == 4


def test_an_interrupt_hands_out_what_has_arrived_and_waits_for_nothing(serve: Serve) -> None:
    def script(body: dict[str, Any]) -> Answer:
        stalls = body["messages"][0]["content"] == "stalls"
        return Answer(200, OK.body, delay=8.0 if stalls else 0.0)

    server = serve(script)
    main_thread = threading.main_thread().ident
    assert main_thread is not None
    interrupt = threading.Timer(1.0, signal.pthread_kill, (main_thread, signal.SIGINT))
    interrupt.start()
    received = []
    start = time.monotonic()
    # A shell that starts the tests in the background has them ignore interrupts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            for reply in engine_for(server.url).generate([request("stalls"), request("quick")]):
                received.append(reply.text)
    finally:
        signal.signal(signal.SIGINT, before)
    assert received == ["fine"]
    assert time.monotonic() - start < 5
