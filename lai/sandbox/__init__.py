"""Runs generated programs in child processes with limits on time, memory, output and files.

A warm interpreter a worker, started with a clean environment, forks one child a program: a fork
takes about a millisecond where a new interpreter takes ten. The child gets its own session, a
throw-away folder, limits by setrlimit and closed standard streams. This keeps honest mistakes
(endless loops, memory, stray files) from harming the run; it is no wall against an attacker, who
could still read files and open sockets as the user who runs it.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lai.sandbox import server

SECONDS = 3.0
MEMORY = 1 << 30
OUTPUT = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """Whether every test passed; otherwise the first failure in a line."""

    passed: bool
    detail: str = ""


class _Worker:
    """One warm interpreter, replaced when a program took it down."""

    def __init__(self) -> None:
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        # -I would ignore PYTHONHASHSEED, and sets of strings must print the same on every run.
        return subprocess.Popen(
            [sys.executable, "-s", "-S", "-P", "-B", str(Path(server.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )

    def run(self, job: dict[str, Any]) -> Outcome:
        assert self._process.stdin and self._process.stdout
        answer = b""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            self.stop()
            self._process = self._start()
            return Outcome(False, "the program took its interpreter down")
        return Outcome(**json.loads(answer))

    def stop(self) -> None:
        if self._process.stdin:
            # Its end of input: the interpreter removes its folder and leaves.
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


class _Pool:
    """As many workers as cores, started when first needed, stopped at exit."""

    def __init__(self) -> None:
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._lock = threading.Lock()
        self._workers: list[_Worker] = []
        atexit.register(self.stop)

    def run(self, job: dict[str, Any]) -> Outcome:
        worker = self._take()
        try:
            return worker.run(job)
        finally:
            self._idle.put(worker)

    def _take(self) -> _Worker:
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        with self._lock:
            if len(self._workers) < workers():
                self._workers.append(_Worker())
                return self._workers[-1]
        return self._idle.get()

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()


_POOL = _Pool()


def workers() -> int:
    """How many programs run side by side: one a core."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(program: str, tests: list[str], seconds: float = SECONDS) -> Outcome:
    """Run `program`, then each assert statement of `tests`, within `seconds` of wall time."""
    return _POOL.run(
        {
            "program": program,
            "tests": tests,
            "seconds": seconds,
            "memory": MEMORY,
            "output": OUTPUT,
        }
    )
