"""Runs that are interrupted, killed, put to sleep, or have another one beside them."""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections.abc import Iterator
from signal import SIGCONT, SIGINT, SIGKILL, SIGSTOP, SIGTERM, Signals

from tests.faults.child import QUESTIONS
from tests.faults.fault import AGAIN, IN_FLIGHT, Fault, Happening
from tests.faults.scene import Scene
from tests.support.openai_server import Answer

_STOPPED = "interrupted; answers already received are kept"


def _before_the_end(scene: Scene) -> threading.Event:
    """Until the event is set no run receives the last answer: it is amid its work."""
    happened = threading.Event()

    def held(answer: Answer) -> Answer:
        if scene.owed.total() >= QUESTIONS:
            happened.wait(20)
        return answer

    scene.every = held
    return happened


def _sent(number: Signals, seed: int) -> Happening:
    """Send a signal at a random point amid the run."""

    @contextlib.contextmanager
    def happening(scene: Scene) -> Iterator[None]:
        chance = random.Random(seed)
        scene.latency = 0.1
        happened = _before_the_end(scene)

        def send() -> None:
            scene.wait_for(chance.randrange(2, QUESTIONS - 2))
            time.sleep(chance.random() * 0.05)
            assert scene.run.process.pid is not None
            os.kill(scene.run.process.pid, number)
            happened.set()

        sender = threading.Thread(target=send)
        sender.start()
        yield
        sender.join()

    return happening


def _asleep(seconds: float) -> Happening:
    """The process stands still with requests in flight, as when a lid is closed."""

    @contextlib.contextmanager
    def happening(scene: Scene) -> Iterator[None]:
        scene.latency = 0.1
        happened = _before_the_end(scene)

        def sleep() -> None:
            scene.wait_for(4)
            # Between two answers that came together and the next requests nothing is in flight.
            scene.wait_for_request(5)
            assert scene.run.process.pid is not None
            os.kill(scene.run.process.pid, SIGSTOP)
            happened.set()
            time.sleep(seconds)
            os.kill(scene.run.process.pid, SIGCONT)

        sleeper = threading.Thread(target=sleep)
        sleeper.start()
        yield
        sleeper.join()

    return happening


@contextlib.contextmanager
def _one_beside(scene: Scene) -> Iterator[None]:
    """Another run of the same work."""
    scene.latency = 0.05
    other = scene.start()
    yield
    ended = other.ended()
    assert (ended.code, len(ended.values), ended.lines) == (0, QUESTIONS, [])


@contextlib.contextmanager
def _one_killed_beside(scene: Scene) -> Iterator[None]:
    """Another run of the same work, which is killed amid it."""
    scene.latency = 0.05
    happened = _before_the_end(scene)
    other = scene.start()

    def kill() -> None:
        scene.wait_for(5)
        other.process.kill()
        happened.set()

    killer = threading.Thread(target=kill)
    killer.start()
    yield
    killer.join()
    assert other.ended().code == -SIGKILL


FAULTS = [
    *(
        Fault(f"Ctrl-C (SIGINT), at random ({n})", _sent(SIGINT, n), (_STOPPED,), 130, **IN_FLIGHT)
        for n in (1, 2)
    ),
    *(Fault(f"SIGTERM, at random ({n})", _sent(SIGTERM, n), (), -15, **IN_FLIGHT) for n in (1, 2)),
    *(
        Fault(f"SIGKILL, at random ({n})", _sent(SIGKILL, n), (), -9, **IN_FLIGHT)
        for n in (1, 2, 3)
    ),
    Fault("the machine sleeps amid a run", _asleep(1.0)),
    Fault(
        "the machine sleeps for longer than `timeout`",
        _asleep(1.5),
        (AGAIN.format("no answer within 1 s"),),
        **IN_FLIGHT,
        scene={"params": {"timeout": 1.0}},
    ),
    Fault("two runs at once", _one_beside),
    Fault("a run beside one that is killed", _one_killed_beside, **IN_FLIGHT),
]
