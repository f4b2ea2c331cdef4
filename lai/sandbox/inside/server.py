"""The warm interpreter in the sandbox: forks a tester and a candidate for each job.

    caller ──jobs──▶ server ──fork──▶ candidate   runs the program, knows no test
       ▲                └─────fork──▶ tester      runs the tests, calls the candidate over a socket
       └──────────verdict───────────────┘

The server never reads a test: the tester takes it from a pipe of its own and writes the verdict
to the caller itself, so that no memory which a later candidate is forked from has held it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import mmap
import os
import select
import shutil
import signal
import socket
import struct
import time
from typing import Any

from . import candidate, tester, wire
from .confine import Confinement

HEAD = struct.Struct("!IId")
"""A job on standard input: bytes of the program, bytes of the tests, seconds; then the program."""
# What programs import most: a fork that finds it loaded is several milliseconds faster.
PRELOAD = """abc array bisect cmath collections collections.abc copy dataclasses datetime decimal
enum fractions functools heapq itertools math operator queue random re statistics string textwrap
time types typing""".split()
PATIENCE = 0.2
FEW = 200


def main(settings: dict[str, Any]) -> None:
    """Serve until standard input closes.

    `settings`: `memory` and `output` (bytes), `processes`, `count_processes`, `user` (uid or
    None), `landlock` (arguments of `landlock.restrict` or None), `folder` (scratch), `tests` (the
    descriptor of the tests' pipe). The first frame out lists what this machine lacks.
    """
    for name in PRELOAD:
        importlib.import_module(name)
    confinement = Confinement(settings)
    confinement.server()
    os.chdir(settings["folder"])
    wire.send(1, ["ready", confinement.lacking])
    gc.collect()
    gc.freeze()
    place = mmap.mmap(-1, 4)
    while True:
        try:
            size, tests, seconds = HEAD.unpack(wire.exactly(0, HEAD.size))
        except wire.ClosedError:
            return
        job = Job(settings, confinement, place, seconds)
        end = job.run(size, tests)
        clean = _clean(settings["folder"])
        # After a timeout a pipe may still hold a part of the job: this server ends with it.
        wire.send(1, ["end", end, int.from_bytes(place[:4], "big"), clean and end != "timeout"])


class Job:
    """One program with its tests."""

    def __init__(
        self, settings: dict[str, Any], confinement: Confinement, place: mmap.mmap, seconds: float
    ) -> None:
        self._settings = settings
        self._confinement = confinement
        self._place = place
        self._seconds = seconds

    def run(self, size: int, tests: int) -> str:
        """`verdict` (the tester has given one), `timeout`, or how the tester or program ended."""
        self._place[:4] = bytes(4)
        one, other = socket.socketpair()
        reading, writing = os.pipe()
        deadline = time.monotonic() + self._seconds
        program = self._fork(lambda: self._run_candidate(one.fileno(), size), one.fileno())
        judge = self._fork(
            lambda: self._run_tester(other.fileno(), writing, tests), other.fileno(), writing, 1
        )
        one.close()
        other.close()
        os.close(writing)
        status = b""
        while time.monotonic() < deadline:
            if select.select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
                part = os.read(reading, 1)
                if not part:
                    break
                status += part
        else:
            status = b"t"
        os.close(reading)
        ended = _reap(program, PATIENCE if status == b"g" else 0.0)
        _reap(judge, 0.0)
        if status == b"t":
            return "timeout"
        if status == b"v":
            return "verdict"
        return ended if status == b"g" else "the tests' process was killed"

    def _fork(self, work: Any, *kept: int) -> int:
        """A child with the descriptors `kept` besides its job's input; it never returns."""
        identity = os.fork()
        if identity:
            return identity
        try:
            os.setsid()
            work()
        finally:
            os._exit(1)

    def _run_candidate(self, channel: int, size: int) -> None:
        """Take the program from standard input, then let go of all but the channel."""
        source = wire.exactly(0, size).decode("utf-8", "surrogatepass")
        self._place.close()
        channel = _only(channel)[0]
        self._confinement.child(self._seconds)
        candidate.main(channel, source, self._settings["output"])
        os._exit(0)

    def _run_tester(self, channel: int, status: int, tests: int) -> None:
        """Take the tests from their pipe; the verdict goes straight to the caller."""
        listed = json.loads(wire.exactly(self._settings["tests"], tests))
        channel, status, caller = _only(channel, status, 1)
        os.chdir("/")
        self._confinement.child(self._seconds)

        def report(said: list[Any]) -> None:
            if len(said) == 1:
                self._place[:4] = (said[0] + 1).to_bytes(4, "big")
                return
            wire.send(caller, ["verdict", *said])
            os.write(status, b"g" if said[2] else b"v")

        tester.main(channel, listed, self._settings["output"], report)
        os._exit(0)


def _only(*kept: int) -> list[int]:
    """Close every descriptor but `kept`, which become 3, 4, ...; 0, 1 and 2 become /dev/null."""
    spare = [os.dup(descriptor) for descriptor in kept]
    spare = [_above(descriptor) for descriptor in spare]
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    placed = [os.dup2(descriptor, 3 + place) for place, descriptor in enumerate(spare)]
    os.closerange(3 + len(kept), 256)
    return placed


def _above(descriptor: int) -> int:
    """The descriptor moved past those that `_only` fills."""
    while descriptor < 32:
        descriptor = os.dup2(descriptor, 32 + descriptor)
    return descriptor


def _reap(child: int, patience: float) -> str:
    """Kill `child` and what is left of its group; how it ended, when it did by itself."""
    until = time.monotonic() + patience
    found, status = os.waitpid(child, os.WNOHANG)
    while not found and time.monotonic() < until:
        time.sleep(0.001)
        found, status = os.waitpid(child, os.WNOHANG)
    for kill in (os.killpg, os.kill):
        # The number is free for others once the child is reaped; its group's is not if one is left.
        if not found or kill is os.killpg:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(child, signal.SIGKILL)
    if not found:
        os.waitpid(child, 0)
        return "closed its channel"
    if os.WIFSIGNALED(status):
        return f"was ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended early with exit code {os.WEXITSTATUS(status)}"


def _clean(folder: str) -> bool:
    """Empty the scratch folder; False when that fails or would take long."""
    found = os.listdir(folder)
    for name in found[:FEW]:
        path = os.path.join(folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(path)
    return not found or not os.listdir(folder)


def start() -> None:
    """The entry point: settings as JSON in the last argument."""
    import sys

    main(json.loads(sys.argv[-1]))
