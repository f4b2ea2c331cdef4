"""The warm interpreter behind lai.sandbox: one JSON job a line in, one JSON outcome a line out.

Started with `python -S`, so it imports the standard library alone.
"""

import json
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from typing import Any

Job = dict[str, Any]


def limit(job: Job) -> None:
    """Limits of the child: CPU seconds, address space, file size, open files, no core dump."""
    seconds = int(job["seconds"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (job["output"], job["output"]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "darwin":  # macOS refuses to lower the address space of a live process.
        resource.setrlimit(resource.RLIMIT_AS, (job["memory"], job["memory"]))


def child(job: Job, report: int, folder: str) -> None:
    """Run the program and its tests, write `ok` or the first failure to `report`, and leave."""
    os.setsid()
    os.chdir(folder)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    limit(job)
    namespace = {"__name__": "__candidate__"}
    step = "the program"
    try:
        exec(compile(job["program"], "candidate.py", "exec"), namespace)
        for test in job["tests"]:
            step = test
            exec(compile(test, "test.py", "exec"), namespace)
        message = "ok"
    except BaseException as error:  # also SystemExit: leaving early is no pass.
        what = type(error).__name__ + (f": {error}" if str(error) else "")
        message = f"failed {step} with {what}"
    os.write(report, message.encode("utf-8", "replace")[:2000])
    os._exit(0)


def run(job: Job, folder: str) -> dict[str, object]:
    """Fork a child for `job` in the empty `folder`, wait for its report or for the deadline."""
    reading, writing = os.pipe()
    identity = os.fork()
    if identity == 0:
        os.close(reading)
        try:
            child(job, writing, folder)
        finally:
            os._exit(1)
    os.close(writing)
    report = b""
    deadline = time.monotonic() + job["seconds"]
    timed_out = False
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            timed_out = True
            break
        part = os.read(reading, 4096)
        if not part:
            break
        report += part
    for kill in (os.killpg, os.kill):
        try:
            kill(identity, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    os.waitpid(identity, 0)
    os.close(reading)
    if timed_out:
        return {"passed": False, "detail": f"ran longer than {job['seconds']:g} s"}
    detail = report.decode("utf-8", "replace")
    if detail == "ok":
        return {"passed": True, "detail": ""}
    return {"passed": False, "detail": detail or "ended without a verdict (killed by a limit?)"}


def main() -> None:
    """Serve until standard input closes; a program that leaves files costs a new folder."""
    folder = tempfile.mkdtemp(prefix="lai-program-")
    try:
        for line in sys.stdin.buffer:
            answer = json.dumps(run(json.loads(line), folder))
            if not os.path.isdir(folder) or os.listdir(folder):
                shutil.rmtree(folder, ignore_errors=True)
                folder = tempfile.mkdtemp(prefix="lai-program-")
            sys.stdout.write(answer + "\n")
            sys.stdout.flush()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
