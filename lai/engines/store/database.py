"""Replies on disk: one SQLite row a request, safe under SIGKILL and many processes."""

from __future__ import annotations

import contextlib
import datetime
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from lai.core.errors import PipelineError
from lai.core.record import canonical
from lai.engines.base import Reply, Request
from lai.engines.store.claims import claims_at

VERSION = 1
BUSY_SECONDS = 60.0
_AT_ONCE = 500
"""Keys in one query; SQLite builds differ in how many variables they take."""

_UNWRITABLE = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_TABLE = (
    "CREATE TABLE IF NOT EXISTS responses "
    "(key TEXT PRIMARY KEY, request TEXT NOT NULL, reply TEXT NOT NULL, created TEXT NOT NULL)"
)


class Store:
    """Replies by request key; a context manager.

    WAL mode with synchronous=NORMAL: what is stored outlives the process however it ends; a power
    cut may take the last moments, never the file.

    Raises: PipelineError with the path, in every method: damaged, not writable, disk full.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        with _explaining(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                # One at a time: changing to WAL fails at once, whatever the time-out, when
                # another connection does the same.
                with claims_at(lock_path(self._path)).gate():
                    self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with _explaining(self._path):
            self._connection.close()

    def get(self, keys: Sequence[str]) -> dict[str, Reply]:
        """The stored replies to `keys`. A row that is no reply (any more) counts as absent."""
        found = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            with _explaining(self._path):
                rows = self._connection.execute(
                    f"SELECT key, reply FROM responses WHERE key IN ({marks})", some
                ).fetchall()
            for key, text in rows:
                reply = _reply(text)
                if reply is not None and reply.request_key == key:
                    found[key] = reply
        return found

    def put(self, exchanges: Iterable[tuple[Request, Reply]]) -> None:
        """Store all of `exchanges` or, when it fails, none."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        rows = [
            (
                request.key,
                canonical(request.model_dump(mode="json")),
                canonical(reply.model_dump(mode="json")),
                now,
            )
            for request, reply in exchanges
        ]
        with _explaining(self._path), self._transaction():
            self._connection.executemany("REPLACE INTO responses VALUES (?, ?, ?, ?)", rows)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove the replies to `keys`; absent ones are passed over."""
        with _explaining(self._path), self._transaction():
            self._connection.executemany(
                "DELETE FROM responses WHERE key = ?", [(key,) for key in keys]
            )

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise PipelineError(
                f"{self._path} was written by another version of LaI (format {version}, expected "
                f"{VERSION}); move it elsewhere to start a new one"
            )
        if version == 0:
            with self._transaction():
                self._connection.execute(_TABLE)
                self._connection.execute(f"PRAGMA user_version={VERSION}")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            # A full disk may have ended the transaction already.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def lock_path(path: Path) -> Path:
    """The folder of lock files beside the database at `path`."""
    return path.with_suffix(".locks")


def _reply(text: Any) -> Reply | None:
    try:
        return Reply.model_validate(json.loads(text))
    except (ValidationError, ValueError, TypeError):
        return None


@contextlib.contextmanager
def _explaining(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PipelineError(
            f"cannot write {path}: {error.strerror}; mend what stands in the way and run again"
        ) from error
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(_DAMAGED):
            raise PipelineError(
                f"{path} is damaged ({error}); restore it, or move it elsewhere to start a new one "
                "(its answers are then asked for again)"
            ) from error
        if name.startswith(_UNWRITABLE):
            raise PipelineError(
                f"cannot write {path}: {error}; what was stored is kept, free some space or mend "
                "the permissions and run again"
            ) from error
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise PipelineError(
                f"{path} is held by another process; end that one and run again"
            ) from error
        if name == "SQLITE_ERROR":
            raise PipelineError(
                f"{path} is no store of replies ({error}); move it elsewhere to start a new one"
            ) from error
        raise
