"""The store of replies, and the disk that it lies on."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import os
import resource
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lai.engines.store import database, wal
from tests.faults.child import QUESTIONS
from tests.faults.fault import IN_FLIGHT, Fault, Happening
from tests.faults.scene import Scene
from tests.support.openai_server import Answer, completion


def _filled(befalls: Callable[[Scene], None], mend: Callable[[Scene], None]) -> Happening:
    """Fill the store, let something befall it, and mend it after the run that met that."""

    @contextlib.contextmanager
    def happening(scene: Scene) -> Iterator[None]:
        assert scene.ended().code == 0
        befalls(scene)
        yield
        mend(scene)

    return happening


_LONG = {"skill": "s", "misconception": "m", "explanation": "word " * 2000}


@contextlib.contextmanager
def _long_replies(scene: Scene) -> Iterator[None]:
    """Replies of 10 kB, so that a small disk is full before all are stored."""
    scene.every = lambda _: completion(json.dumps(_LONG))
    yield


def _leave(scene: Scene) -> None:
    """Nothing needs mending."""


def _set_aside(scene: Scene) -> None:
    scene.store.rename(scene.store.with_suffix(".aside"))


def _overwrite(scene: Scene) -> None:
    scene.store.write_bytes(b"not a database, although long enough to be one" * 100)


def _cut(scene: Scene) -> None:
    os.truncate(scene.store, scene.store.stat().st_size // 2)


def _spoil_a_row(scene: Scene) -> None:
    _execute(scene, "UPDATE responses SET reply = '{' WHERE rowid = 5")


def _of_another_version(scene: Scene) -> None:
    _execute(scene, "PRAGMA user_version=99")


def _of_this_version(scene: Scene) -> None:
    _execute(scene, f"PRAGMA user_version={database.VERSION}")


def _execute(scene: Scene, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(scene.store)) as connection, connection:
        connection.execute(statement)


def _read_only(scene: Scene) -> None:
    _empty(scene)
    scene.store.chmod(0o444)
    scene.store.parent.chmod(0o555)


def _writable(scene: Scene) -> None:
    scene.store.parent.chmod(0o755)
    scene.store.chmod(0o644)


def _empty(scene: Scene) -> None:
    _execute(scene, "DELETE FROM responses")
    scene.owed.clear()


def _locked_for(seconds: float) -> Happening:
    """Another program holds the store, from the first reply on."""

    @contextlib.contextmanager
    def happening(scene: Scene) -> Iterator[None]:
        with database.Store(scene.store):
            pass
        held = threading.Event()

        def hold() -> None:
            scene.wait_for(1)
            with contextlib.closing(sqlite3.connect(scene.store, timeout=10)) as holding:
                holding.execute("BEGIN IMMEDIATE")
                held.set()
                time.sleep(seconds)

        scene.every = lambda answer: answer if held.wait(20) else Answer(500)
        holder = threading.Thread(target=hold)
        holder.start()
        yield
        holder.join()

    return happening


@contextlib.contextmanager
def _a_file_for_a_folder(scene: Scene) -> Iterator[None]:
    scene.store.parent.write_text("")
    yield
    scene.store.parent.unlink()


@contextlib.contextmanager
def disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """Have a disk of so many kilobytes at `folder`. Raises: CalledProcessError without rights."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def _small_disk(scene: Scene) -> Iterator[None]:
    folder = scene.store.parent
    folder.mkdir()
    with disk(folder, 96), _long_replies(scene):
        yield
        held = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    # The same files on a larger disk.
    for name, content in held.items():
        (folder / name).write_bytes(content)


@functools.cache
def no_mounts() -> str:
    """Why no small disk can be had, such as for lack of rights."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with disk(Path(folder), 64):
                return ""
        except (OSError, subprocess.CalledProcessError) as error:
            return f"needs a disk of its own: {error}"


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))


def _wait_shortly() -> None:
    wal.BUSY_SECONDS = 0.5


def _lose_root() -> None:
    """Be bound by permissions as others are: without capabilities, whoever runs the tests."""
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    assert ctypes.CDLL(None).capset(head, (ctypes.c_uint32 * 6)()) == 0


_DAMAGED = (
    "error: STORE is damaged (…); restore it, or move it elsewhere to start a new one (its answers "
    "are then asked for again)"
)
_LOST = {"again": QUESTIONS, "because": "all that the store held"}
_UNWRITABLE = (
    "error: cannot write STORE: {}; what was stored is kept, free some space or mend the "
    "permissions and run again"
)
_HELD_BY_ANOTHER = "error: STORE is held by another process; end that one and run again"

FAULTS = [
    Fault(
        "the disk is full",
        _small_disk,
        # Of the replies or of the ledger, whichever has no room first.
        (_UNWRITABLE.format("…").replace("STORE", "…"),),
        1,
        **IN_FLIGHT,
        skip=no_mounts,
    ),
    Fault(
        "a limit on the size of files",
        _long_replies,
        (_UNWRITABLE.format("disk I/O error").replace("STORE", "…"),),
        1,
        **IN_FLIGHT,
        scene={"before": _limit_files},
    ),
    Fault(
        "the store is read-only",
        _filled(_read_only, _writable),
        (_UNWRITABLE.format("attempt to write a readonly database"),),
        1,
        scene={"before": _lose_root},
    ),
    Fault("the store is held by another program for a moment", _locked_for(0.5)),
    Fault(
        "the store is held by another program for a minute",
        _locked_for(2.0),
        (_HELD_BY_ANOTHER,),
        1,
        **IN_FLIGHT,
        scene={"before": _wait_shortly},
    ),
    Fault("the store is overwritten", _filled(_overwrite, _set_aside), (_DAMAGED,), 1, **_LOST),
    Fault("the store is cut in half", _filled(_cut, _set_aside), (_DAMAGED,), 1, **_LOST),
    Fault(
        "a row of the store is spoilt",
        _filled(_spoil_a_row, _leave),
        again=1,
        because="the reply in that row",
    ),
    Fault(
        "the store is of another version",
        _filled(_of_another_version, _of_this_version),
        (
            "error: STORE was written by another version of LaI (format 99, expected 1); move it "
            "elsewhere to start a new one",
        ),
        1,
    ),
    Fault(
        "a file where the store's folder should be",
        _a_file_for_a_folder,
        ("error: cannot write …: File exists; mend what stands in the way and run again",),
        1,
    ),
]
