"""What the server gives up at its start, and each of its children before it runs anything.

What can be given up once is given up by the server: its children inherit that.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import Any

from . import landlock
from .seccomp import DEATH_SIGNAL, Filter, prctl

SPARE = 8  # the sandbox's own processes, which count against the limit of their user as well
DESCRIPTORS = 64


class Confinement:
    """The limits of the children. `settings`: see `server.main`."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self.lacking: list[str] = []
        self._filter: Filter | None = None
        self._prctl = prctl() if sys.platform == "linux" else None
        try:
            self._filter = Filter(threads=settings["count_processes"])
        except OSError:
            self.lacking.append("seccomp")

    def server(self) -> None:
        """Give up the user, privileges and all that no child needs. Raises: OSError, ValueError."""
        if self._settings["landlock"]:
            try:
                landlock.restrict(**self._settings["landlock"])
            except (OSError, AttributeError):
                self.lacking.append("Landlock")
        user = self._settings["user"]
        if user is not None:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        elif os.getuid() == 0 and sys.platform == "linux":
            _drop_capabilities()
        self._limit()
        if self._filter:
            self._filter.server()

    def _limit(self) -> None:
        """The limits that hold for the server as well, so that no child spends time on them."""
        limits = self._settings
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits["output"], limits["output"]))
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform != "darwin":
            # macOS will not lower the address space, and counts all of the user's processes.
            resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
            if limits["count_processes"]:
                most = limits["processes"] + SPARE
                resource.setrlimit(resource.RLIMIT_NPROC, (most, most))

    def child(self, seconds: float) -> None:
        """The limits of one program and the rest of the filter. Raises: OSError, ValueError."""
        cpu = int(seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
        if self._prctl:
            self._prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if self._filter:
            self._filter.child()


def _drop_capabilities() -> None:
    """Root without capabilities: a plain user who owns root's files (Landlock guards those)."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)())
