"""Names of processes, and which of them are gone: a lock a name, which the kernel frees."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lai.engines.store.claims import claims_at

_names: dict[tuple[int, str], str] = {}
_naming = threading.Lock()


def own_name(path: Path) -> str:
    """This process's name among all that use the locks at `path`; one for its lifetime."""
    identity = (os.getpid(), str(path.resolve()))
    with _naming:
        while identity not in _names:
            name = secrets.token_hex(8)
            if claims_at(path).take(name):
                _names[identity] = name
        return _names[identity]


@contextmanager
def gone(path: Path, name: str) -> Iterator[bool]:
    """Whether the process of that name has ended; no other process is told so meanwhile."""
    ended = name != own_name(path) and claims_at(path).take(name)
    try:
        yield ended
    finally:
        if ended:
            claims_at(path).release(name)
