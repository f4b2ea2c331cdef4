"""Which process asks which request: locks that the kernel frees when their holder dies."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lai.core.errors import PipelineError

_FILES = 64
"""Among so many are keys spread: for each new lock the kernel looks through all of a file."""
_GATE = 1 << 60
"""The byte beyond those of all keys, locked while several are claimed as one."""
_FLOCK = "hhqqi"
"""Linux's struct flock: kind, whence, start, length, process."""

_open: dict[tuple[int, str], Claims] = {}
_opening = threading.Lock()


class Claims:
    """Locks by key, among all processes that use the same folder of lock files; use `claims_at`.

    A key is one byte of one of its files, at an offset made of its first 60 bits: the files stay
    empty, and as many, however many keys there are. The kernel drops a process's locks when it
    ends, also by SIGKILL. Since it knows nothing of threads, they exclude each other here.

    No lock is ever waited for while others are held (`take` returns at once, and the gate is only
    held for moments by one who waits for nothing), so two processes cannot block each other.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: dict[int, int] = {}
        self._mutex = threading.RLock()
        self._files: dict[int, int] = {}
        self._locks_in: Counter[int] = Counter()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _explained(path, error) from error

    def take(self, key: str) -> bool:
        """Claim `key` (hex digits) if nobody else has it. Returns at once, True when claimed.

        Raises: RuntimeError when this very thread has claimed it, which would never end.
        """
        offset = _offset(key)
        with self._mutex:
            if self._held.get(offset) == threading.get_ident():
                raise RuntimeError(
                    "generate() was asked for a request that an unfinished generate() in the same "
                    "thread is asking; finish the first one before"
                )
            if offset in self._held or not self._lock(offset, fcntl.LOCK_EX | fcntl.LOCK_NB):
                return False
            self._held[offset] = threading.get_ident()
            return True

    def release(self, key: str) -> None:
        """Give up a claim, once its reply is stored or will not come."""
        with self._mutex:
            if self._held.pop(_offset(key), None) is not None:
                self._unlock(_offset(key))

    def holder(self, key: str) -> int:
        """The process that has claimed `key`; 0 where it is this one or none, or nobody tells."""
        if sys.platform != "linux":
            return 0  # each system has its own layout of the answer
        offset = _offset(key)
        with self._mutex, contextlib.suppress(OSError):
            opened = self._files.get(offset % _FILES)
            file = self._open(offset) if opened is None else opened
            asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, offset, 1, 0)
            kind, *_, process = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
            if opened is None:
                os.close(file)
            return 0 if kind == fcntl.F_UNLCK else int(process)
        return 0

    @contextlib.contextmanager
    def gate(self) -> Iterator[None]:
        """Let one process through at a time, for moments only."""
        with self._mutex:
            self._lock(_GATE, fcntl.LOCK_EX)
            try:
                yield
            finally:
                self._unlock(_GATE)

    def _open(self, offset: int) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        return os.open(self._path / f"{offset % _FILES:02}", flags, 0o644)

    def _lock(self, offset: int, operation: int) -> bool:
        file = offset % _FILES
        try:
            if file not in self._files:
                self._files[file] = self._open(offset)
            fcntl.lockf(self._files[file], operation, 1, offset)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN) and file in self._files:
                return False
            raise _explained(self._path, error) from error
        self._locks_in[file] += 1
        return True

    def _unlock(self, offset: int) -> None:
        file = offset % _FILES
        fcntl.lockf(self._files[file], fcntl.LOCK_UN, 1, offset)
        self._locks_in[file] -= 1
        # Closing any descriptor of a file drops all locks of the process on it: only the last one.
        if not self._locks_in[file]:
            os.close(self._files.pop(file))


def claims_at(path: str | Path) -> Claims:
    """The one `Claims` of this process on a folder of locks.

    Raises: PipelineError if it cannot be.
    """
    resolved = Path(path).resolve()
    # Forked children inherit this table but none of the locks, hence the process id.
    with _opening:
        identity = (os.getpid(), str(resolved))
        if identity not in _open:
            _open[identity] = Claims(resolved)
        return _open[identity]


def _offset(key: str) -> int:
    return int(key[:15], 16)


def _explained(path: Path, error: OSError) -> PipelineError:
    return PipelineError(
        f"cannot lock {path}: {error.strerror}; the pipeline's folder must be writable and on a "
        "file system with locks, such as a local disk"
    )
