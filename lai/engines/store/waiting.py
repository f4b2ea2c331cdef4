"""What is said of a process that is waited for: silence looks like hanging."""

from __future__ import annotations

import contextlib
import logging
import time
from pathlib import Path

from lai.engines.store.claims import Claims

log = logging.getLogger(__name__)

SILENT_SECONDS = 10.0


class Waiting:
    """Says once which process is waited for, when nothing has come for `SILENT_SECONDS`."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._told = False
        self.came()

    def came(self) -> None:
        """A reply came: the silence begins anew."""
        self._since = time.monotonic()

    def on(self, key: str) -> None:
        """The reply to the request with this key is waited for."""
        if self._told or time.monotonic() - self._since < SILENT_SECONDS:
            return
        if holder := self._claims.holder(key):
            self._told = True
            log.warning("waiting for process %d, which %s", holder, _doing(holder))


def _doing(process: int) -> str:
    if _state(process) == "T":
        return (
            "is asking the same and was stopped (Ctrl-Z): let it go on (fg, or kill -CONT "
            f"{process}), or end it (kill -9 {process}), and this run asks itself"
        )
    return "is asking the same: its replies serve this run, too; if it ends, this run asks itself"


def _state(process: int) -> str:
    """The letter that Linux has for what a process does; empty where nobody tells."""
    with contextlib.suppress(OSError, IndexError):
        # The name, in brackets before it, may hold anything.
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return ""
