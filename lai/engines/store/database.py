"""Replies on disk: one SQLite row a request, safe under SIGKILL and many processes."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from lai.core.record import canonical
from lai.engines.base import Reply, Request
from lai.engines.store import wal

VERSION = 1
_AT_ONCE = 500
"""Keys in one query; SQLite builds differ in how many variables they take."""

_KIND = wal.Kind(
    name="store of replies",
    version=VERSION,
    tables=(
        "CREATE TABLE IF NOT EXISTS responses "
        "(key TEXT PRIMARY KEY, request TEXT NOT NULL, reply TEXT NOT NULL, created TEXT NOT NULL)",
    ),
    lost="its answers are then asked for again",
)


class Store:
    """Replies by request key; a context manager. What is stored outlives the process.

    Raises: PipelineError with the path, in every method: damaged, not writable, disk full.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        with wal.explaining(self._path, _KIND):
            self._connection = wal.connect(self._path, _KIND)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with wal.explaining(self._path, _KIND):
            self._connection.close()

    def get(self, keys: Sequence[str]) -> dict[str, Reply]:
        """The stored replies to `keys`. A row that is no reply (any more) counts as absent."""
        found = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            with wal.explaining(self._path, _KIND):
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
        with wal.explaining(self._path, _KIND), wal.transaction(self._connection):
            self._connection.executemany("REPLACE INTO responses VALUES (?, ?, ?, ?)", rows)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove the replies to `keys`; absent ones are passed over."""
        with wal.explaining(self._path, _KIND), wal.transaction(self._connection):
            self._connection.executemany(
                "DELETE FROM responses WHERE key = ?", [(key,) for key in keys]
            )


def _reply(text: Any) -> Reply | None:
    try:
        return Reply.model_validate(json.loads(text))
    except (ValidationError, ValueError, TypeError):
        return None
