"""What the server gives up at its start, and each of its children before it runs anything."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from typing import Any

from . import landlock
from .seccomp import Filter

SPARE = 8  # the sandbox's own processes, which count against the limit of their user as well


class Confinement:
    """The limits of the children. `settings`: see `server.main`."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self.lacking: list[str] = []
        self._filter: Filter | None = None
        try:
            self._filter = Filter()
        except OSError:
            self.lacking.append("seccomp")

    def server(self) -> None:
        """Give up the user, privileges and, where asked to, the files of this process."""
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

    def child(self, seconds: float) -> None:
        """Limits by setrlimit, then the system-call filter. Raises: OSError, ValueError."""
        limits = self._settings
        cpu = int(seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits["output"], limits["output"]))
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform != "darwin":
            # macOS will not lower the address space, and counts all of the user's processes.
            resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
            if limits["count_processes"]:
                most = limits["processes"] + SPARE
                resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG: end with the server
        if self._filter:
            self._filter.install()


def _drop_capabilities() -> None:
    """Root without capabilities: a plain user who owns root's files (Landlock guards those)."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)())
