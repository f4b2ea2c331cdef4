"""Programs with their tests, one at a time: two processes forked for each, watched and killed."""

from __future__ import annotations

import _socket
import contextlib
import marshal
import mmap
import os
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from . import candidate, tester, wire
from .confine import DESCRIPTORS, Confinement

PATIENCE = 0.2
SOON = 0.1
"""Seconds after which a job may go on at any core."""
NOWHERE = bytes(4)
NULL, JOBS, TESTS, VERDICTS, CALLER = 40, 41, 42, 43, 44
"""Where the server keeps its descriptors, past all that a job opens: see `arrange`."""
CHANNEL, STATUS, VERDICT = 3, 4, 5
"""What a child is left with; a candidate with the channel alone."""
DETAIL = 4000
"""Characters of a verdict's detail: a pipe holds it, and is read when the tester has ended."""


def arrange(tests: int, verdicts: int) -> None:
    """Move the server's descriptors out of the way; 0, 1 and 2 become /dev/null.

    Done once and for all children, so that these have little to move and close.
    """
    null = os.open(os.devnull, os.O_RDWR)
    kept = {NULL: null, JOBS: 0, TESTS: tests, VERDICTS: verdicts, CALLER: 1}
    # The caller's numbers may be those that are wanted here: low ones first, of which few are used.
    free = {place: os.dup(descriptor) for place, descriptor in kept.items()}
    for place, descriptor in free.items():
        os.dup2(descriptor, place)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.closerange(3, NULL)


class Jobs:
    """Runs one job after the other, each in a candidate and a tester of its own."""

    def __init__(self, output: int, confinement: Confinement, place: int) -> None:
        self._confinement = confinement
        self._cores = _stay(place)
        self._candidate = candidate.Candidate(CHANNEL, output)
        self._tester = tester.Tester(CHANNEL, output)
        self._place = mmap.mmap(-1, len(NOWHERE))

    @property
    def place(self) -> int:
        """The number of the test that ran last, from 1."""
        return int.from_bytes(self._place[:], "big")

    def run(self, size: int, tests: int, seconds: float) -> str:
        """`verdict` (the tester has given one), `timeout`, or how the tester or program ended."""
        deadline = time.monotonic() + seconds
        self._place[:] = NOWHERE
        one, other = (end.detach() for end in _socket.socketpair())
        reading, writing = os.pipe()
        # Nothing between the two: what the server writes to after a fork is copied, page by page.
        program = os.fork()
        judge = os.fork() if program else 0
        if not program:
            _only(self._run_candidate, seconds, size, one)
        if not judge:
            _only(self._run_tester, seconds, tests, other, writing)
        os.close(one)
        os.close(other)
        os.close(writing)
        status = _watch(reading, min(deadline, time.monotonic() + SOON))
        if status == b"t":
            for child in (program, judge) if self._cores else ():
                with contextlib.suppress(OSError):
                    os.sched_setaffinity(child, self._cores)
            status = _watch(reading, deadline)
        os.close(reading)
        ended = _end(program, judge, PATIENCE if status == b"g" else 0.0)
        if status == b"t":
            return "timeout"
        if status == b"v":
            return "verdict"
        return ended if status == b"g" else "the tests' process was killed"

    def _run_candidate(self, seconds: float, size: int, channel: int) -> None:
        """Take the program from its pipe, then let go of all but the channel."""
        source = wire.exactly(JOBS, size).decode("utf-8", "surrogatepass")
        self._place.close()
        _keep(channel)
        self._confinement.child(seconds)
        self._candidate.run(source)

    def _run_tester(self, seconds: float, size: int, channel: int, status: int) -> None:
        """Take the tests from their pipe; the verdict goes into another one, past the server."""
        tests = marshal.loads(wire.exactly(TESTS, size))
        _keep(channel, status, VERDICTS)
        os.chdir("/")
        self._confinement.child(seconds)
        passed, detail, gone = self._tester.run(tests, self._report)
        wire.send(VERDICT, [passed, detail[:DETAIL], gone])
        os.write(STATUS, b"g" if gone else b"v")
        # Its end would wake the program up, which is to be killed and no more.
        signal.pause()

    def _report(self, place: int) -> None:
        self._place[:] = (place + 1).to_bytes(len(NOWHERE), "big")


def _stay(place: int) -> set[int]:
    """Keep this process and its children at one core; the cores there are, none if not told.

    The three take turns, and each turn at another core would wake that one and empty its caches.
    """
    if not hasattr(os, "sched_setaffinity"):
        return set()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(cores)[place % len(cores)]})
    return cores


def _watch(reading: int, deadline: float) -> bytes:
    """What the tester says of its end: `v` verdict, `g` the program is gone; `t`: no time."""
    if not select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
        return b"t"
    return os.read(reading, 1)


def _only(work: Callable[..., None], *given: float) -> NoReturn:
    """What a child does: `work`, and never return."""
    try:
        os.setsid()
        work(*given)
        os._exit(0)
    finally:
        os._exit(1)


def _keep(*kept: int) -> None:
    """Move `kept`, ascending and past 2, to 3, 4, ... and close all other descriptors."""
    for place, descriptor in enumerate(kept, CHANNEL):
        os.dup2(descriptor, place)
    os.closerange(CHANNEL + len(kept), DESCRIPTORS)


def _end(program: int, judge: int, patience: float) -> str:
    """Kill both, and what is left of their groups; how the program ended, if it did by itself."""
    until = time.monotonic() + patience
    found, status = os.waitpid(program, os.WNOHANG)
    while not found and time.monotonic() < until:
        time.sleep(0.001)
        found, status = os.waitpid(program, os.WNOHANG)
    _kill(os.killpg, judge)
    _kill(os.killpg, program)
    # The number is free for others once the child is reaped; its group's is not if one is left.
    if not found:
        _kill(os.kill, program)
        os.waitpid(program, 0)
    _kill(os.kill, judge)
    os.waitpid(judge, 0)
    if not found:
        return "closed its channel"
    if os.WIFSIGNALED(status):
        return f"was ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended early with exit code {os.WEXITSTATUS(status)}"


def _kill(how: Callable[[int, int], None], target: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        how(target, signal.SIGKILL)
