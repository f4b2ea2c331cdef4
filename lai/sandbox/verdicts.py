"""Verdicts kept: in memory or, where a file is named, from run to run."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import sys
import threading
from functools import cache
from pathlib import Path

from lai.core import python
from lai.sandbox.base import Outcome

KEPT, REMEMBERED = 1_000_000, 100_000
"""Verdicts kept on disk and in memory, the oldest dropped first: 200 and 20 megabytes or so."""
BUSY_SECONDS = 10.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS verdicts "
    "(key BLOB UNIQUE NOT NULL, passed INTEGER NOT NULL, detail TEXT NOT NULL)"
)


class Verdicts:
    """Outcomes by key; for several threads, and several processes at one file.

    `path`: a SQLite file, or None for memory alone. A verdict can always be had again: a file that
    cannot be used costs a warning and time, never a run.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._path = path
        self._most = KEPT if path else REMEMBERED
        try:
            if path:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = _opened(path or ":memory:")
        except (sqlite3.Error, OSError) as error:
            self._do_without(error)

    def get(self, key: bytes) -> Outcome | None:
        """What is known of `key`."""
        found = self._run("SELECT passed, detail FROM verdicts WHERE key = ?", key)
        return Outcome(bool(found[0][0]), str(found[0][1])) if found else None

    def put(self, key: bytes, outcome: Outcome) -> None:
        """Keep `outcome`."""
        # A program's message may hold what is no text, such as half of a pair.
        detail = outcome.detail.encode("utf-8", "replace").decode()
        self._run("INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?)", key, outcome.passed, detail)
        self._run("DELETE FROM verdicts WHERE rowid <= last_insert_rowid() - ?", self._most)

    def _run(self, statement: str, *values: bytes | str | int) -> list[tuple[int, str]]:
        with self._lock:
            try:
                return self._database.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                self._do_without(error)
                return []

    def close(self) -> None:
        """Let go of the file."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._database.close()

    def _do_without(self, error: Exception) -> None:
        """Go on in memory."""
        print(
            f"warning: {self._path}, where verdicts on programs are kept, cannot be used "
            f"({error}): programs that ran before are run again; if it is damaged, delete it",
            file=sys.stderr,
            flush=True,
        )
        self._most = REMEMBERED
        self._database = _opened(":memory:")


def _opened(path: Path | str) -> sqlite3.Connection:
    database = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    # Changing to WAL fails, whatever the time-out, when another process does the same.
    with contextlib.suppress(sqlite3.OperationalError):
        database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(_TABLE)
    return database


@cache
def code() -> str:
    """A fingerprint of what gives verdicts: this Python and the sandbox's own code."""
    found = hashlib.sha256(sys.version.encode())
    for path in [*sorted(Path(__file__).parent.rglob("*.py")), Path(python.__file__)]:
        found.update(path.read_bytes())
    return found.hexdigest()
