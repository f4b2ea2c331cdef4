"""One server seen from outside: started, given jobs, watched and replaced."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lai.core.params.schema import SandboxParams
from lai.sandbox.backends import Backend, Pipes, environment
from lai.sandbox.base import Outcome
from lai.sandbox.inside import wire
from lai.sandbox.inside.server import HEAD
from lai.sandbox.prepared import InvalidError, prepared

# Bubblewrap's children die with the thread that started them, so one that stays starts them all.
_STARTER = ThreadPoolExecutor(1, thread_name_prefix="sandbox")
START = 20.0
GRACE = 5.0
FRAME = 1 << 16


class UnusableError(Exception):
    """The server did not start; the text says why."""


class Worker:
    """A server and its pipes; started when first used, and again after it had to be stopped."""

    def __init__(
        self, backend: Backend, limits: SandboxParams, place: int, hash_seed: int = 0
    ) -> None:
        self._backend = backend
        self._limits = limits
        self._place = place
        self._hash_seed = hash_seed
        self._process: subprocess.Popen[bytes] | None = None
        self._tests = self._verdicts = -1
        self._frames = wire.Reader(-1, FRAME)
        self._folder: str | None = None
        self.lacking: list[str] = []

    def start(self) -> None:
        """Start the server and wait until it is ready. Raises: UnusableError."""
        _STARTER.submit(self._start).result()

    def _start(self) -> None:
        tests, self._tests = os.pipe()
        self._verdicts, verdicts = os.pipe()
        os.set_blocking(self._verdicts, False)
        launch = self._backend.launch(
            self._limits, Pipes(tests, verdicts), self._place, self._hash_seed
        )
        self._folder = launch.folder
        try:
            self._process = subprocess.Popen(
                launch.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(self._hash_seed),
                cwd="/",
                pass_fds=(tests, verdicts),
                start_new_session=True,
            )
        except OSError as error:
            self.stop()
            raise UnusableError(str(error)) from None
        finally:
            os.close(tests)
            os.close(verdicts)
        assert self._process.stdout
        self._frames = wire.Reader(self._process.stdout.fileno(), FRAME)
        try:
            self.lacking = self._receive(time.monotonic() + START)[1]
        except (wire.ClosedError, ValueError, LookupError):
            said = self._said()
            self.stop()
            raise UnusableError(said or "it did not start") from None

    def _said(self) -> str:
        """The last line of what the server printed as it failed."""
        assert self._process and self._process.stderr
        self._process.kill()
        lines = self._process.stderr.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else ""

    def run(self, program: str, tests: list[str], seconds: float, entry: str = "") -> Outcome:
        """Run a job. A server found dead before it is replaced once. Raises: UnusableError."""
        source = program.encode("utf-8", "surrogatepass")
        try:
            listed = prepared(tuple(tests), entry)
        except InvalidError as error:
            return Outcome(False, f"the tests are no valid Python: {error}")
        for _ in range(2):
            if self._process is None:
                self.start()
            with contextlib.suppress(wire.ClosedError):
                self._send(source, listed, seconds)
                return self._outcome(tests, seconds)
            self.stop()
        return Outcome(False, "the program took its sandbox down", sure=False)

    def _send(self, source: bytes, tests: bytes, seconds: float) -> None:
        assert self._process and self._process.stdin
        head = HEAD.pack(len(source), len(tests), seconds)
        deadline = time.monotonic() + seconds + GRACE
        _feed(self._process.stdin.fileno(), head + source, self._tests, tests, deadline)

    def _outcome(self, tests: list[str], seconds: float) -> Outcome:
        """Wait for the end of the job. Raises: wire.ClosedError for none."""
        try:
            _, ended, place, reusable = self._receive(time.monotonic() + seconds + GRACE)
        except (ValueError, RecursionError):
            raise wire.ClosedError from None
        verdict = self._verdict()
        if not reusable:
            self.stop()
        if ended == "timeout":
            where = f" in {' '.join(tests[place - 1].split())[:300]}" if place else ""
            return Outcome(False, f"ran longer than {seconds:g} s{where}", sure=False)
        if not verdict:
            return Outcome(False, ended, sure=False)
        passed, detail, gone = verdict
        if gone and ended != "verdict":
            detail = detail.replace("ended early", ended, 1)
        whole = ended == "verdict"
        return Outcome(passed is True and whole, detail, sure=whole and not gone)

    def _verdict(self) -> list[Any]:
        """What the tester has said, or nothing. It has ended: all that it wrote is in the pipe."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            while part := os.read(self._verdicts, FRAME):
                data += part
        with contextlib.suppress(ValueError, RecursionError):
            said = wire.decode(data[wire.HEADER :])
            if [type(part) for part in said] == [bool, str, bool]:
                return list(said)
        return []

    def _receive(self, deadline: float) -> list[Any]:
        """The server's next frame. Raises: wire.ClosedError, also at the deadline; ValueError."""
        if not _readable(self._frames.source, deadline):
            raise wire.ClosedError
        frame: list[Any] = self._frames.receive()
        return frame

    def stop(self) -> None:
        """End the server, and with it all that runs in it; remove its folder."""
        for pipe in (self._tests, self._verdicts):
            if pipe >= 0:
                os.close(pipe)
        self._tests = self._verdicts = -1
        process, self._process = self._process, None
        if process:
            process.kill()
            if process.stdout:
                _drain(process.stdout.fileno())
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    with contextlib.suppress(OSError):
                        stream.close()
            process.wait()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _drain(source: int) -> None:
    """Wait for the end of `source`: the last process that held it, however deep, is gone then."""
    deadline = time.monotonic() + GRACE
    while _readable(source, deadline):
        if not os.read(source, FRAME):
            return


def _readable(source: int, deadline: float) -> bool:
    """Whether `source` can be read, or has ended, before `deadline`.

    Not by `select`, which takes no descriptor above 1023: a process may hold as many files open.
    """
    watched = select.poll()
    watched.register(source, select.POLLIN)
    return bool(watched.poll(max(0.0, deadline - time.monotonic()) * 1000))


def _feed(first: int, head: bytes, second: int, tests: bytes, deadline: float) -> None:
    """Write to both pipes, whichever is read first. Raises: wire.ClosedError."""
    if len(head) + len(tests) < select.PIPE_BUF:
        wire.everything(second, tests)
        wire.everything(first, head)
        return
    other = threading.Thread(target=_quietly, args=(second, tests), daemon=True)
    other.start()
    wire.everything(first, head)
    other.join(max(0.0, deadline - time.monotonic()))
    if other.is_alive():
        raise wire.ClosedError


def _quietly(target: int, data: bytes) -> None:
    with contextlib.suppress(wire.ClosedError):
        wire.everything(target, data)
