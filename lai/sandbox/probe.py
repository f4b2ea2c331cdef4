"""Which backend works on this machine: tried, not assumed.

A backend is taken when a harmless program passes its test in it and programs that reach out fail
theirs. Without the first control a sandbox that runs nothing would look like the safest of all.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator

from lai.core.errors import PipelineError
from lai.core.params.schema import SandboxParams
from lai.sandbox.backends import Backend, Bubblewrap, Subprocess
from lai.sandbox.worker import UnusableError, Worker

SECONDS = 5.0
PLACE = 90
"""The number of the probe's server, so that it shares no user id with one that works."""


def candidates() -> list[Backend]:
    """Backends to try, the strongest first."""
    if not sys.platform.startswith("linux"):
        return [Subprocess()]
    as_root = os.getuid() == 0
    return [
        *([Bubblewrap(as_root=True)] if as_root else []),
        Bubblewrap(as_root=False),
        Subprocess(),
    ]


def best(limits: SandboxParams) -> Backend:
    """The strongest backend that works. Raises: PipelineError for none, or not the required."""
    reasons = []
    for backend in candidates():
        if limits.require == "bwrap" and backend.name != "bwrap":
            continue
        problem = trouble(backend, limits)
        if problem is None:
            return backend
        reasons.append(f"{backend.name}: {problem}")
    wanted = (
        "sandbox.require is bwrap, and it does not"
        if limits.require == "bwrap"
        else "no sandbox does"
    )
    raise PipelineError(
        f"{wanted} work here ({'; '.join(reasons) or 'it is for Linux'}), so no generated program "
        "is run; install bubblewrap"
        + (", or set sandbox.require: auto for weaker walls" if limits.require == "bwrap" else "")
    )


def trouble(backend: Backend, limits: SandboxParams) -> str | None:
    """Why a backend cannot be used here, or None (what a fallback leaves open is no reason)."""
    if backend.name == "bwrap" and not shutil.which("bwrap"):
        return "it is not installed"
    worker = Worker(backend, limits, PLACE)
    try:
        worker.start()
        program = "def f(x):\n    return [x, 'é']"
        if not worker.run(program, ["assert f(1) == [1, 'é']"], SECONDS).passed:
            return "a harmless program fails in it"
        if worker.run(program, ["assert f(1) == [2, 'é']"], SECONDS).passed:
            return "a wrong program passes in it"
        if backend.name == "bwrap":
            if worker.lacking:
                return f"it works without {', '.join(worker.lacking)} alone"
            with _reached() as programs:
                for what, program, test in programs:
                    if worker.run(program, [test], SECONDS).passed:
                        return f"a program in it reached {what}"
    except UnusableError as error:
        return str(error)
    finally:
        worker.stop()
    return None


@contextlib.contextmanager
def _reached() -> Iterator[list[tuple[str, str, str]]]:
    """(what it reaches for, a program, the test that passes if it gets there)."""
    secret = secrets.token_hex(8)
    with tempfile.NamedTemporaryFile("w", suffix=".canary") as file, socket.socket() as listener:
        file.write(secret)
        file.flush()
        os.chmod(file.name, 0o644)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        connect = f"socket.create_connection(('127.0.0.1', {port}), 1).close()"
        yield [
            (
                "a file of this machine",
                f"def f():\n    return open({file.name!r}).read()",
                f"assert f() == {secret!r}",
            ),
            (
                "a port of this machine",
                f"import socket\n\ndef f():\n    {connect}\n    return 1",
                "assert f() == 1",
            ),
        ]
