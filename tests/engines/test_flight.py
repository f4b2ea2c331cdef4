"""What is in flight when one request fails, waits or is interrupted."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from lai.core.errors import PipelineError
from lai.engines.base import Request
from lai.engines.openai import flight
from tests.support.openai_client import OK, engine_for, request
from tests.support.openai_server import Answer, Script, Server, completion, problem
from tests.support.until import until

pytestmark = pytest.mark.usefixtures("environment")
Serve = Callable[[Script], Server]


class Refusing:
    """Refuses "2" once `count` requests have come, and answers the others when that is known."""

    def __init__(self, count: int) -> None:
        self._come = threading.Barrier(count)
        self._known = threading.Event()

    def __call__(self, body: dict[str, Any]) -> Answer:
        asked = body["messages"][0]["content"]
        self._come.wait(20)
        if asked == "2":
            return Answer(raw=self._refuse)
        assert self._known.wait(20)
        return completion(asked)

    def _refuse(self, connection: socket.socket) -> None:
        connection.sendall(
            b"HTTP/1.1 401 bad key\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        )
        connection.recv(1)  # the client closes when it has read that
        self._known.set()


def test_a_refusal_does_not_discard_what_is_in_flight(serve: Serve) -> None:
    server = serve(Refusing(4))
    requests = [request(str(number)) for number in range(20)]
    received = []
    with pytest.raises(PipelineError, match="HTTP 401"):
        for reply in engine_for(server.url, concurrency=4).generate(requests):
            received.append(reply.text)
    assert sorted(received) == ["0", "1", "3"]
    assert len(server.bodies) == 4


def test_a_refusal_does_not_wait_for_the_retries_of_others(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    together = threading.Barrier(2)
    refused: list[float] = []

    def script(body: dict[str, Any]) -> Answer:
        together.wait(20)
        if body["messages"][0]["content"] == "refused":
            until(lambda: caplog.messages)  # the other one waits
            refused.append(time.monotonic())
            return Answer(401, "")
        return problem(429, "slow down", {"retry-after": "60"})

    server = serve(script)
    with pytest.raises(PipelineError, match="HTTP 401"):
        list(engine_for(server.url, 60.0).generate([request("waits"), request("refused")]))
    assert time.monotonic() - refused[0] < 5
    assert len(server.bodies) == 2


def test_an_interrupt_while_answers_are_taken_up_loses_none(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = flight._at_hand

    def interrupted(finished: SimpleQueue[Any]) -> list[Any]:
        monkeypatch.undo()
        take(finished)
        raise KeyboardInterrupt

    server = serve(lambda _: OK)
    engine = engine_for(server.url)
    monkeypatch.setattr(flight, "_at_hand", interrupted)
    received = []
    with pytest.raises(KeyboardInterrupt):
        for reply in engine.generate([request()]):
            received.append(reply.text)
    assert received == ["fine"]


def test_requests_are_taken_when_they_can_start(serve: Serve) -> None:
    together = threading.Barrier(4)

    def script(_: dict[str, Any]) -> Answer:
        together.wait(20)
        return OK

    server = serve(script)
    taken = 0

    def requests() -> Iterator[Request]:
        nonlocal taken
        for number in range(24):
            taken += 1
            yield request(str(number))

    received = 0
    for replies in engine_for(server.url, concurrency=4).stream(requests()):
        received += len(replies)
        assert taken <= received + 3
    assert received == 24
    assert server.most == 4


def test_an_interrupt_hands_out_what_has_arrived_and_waits_for_nothing(serve: Serve) -> None:
    over = threading.Event()
    waited: list[bool] = []

    def script(body: dict[str, Any]) -> Answer:
        if body["messages"][0]["content"] == "stalls":
            waited.append(over.wait(20))
        return OK

    server = serve(script)
    main_thread = threading.main_thread().ident
    assert main_thread is not None
    interrupt = threading.Timer(0.2, signal.pthread_kill, (main_thread, signal.SIGINT))
    received = []
    with pytest.raises(KeyboardInterrupt):
        for reply in engine_for(server.url).generate([request("stalls"), request("quick")]):
            received.append(reply.text)
            interrupt.start()
    assert (received, waited) == (["fine"], [])
    over.set()
