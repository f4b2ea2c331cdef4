"""How many requests are in flight, and when the next one goes."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lai.engines.openai.flight import Stopping
from lai.engines.openai.headers import exhausted_for
from lai.engines.openai.throttle import Permit, Throttle, Window
from tests.support.openai_client import OK, engine_for, request
from tests.support.openai_server import Answer, Script, Server, problem

pytestmark = pytest.mark.usefixtures("environment")
Serve = Callable[[Script], Server]


def flown(throttle: Throttle, *rounds: str) -> list[int]:
    """The width after each round, in which as many requests as it allows end in one way."""

    async def fly() -> list[int]:
        stopping, widths = Stopping(), []
        for end in rounds:
            permits: list[Permit] = [
                await throttle.start(1, stopping) for _ in range(throttle.width)
            ]
            for permit in permits:
                with permit:
                    if end == "answered":
                        permit.answered(1)
                    if end == "refused":
                        permit.refused()
            widths.append(throttle.width)
        return widths

    return asyncio.run(fly())


def test_refusals_of_one_crowd_halve_the_width_once_and_answers_widen_it() -> None:
    assert flown(Throttle(16), "refused", "refused") == [8, 4]
    assert flown(Throttle(16), "failed", "answered") == [16, 16]
    narrow = flown(Throttle(16), *["refused"] * 6)
    assert narrow == [8, 4, 2, 1, 1, 1], "it never closes"
    climbing = flown(Throttle(16), "refused", *["answered"] * 12)
    assert climbing[0] == 8
    assert climbing == sorted(climbing)
    assert climbing[-1] == 16


def test_a_window_never_lets_more_through_in_a_minute() -> None:
    window, now, sent = Window(10), 0.0, []
    for number in range(100):
        amount = 1 + number % 4
        now += window.wait(amount, now)
        window.add(amount, now)
        sent.append((now, amount))
    for start, _ in sent:
        assert sum(amount for when, amount in sent if start <= when < start + 60) <= 10
    assert now > 60 * 20


def test_a_window_counts_what_a_request_came_to_in_the_end() -> None:
    window = Window(100)
    entry = window.add(90, 0.0)
    assert window.wait(20, 1.0) == pytest.approx(59.0)
    window.correct(entry, 10)
    assert window.wait(90, 1.0) == 0.0
    assert window.wait(1000, 1.0) == pytest.approx(59.0), "more than all waits for an empty minute"
    assert window.wait(1000, 61.0) == 0.0
    window.correct(entry, 5)
    window.add(100, 61.0)
    assert window.wait(1, 62.0) == pytest.approx(59.0), "what has left the window counts no more"


class Limited:
    """A server that bears `most` at once, and refuses what is more."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.now = self.refused = 0
        self._lock = threading.Lock()

    def __call__(self, body: dict[str, Any]) -> Answer:
        with self._lock:
            self.now += 1
            over = self.now > self.most
            self.refused += over
        time.sleep(0.02)
        with self._lock:
            self.now -= 1
        return problem(429, "slow down") if over else OK


def test_a_crowd_settles_at_what_the_server_bears(serve: Serve) -> None:
    limited = Limited(4)
    engine = engine_for(serve(limited).url, concurrency=32, max_retries=20)
    assert len(list(engine.generate([request(str(n)) for n in range(300)]))) == 300
    # Unthrottled, 28 of each 32 would be refused: seven times the answers.
    assert limited.refused < 150


def test_a_wait_that_the_server_asks_for_holds_for_all(serve: Serve) -> None:
    arrived: list[float] = []

    def script(body: dict[str, Any]) -> Answer:
        arrived.append(time.monotonic())
        return problem(429, "slow down", {"retry-after": "0.6"}) if len(arrived) == 1 else OK

    engine = engine_for(serve(script).url, concurrency=1)
    assert len(list(engine.generate([request(str(n)) for n in range(5)]))) == 5
    assert arrived[1] - arrived[0] >= 0.6


@pytest.mark.parametrize("left", ["requests", "tokens"])
def test_a_limit_that_is_used_up_is_waited_for_before_it_refuses(serve: Serve, left: str) -> None:
    arrived: list[float] = []

    def script(body: dict[str, Any]) -> Answer:
        arrived.append(time.monotonic())
        remaining, reset = ("0", "600ms") if len(arrived) == 2 else ("7", "6m0s")
        names = {f"x-ratelimit-remaining-{left}": remaining, f"x-ratelimit-reset-{left}": reset}
        return Answer(200, OK.body, {"content-type": "application/json", **names})

    engine = engine_for(serve(script).url, longest_wait=20.0, concurrency=1)
    assert len(list(engine.generate([request(str(n)) for n in range(4)]))) == 4
    assert arrived[1] - arrived[0] < 20
    assert arrived[2] - arrived[1] >= 0.6


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("1s", 1.0), ("6m0s", 360.0), ("120ms", 0.12), ("1h2m3.5s", 3723.5), ("20", 20.0)],
)
def test_the_time_of_a_reset_is_read(reset: str, seconds: float) -> None:
    headers = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": reset}
    assert exhausted_for(headers) == pytest.approx(seconds)


@pytest.mark.parametrize("reset", ["", "soon", "1765432100", "-3", "nan", "1s!"])
def test_a_senseless_reset_does_no_harm(reset: str) -> None:
    headers = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": reset}
    assert exhausted_for(headers) is None


@pytest.mark.parametrize("cap", [{"requests_per_minute": 3}, {"tokens_per_minute": 300}])
def test_the_caps_of_an_account_hold(serve: Serve, cap: dict[str, int]) -> None:
    # A hundred tokens.
    server = serve(lambda _: replace(OK, body=str(OK.body).replace('_tokens": 3', '_tokens": 93')))
    engine = engine_for(server.url, concurrency=2, **cap)
    start = time.monotonic()
    replies = engine.generate([request(str(n)) for n in range(4)])
    assert len(list(itertools.islice(replies, 3))) == 3
    assert time.monotonic() - start < 30, "they waited for the next minute"
    time.sleep(0.5)
    assert len(server.bodies) == 3, "the fourth waits for the next minute"
