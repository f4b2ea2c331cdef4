"""What is said of a process that is waited for: silence looks like hanging."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Collection
from pathlib import Path

from lai.engines.store.ledger import Ledger

log = logging.getLogger(__name__)

SILENT_SECONDS = 10.0
CALLS = "whose calls in flight may cost less than they hold of runtime.budget"


class Waiting:
    """Says once which process is waited for, and once more when that one is stopped (Ctrl-Z)."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        self.came()

    def came(self) -> None:
        """What was waited for came: the silence is over."""
        self._since: float | None = None

    def silent(self) -> bool:
        """Whether nothing has come since this was first asked, for `SILENT_SECONDS`."""
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        return now - self._since >= SILENT_SECONDS

    def on_calls(self, ledger: Ledger) -> None:
        """Calls in flight leave no room below a cap: of whom, where none of them is this one's."""
        if self.silent() and 0 not in (processes := ledger.flying()) and processes:
            self.on(processes, CALLS)

    def on(self, processes: Collection[int], what: str) -> None:
        """One of these processes is waited for, 0 where nobody tells which. `what`: it does."""
        process = max(processes, key=_stopped)
        stopped = _stopped(process)
        if self._told.get(what, -1) >= stopped:
            return
        self._told[what] = stopped
        who = f"process {process}" if process else "another process"
        hint = f". It was stopped (Ctrl-Z): let it go on (fg, or kill -CONT {process}), or end it "
        log.warning("waiting for %s, %s%s", who, what, f"{hint}(kill -9 {process})" * stopped)


def _stopped(process: int) -> bool:
    return _state(process) == "T"


def _state(process: int) -> str:
    """The letter that Linux has for what a process does; empty where nobody tells."""
    with contextlib.suppress(OSError, IndexError):
        # The name, in brackets before it, may hold anything.
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    return ""
