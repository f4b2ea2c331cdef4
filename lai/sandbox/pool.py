"""One worker a core, and verdicts remembered."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import queue
import sys
import threading
from collections import OrderedDict

from lai.core.errors import PipelineError
from lai.core.params.schema import SandboxParams
from lai.sandbox import probe
from lai.sandbox.backends import Backend
from lai.sandbox.base import Outcome
from lai.sandbox.worker import UnusableError, Worker

REMEMBERED = 100_000
"""Verdicts kept, the oldest dropped first: some tens of megabytes at most."""


class Pool:
    """Workers started when first needed, and stopped at exit."""

    def __init__(self) -> None:
        self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        self._lock = threading.Lock()
        self._workers: list[Worker] = []
        self._known: OrderedDict[bytes, Outcome] = OrderedDict()
        self._backend: Backend | None = None
        self._params = SandboxParams()
        self._most: int | None = None
        atexit.register(self.stop)

    def configure(self, params: SandboxParams, most: int | None) -> None:
        """See `lai.sandbox.configure`."""
        if (params, most) == (self._params, self._most):
            return
        self.stop()
        self._params, self._most = params, most
        self._backend = None

    @property
    def most(self) -> int:
        """How many programs run side by side."""
        return self._most or cores()

    def run(self, program: str, tests: list[str], seconds: float | None, entry: str) -> Outcome:
        """See `lai.sandbox.run`."""
        within = seconds or self._params.seconds
        # Not the texts themselves: a hundred thousand of them are hundreds of megabytes.
        key = hashlib.sha256(repr((program, tests, within, entry)).encode()).digest()
        with self._lock:
            known = self._known.get(key)
        if known:
            return known
        worker = self._take()
        try:
            outcome = worker.run(program, tests, within, entry)
        except UnusableError as error:
            raise PipelineError(f"the sandbox could not be started again: {error}") from None
        finally:
            self._idle.put(worker)
        # A program may be slow because the machine is: that is not for ever.
        if not outcome.detail.startswith("ran longer than"):
            with self._lock:
                self._known[key] = outcome
                if len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return outcome

    def _take(self) -> Worker:
        with contextlib.suppress(queue.Empty):
            return self._idle.get_nowait()
        with self._lock:
            if self._backend is None:
                self._backend = self._find()
            if len(self._workers) < self.most:
                self._workers.append(Worker(self._backend, self._params, len(self._workers)))
                return self._workers[-1]
        return self._idle.get()

    def _find(self) -> Backend:
        found = probe.best(self._params)
        if found.gaps:
            print(f"warning: {found.gaps}", file=sys.stderr, flush=True)
        return found

    def stop(self) -> None:
        """End all workers and forget the verdicts; nothing may be running."""
        with self._lock:
            for worker in self._workers:
                worker.stop()
            self._workers.clear()
            self._known.clear()
            self._idle = queue.LifoQueue()


POOL = Pool()


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers() -> int:
    """How many programs run side by side: one a core, unless `configure` said otherwise."""
    return POOL.most
