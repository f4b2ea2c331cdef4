"""The ways to shut a server in: bubblewrap, or a plain process with fewer rights.

Each gives a command line and the server's settings; `lai.sandbox.probe` tries what they are worth
on this machine. docs/SANDBOX.md lists what each one leaves open.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import tempfile
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lai.core.params.schema import SandboxParams
from lai.sandbox import inside

INSIDE = Path(inside.__file__).resolve().parent
# A child that found the C library's functions unbound would bind them again, and copy the tables.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LD_BIND_NOW": "1",
}
FIRST_USER = 61_000
"""Uids that no account is given (systemd's DynamicUser starts at 61184; the greatest is 65519).
Servers of another hash seed take those below, of which systemd leaves 422 unused."""
SCRATCH = 4
"""The scratch folder holds so many times the output limit."""
DEVICES = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"]


@dataclass(frozen=True)
class Launch:
    """How to start one server. `folder`: a host folder to delete when it has ended."""

    command: list[str]
    folder: str | None = None


def environment(hash_seed: int) -> dict[str, str]:
    """What a server is started with; sets of strings print the same on every run of one seed."""
    return {"PYTHONHASHSEED": str(hash_seed), **ENVIRONMENT}


def _user(place: int, hash_seed: int) -> int:
    return FIRST_USER - 1 - place if hash_seed else FIRST_USER + place


def python() -> str:
    """The interpreter itself: a virtual environment's link points out of what is mounted."""
    return os.path.realpath(sys.executable)


def prefix() -> str:
    """Where the interpreter and its library live."""
    return os.path.realpath(sys.base_prefix)


class Pipes(NamedTuple):
    """The server's ends, as descriptor numbers that it inherits: tests come in, verdicts go out."""

    tests: int
    verdicts: int


class Backend(ABC):
    """A way to shut a server in.

    `name` is what `sandbox.require` may ask for; `gaps` says in a line what is left open and what
    to do about it, or nothing.
    """

    name: str
    gaps: str

    @abstractmethod
    def launch(self, limits: SandboxParams, pipes: Pipes, place: int, hash_seed: int) -> Launch:
        """The command of a server under `limits`, apart from those at every other `place`.

        The server may use no file, network or process but the interpreter and `INSIDE`;
        `pipes` are handed on to it. `place` counts from 0 for each of the two hash seeds, 0 and 1,
        and tells users and folders apart.
        """


class Bubblewrap(Backend):
    """Namespaces of its own: no network, no host files but /usr and Python, one sized tmpfs.

    `as_root`: for a caller who is root, the server takes a uid of its own in place of a user
    namespace, in which it would still be the host's root to the kernel (and its processes would
    not be counted).
    """

    name = "bwrap"
    gaps = ""

    def __init__(self, as_root: bool) -> None:
        self._as_root = as_root

    def launch(self, limits: SandboxParams, pipes: Pipes, place: int, hash_seed: int) -> Launch:
        """See `Backend.launch`."""
        wrap = shutil.which("bwrap") or "bwrap"
        command = [wrap, "--die-with-parent", "--new-session", "--clearenv"]
        if self._as_root:
            command += [f"--unshare-{kind}" for kind in ("ipc", "pid", "net", "uts")]
            command += ["--unshare-cgroup-try", "--cap-drop", "ALL"]
            command += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        else:
            command += ["--unshare-all", "--uid", "65534", "--gid", "65534"]
        for name, value in environment(hash_seed).items():
            command += ["--setenv", name, value]
        # Made by a mount, the folders above it would be open to root alone.
        above = [*reversed(Path(prefix()).parents), Path("/dev"), Path("/etc"), Path("/sandbox")]
        for folder in above:
            if folder != Path("/"):
                command += ["--perms", "0755", "--dir", str(folder)]
        for path in ("/usr", prefix()):
            command += ["--ro-bind", path, path]
        for path in ("/lib", "/lib64", "/bin", "/etc/ld.so.cache"):
            if os.path.islink(path):
                command += ["--symlink", os.readlink(path), path]
            else:
                command += ["--ro-bind-try", path, path]
        for path in DEVICES:
            command += ["--dev-bind-try", path, path]
        command += ["--ro-bind", str(INSIDE), "/sandbox/inside"]
        command += ["--perms", "1777", "--size", str(SCRATCH * limits.output), "--tmpfs", "/tmp"]
        command += ["--remount-ro", "/", "--chdir", "/tmp"]
        user = _user(place, hash_seed) if self._as_root else None
        return Launch(command + _server("/sandbox", limits, pipes, place, "/tmp", user, None))


class Subprocess(Backend):
    """A plain process: limits, clean environment, own session, throw-away folder.

    On Linux also the system-call filter, Landlock, and for root another uid or no capabilities.
    """

    name = "subprocess"
    gaps = (
        "bubblewrap does not work here, so generated programs run with fewer walls around them "
        "(docs/SANDBOX.md): install bubblewrap, or set sandbox.require: bwrap to refuse"
    )

    def launch(self, limits: SandboxParams, pipes: Pipes, place: int, hash_seed: int) -> Launch:
        """See `Backend.launch`."""
        folder = tempfile.mkdtemp(prefix="lai-program-")
        user = None
        if os.getuid() == 0 and _open_to_all(prefix()) and _open_to_all(str(INSIDE)):
            user = _user(place, hash_seed)
        if user is not None:
            os.chown(folder, user, user)
        landlock = {
            "readable": ["/usr", "/lib", "/lib64", "/etc/ld.so.cache", prefix()],
            "writable": [folder],
            "devices": DEVICES,
        }
        if not sys.platform.startswith("linux"):
            landlock = {}
        root = str(INSIDE.parent)
        return Launch(_server(root, limits, pipes, place, folder, user, landlock), folder)


def _server(
    root: str,
    limits: SandboxParams,
    pipes: Pipes,
    place: int,
    folder: str,
    user: int | None,
    landlock: dict[str, Any] | None,
) -> list[str]:
    settings = {
        "memory": limits.memory,
        "output": limits.output,
        "processes": limits.processes,
        # The kernel counts over all processes of a user, so the user must be the sandbox's own, and
        # it never counts root's, in a user namespace or not.
        "count_processes": user is not None or (landlock is None and os.getuid() != 0),
        "user": user,
        "landlock": landlock,
        "folder": folder,
        "tests": pipes.tests,
        "verdicts": pipes.verdicts,
        "place": place,
    }
    # -I would ignore PYTHONHASHSEED, and sets of strings must print the same on every run.
    start = f"import sys; sys.path.insert(0, {root!r}); import inside.server as server; "
    start += "del sys.path[0]; server.start()"
    return [python(), "-s", "-S", "-P", "-B", "-c", start, json.dumps(settings)]


def _open_to_all(path: str) -> bool:
    """Whether any user may enter `path` and all above it."""
    parts = [Path(path), *Path(path).parents]
    return all(os.stat(part).st_mode & stat.S_IXOTH for part in parts)
