"""Hostile programs under every backend that this machine allows: none passes, none harms."""

import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from lai.sandbox.base import Limits
from lai.sandbox.probe import candidates, trouble
from lai.sandbox.worker import Worker
from tests.support import hostile

TEST = ["assert f(20) == 22"]
SECONDS = 1.0
LIMITS = Limits(seconds=SECONDS, memory=1 << 29, output=1 << 20, processes=16)
KINDS = {f"{backend.name}{number}": backend for number, backend in enumerate(candidates())}


@pytest.fixture(scope="module", params=KINDS)
def worker(request):
    backend = KINDS[request.param]
    problem = trouble(backend, LIMITS)
    if problem:
        pytest.skip(f"{request.param} does not work here: {problem}")
    started = Worker(backend, LIMITS, 70)
    yield started
    started.stop()


@pytest.fixture
def canaries(tmp_path, monkeypatch):
    """A file, a listener and a process of the host, looked at again afterwards."""
    monkeypatch.setenv("LAI_CANARY", "key")
    file = tmp_path / "canary.txt"
    file.write_text("canary")
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    connected = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.1)
        done = threading.Event()

        def accept():
            while not done.is_set():
                try:
                    connected.append(listener.accept())
                except OSError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield {"file": str(file), "port": listener.getsockname()[1], "parent": victim.pid}
        time.sleep(0.05)
        done.set()
        thread.join()
    alive = victim.poll() is None
    victim.kill()
    victim.wait()
    assert file.read_text() == "canary"
    assert alive, "a process of the host was ended"
    assert not connected, "a program reached a port of the host"


@pytest.mark.parametrize("name", hostile.PROGRAMS)
def test_it_neither_passes_nor_harms(worker, canaries, name):
    started = time.monotonic()
    outcome = worker.run(hostile.source(name, **canaries), TEST, SECONDS)
    assert not outcome.passed
    assert outcome.detail
    assert time.monotonic() - started < SECONDS + 4
    good = worker.run("def f(n):\n    return n + 2\n", TEST, 5.0)
    assert good.passed, f"after {name}: {good.detail}"


def test_there_are_enough_of_them():
    assert len(hostile.PROGRAMS) >= 45


def test_nothing_survives(worker):
    program = (
        "import os, time\n"
        "def f(n):\n"
        "    try:\n"
        "        if os.fork() == 0:\n"
        "            os.setsid()\n"
        "            time.sleep(200)\n"
        "    except OSError:\n"
        "        pass\n"
        "    return 22\n"
    )
    worker.run(program, TEST, SECONDS)
    pid = worker._process.pid if worker._process else None
    worker.stop()
    time.sleep(0.2)
    left = [
        entry
        for entry in os.listdir("/proc")
        if entry.isdigit() and b"inside.server" in _command(entry) and entry != str(os.getpid())
    ]
    children = [entry for entry in left if _session_of(entry) == pid]
    assert not children


def _command(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _session_of(pid):
    try:
        return os.getsid(int(pid))
    except OSError:
        return None
