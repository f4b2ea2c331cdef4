"""Waits that a server asks for, and this machine's clock, which may be wrong or be set meanwhile.

A run here has two attempts: one that came back too soon would end in an error.
"""

from __future__ import annotations

import contextlib
import email.utils
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from tests.faults.fault import AGAIN, Fault, Happening, always, final, once
from tests.faults.scene import Scene
from tests.support.openai_server import Answer, problem


def _limited(**headers: str) -> Answer:
    return problem(429, "slow down", {name.replace("_", "-"): headers[name] for name in headers})


def _busy(until: Callable[[datetime], datetime], say: Callable[[datetime], Answer]) -> Happening:
    """The victim is told when to come back, and refused until then."""

    @contextlib.contextmanager
    def happening(scene: Scene) -> Iterator[None]:
        moment = datetime.max.replace(tzinfo=UTC)

        def answer(before: int) -> Answer | None:
            nonlocal moment
            now = datetime.now(UTC)
            moment = moment if before else until(now)
            return say(moment) if now < moment else None

        scene.answer = answer
        yield
        scene.answer = None

    return happening


def _soon(now: datetime) -> datetime:
    return now + timedelta(seconds=0.4)


def _at_a_whole_second(now: datetime) -> datetime:
    """In one to two seconds: a date in a header has no fractions."""
    return now.replace(microsecond=0) + timedelta(seconds=2)


def _date(moment: datetime) -> Answer:
    return _limited(retry_after=email.utils.format_datetime(moment, usegmt=True))


def _shift_clock(seconds: float) -> None:
    real = time.time
    time.time = lambda: real() + seconds


def _a_day_fast() -> None:
    _shift_clock(86400)


def _a_day_slow() -> None:
    _shift_clock(-86400)


def _set_back_soon() -> None:
    threading.Timer(0.5, _shift_clock, [-86400]).start()


_SLOW_DOWN = "HTTP 429, slow down"
_WAITS = (AGAIN.format(_SLOW_DOWN),)
_DATE = _busy(_at_a_whole_second, _date)
_PATIENT = {"longest_wait": 60.0, "seconds": 20.0}
_QUOTA = problem(429, "You exceeded your quota", code="insufficient_quota")

FAULTS = [
    once("429 without Retry-After", _limited(), _SLOW_DOWN),
    always("429 without Retry-After", _limited(), _SLOW_DOWN),
    final(
        "429, out of credit",
        _QUOTA,
        "HTTP 429, You exceeded your quota; the account behind OPENAI_API_KEY has no credit left: "
        "add some",
    ),
    Fault(
        "429, Retry-After in seconds",
        _busy(_soon, lambda _: _limited(retry_after="0.4")),
        _WAITS,
    ),
    Fault(
        "429, retry-after-ms",
        _busy(_soon, lambda _: _limited(retry_after_ms="400")),
        _WAITS,
    ),
    Fault("429, Retry-After as a date", _DATE, _WAITS, scene=_PATIENT),
    once(
        "429, Retry-After tomorrow: no single wait is longer than two minutes",
        _limited(retry_after="86400"),
        _SLOW_DOWN,
        scene={"longest_wait": 0.2},
    ),
    once("429, Retry-After is no time", _limited(retry_after="soon"), _SLOW_DOWN),
    Fault(
        "a date, and the clock is a day slow",
        _DATE,
        _WAITS,
        scene={**_PATIENT, "before": _a_day_slow},
    ),
    Fault(
        "a date, and the clock is a day fast",
        _DATE,
        _WAITS,
        scene={**_PATIENT, "before": _a_day_fast},
    ),
    Fault(
        "a date, and the clock is set back by a day during the wait",
        _DATE,
        _WAITS,
        scene={**_PATIENT, "before": _set_back_soon},
    ),
]
