"""SQLite files that many processes write at once: opened alike, and their troubles told alike."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lai.core.errors import PipelineError
from lai.engines.store.claims import claims_at

BUSY_SECONDS = 60.0
_UNWRITABLE = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")
_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


@dataclass(frozen=True)
class Kind:
    """What a database is. `lost`: what it means to start a new one."""

    name: str
    version: int
    tables: Sequence[str]
    lost: str


def connect(path: Path, kind: Kind) -> sqlite3.Connection:
    """Open the database at `path`, made if there is none; call it within `explaining`.

    WAL mode with synchronous=NORMAL: what is stored outlives the process however it ends; a power
    cut may take the last moments, never the file.

    Raises: PipelineError when the file is of another version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        # One at a time: changing to WAL fails at once, whatever the time-out, when another
        # connection does the same.
        with claims_at(lock_path(path)).gate():
            _prepare(connection, path, kind)
    except BaseException:
        connection.close()
        raise
    return connection


def lock_path(path: Path) -> Path:
    """The folder of lock files beside the database at `path`."""
    return path.with_suffix(".locks")


def _prepare(connection: sqlite3.Connection, path: Path, kind: Kind) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version not in (0, kind.version):
        raise PipelineError(
            f"{path} was written by another version of LaI (format {version}, expected "
            f"{kind.version}); move it elsewhere to start a new one"
        )
    if version == 0:
        with transaction(connection):
            for statement in kind.tables:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={kind.version}")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block or, when it fails, nothing; no other process writes meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # A full disk may have ended the transaction already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextlib.contextmanager
def explaining(path: Path, kind: Kind) -> Iterator[None]:
    """Make each trouble with the file a PipelineError of one line."""
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
                f"({kind.lost})"
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
                f"{path} is no {kind.name} ({error}); move it elsewhere to start a new one"
            ) from error
        raise
