"""Verdicts kept in memory and, where a folder is named, from run to run."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lai.core import python
from lai.sandbox.base import Outcome

REMEMBERED = 100_000
"""Verdicts kept in memory, the oldest dropped first: some tens of megabytes at most."""
KEPT = 1_000_000
"""Verdicts kept on disk: some 200 megabytes at most."""
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
        self._known: OrderedDict[bytes, Outcome] = OrderedDict()
        self._path = path
        self._database: sqlite3.Connection | None = None
        if path is not None:
            with self._at_no_risk():
                path.parent.mkdir(parents=True, exist_ok=True)
                self._database = _open(path)

    def get(self, key: bytes) -> Outcome | None:
        """What is known of `key`."""
        with self._lock:
            if key in self._known:
                return self._known[key]
            if self._database is not None:
                with self._at_no_risk():
                    row = self._database.execute(
                        "SELECT passed, detail FROM verdicts WHERE key = ?", (key,)
                    ).fetchone()
                    if row is not None:
                        self._remember(key, Outcome(bool(row[0]), str(row[1])))
            return self._known.get(key)

    def put(self, key: bytes, outcome: Outcome) -> None:
        """Keep `outcome`."""
        with self._lock:
            self._remember(key, outcome)
            if self._database is not None:
                # A program's message may hold what is no text, such as half of a pair.
                detail = outcome.detail.encode("utf-8", "replace").decode()
                with self._at_no_risk():
                    self._database.execute(
                        "INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?)",
                        (key, outcome.passed, detail),
                    )

    def _remember(self, key: bytes, outcome: Outcome) -> None:
        self._known[key] = outcome
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._database is not None:
                self._database.close()
            self._database = None

    @contextlib.contextmanager
    def _at_no_risk(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            print(
                f"warning: {self._path}, where verdicts on programs are kept, cannot be used "
                f"({error}): programs that ran before are run again; if it is damaged, delete it",
                file=sys.stderr,
                flush=True,
            )
            self._database = None


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    # Changing to WAL fails, whatever the time-out, when another process does the same.
    with contextlib.suppress(sqlite3.OperationalError):
        database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute(_TABLE)
    database.execute(
        "DELETE FROM verdicts WHERE rowid <= (SELECT max(rowid) FROM verdicts) - ?", (KEPT,)
    )
    return database


@cache
def code() -> str:
    """A fingerprint of what gives verdicts: this Python and the sandbox's own code."""
    found = hashlib.sha256(sys.version.encode())
    for path in [*sorted(Path(__file__).parent.rglob("*.py")), Path(python.__file__)]:
        found.update(path.read_bytes())
    return found.hexdigest()
