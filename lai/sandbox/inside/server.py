"""The warm interpreter in the sandbox: forks a tester and a candidate for each job.

    caller ──jobs──▶ server ──fork──▶ candidate   runs the program, knows no test
       ▲                └─────fork──▶ tester      runs the tests, calls the candidate over a socket
       └──────────verdict───────────────┘

The server never reads a test: the tester takes it from a pipe of its own and writes the verdict
into another, so that no memory which a later candidate is forked from has held it. The caller reads
the verdict when the server says that the job has ended: by then nothing is left that could write.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
from typing import Any

from . import warm, wire
from .confine import Confinement
from .job import CALLER, JOBS, Jobs, arrange

HEAD = struct.Struct("!IId")
"""A job on standard input: bytes of the program, bytes of the tests, seconds; then the program."""
FEW = 200


def main(settings: dict[str, Any]) -> None:
    """Serve until standard input closes.

    `settings`: `memory` and `output` (bytes), `processes`, `count_processes`, `user` (uid or
    None), `landlock` (arguments of `landlock.restrict` or None), `folder` (scratch), `tests` and
    `verdicts` (descriptors of these pipes), `place` (its number among servers). The first frame
    out lists what this machine lacks.
    """
    warm.up()
    confinement = Confinement(settings)
    jobs = Jobs(settings["output"], confinement, settings["place"])
    confinement.server()
    os.chdir(settings["folder"])
    wire.send(1, ["ready", confinement.lacking])
    arrange(settings["tests"], settings["verdicts"])
    warm.pack()
    while True:
        try:
            size, tests, seconds = HEAD.unpack(wire.exactly(JOBS, HEAD.size))
        except wire.ClosedError:
            return
        end = jobs.run(size, tests, seconds)
        clean = _clean(settings["folder"])
        # After a timeout a pipe may still hold a part of the job: this server ends with it.
        wire.send(CALLER, ["end", end, jobs.place, clean and end != "timeout"])


def _clean(folder: str) -> bool:
    """Empty the scratch folder; False when that takes more than unlinking a few files."""
    found = os.listdir(folder)
    if not found:
        return True
    for name in found[:FEW]:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))
    return not os.listdir(folder)


def start() -> None:
    """The entry point: settings as JSON in the last argument."""
    import sys

    main(json.loads(sys.argv[-1]))
