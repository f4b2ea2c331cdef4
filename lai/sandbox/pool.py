"""One worker a core, and verdicts remembered."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import queue
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from lai.core.errors import PipelineError
from lai.core.params.schema import SandboxParams
from lai.sandbox import probe
from lai.sandbox.backends import Backend
from lai.sandbox.base import Outcome
from lai.sandbox.verdicts import Verdicts, code
from lai.sandbox.worker import UnusableError, Worker


@dataclass
class _Group:
    """Workers of one hash seed, at most one a core."""

    hash_seed: int
    workers: list[Worker] = field(default_factory=list)
    idle: queue.LifoQueue[Worker] = field(default_factory=queue.LifoQueue)


def _groups() -> dict[bool, _Group]:
    """The workers that run programs, and those that run them again."""
    return {again: _Group(int(again)) for again in (False, True)}


class Pool:
    """Workers started when first needed, and stopped at exit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups = _groups()
        self._verdicts = Verdicts()
        self._state = ""
        self._backend: Backend | None = None
        self._params = SandboxParams()
        self._most: int | None = None
        self._kept: Path | None = None
        atexit.register(self.stop)

    def configure(self, params: SandboxParams, most: int | None, kept: Path | None) -> None:
        """See `lai.sandbox.configure`."""
        if (params, most, kept) == (self._params, self._most, self._kept):
            return
        self.stop()
        self._params, self._most, self._kept = params, most, kept
        self._backend = None

    @property
    def most(self) -> int:
        """How many programs run side by side."""
        return self._most or cores()

    def run(
        self, program: str, tests: list[str], seconds: float | None, entry: str, again: bool
    ) -> Outcome:
        """See `lai.sandbox.run`."""
        self._open()
        within = seconds or self._params.seconds
        # Not the texts themselves: a hundred thousand of them are hundreds of megabytes.
        asked = repr((self._state, program, tests, within, entry, again))
        key = hashlib.sha256(asked.encode("utf-8", "surrogatepass")).digest()
        if known := self._verdicts.get(key):
            return known
        group = self._groups[again]
        worker = self._take(group)
        try:
            outcome = worker.run(program, tests, within, entry)
        except UnusableError as error:
            raise PipelineError(f"the sandbox could not be started again: {error}") from None
        finally:
            group.idle.put(worker)
        if outcome.sure:
            self._verdicts.put(key, outcome)
        return outcome

    def _open(self) -> None:
        """Find the backend, and the verdicts that were given in it under the same limits."""
        with self._lock:
            if self._backend is None:
                self._backend = self._find()
                limits = self._params.model_dump(exclude={"require", "seconds"})
                self._state = f"{code()} {self._backend.name} {limits}"
                self._verdicts = Verdicts(self._kept)

    def _take(self, group: _Group) -> Worker:
        with contextlib.suppress(queue.Empty):
            return group.idle.get_nowait()
        with self._lock:
            assert self._backend
            place = len(group.workers)
            if place < self.most:
                group.workers.append(Worker(self._backend, self._params, place, group.hash_seed))
                return group.workers[-1]
        return group.idle.get()

    def _find(self) -> Backend:
        found = probe.best(self._params)
        if found.gaps:
            print(f"warning: {found.gaps}", file=sys.stderr, flush=True)
        return found

    def stop(self) -> None:
        """End all workers and forget the verdicts (not those on disk); nothing may be running."""
        with self._lock:
            for group in self._groups.values():
                for worker in group.workers:
                    worker.stop()
            self._groups = _groups()
            self._verdicts.close()
            self._verdicts = Verdicts()


POOL = Pool()


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers() -> int:
    """How many programs run side by side: one a core, unless `configure` said otherwise."""
    return POOL.most
