"""A date to come back at, and this machine's clock, which may be wrong or be set meanwhile."""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import threading
import time
from collections.abc import Iterator

from tests.faults.fault import AGAIN, Fault
from tests.faults.scene import Scene
from tests.support.openai_server import Answer, problem


def _shift_clock(seconds: float) -> None:
    real = time.time
    time.time = lambda: real() + seconds


def _a_day_fast() -> None:
    _shift_clock(86400)


def _a_day_slow() -> None:
    _shift_clock(-86400)


def _set_back_soon() -> None:
    threading.Timer(0.5, _shift_clock, [-86400]).start()


@contextlib.contextmanager
def _come_back_at_a_date(scene: Scene) -> Iterator[None]:
    """The victim is told a moment two seconds from now, and refused before it."""
    moment = datetime.datetime.max.replace(tzinfo=datetime.UTC)

    def answer(before: int) -> Answer | None:
        nonlocal moment
        now = datetime.datetime.now(datetime.UTC)
        if not before:
            # A date has whole seconds: this one is one to two from now.
            moment = now.replace(microsecond=0) + datetime.timedelta(seconds=2)
        date = email.utils.format_datetime(moment, usegmt=True)
        return problem(429, "later", {"retry-after": date}) if now < moment else None

    scene.answer = answer
    yield
    scene.answer = None


_WAITS = (AGAIN.format("HTTP 429, later"),)
_PATIENT = {"longest_wait": 60.0, "seconds": 20.0}

FAULTS = [
    Fault("429, Retry-After as a date", _come_back_at_a_date, _WAITS, scene=_PATIENT),
    Fault(
        "the clock is a day slow",
        _come_back_at_a_date,
        _WAITS,
        scene={**_PATIENT, "before": _a_day_slow},
    ),
    Fault(
        "the clock is a day fast",
        _come_back_at_a_date,
        _WAITS,
        scene={**_PATIENT, "before": _a_day_fast},
    ),
    Fault(
        "the clock is set back by a day during the wait",
        _come_back_at_a_date,
        _WAITS,
        scene={**_PATIENT, "before": _set_back_soon},
    ),
]
