"""No hostile program passes, does harm or outlives its run, under any backend of this machine."""

import os
import platform
import secrets
import socket

import pytest

from lai.core.params.schema import SandboxParams
from lai.sandbox import probe
from lai.sandbox.backends import Bubblewrap, Subprocess
from lai.sandbox.worker import UnusableError, Worker
from tests.sandbox.cheats import CHEAT, TESTS
from tests.sandbox.hostile import REACH

BACKENDS = {
    "bwrap-root": Bubblewrap(True),
    "bwrap-user": Bubblewrap(False),
    "subprocess": Subprocess(),
}
pytestmark = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() != "x86_64", reason="x86-64 system calls"
)


@pytest.fixture(scope="module", params=BACKENDS)
def worker(request):
    backend = BACKENDS[request.param]
    if request.param == "bwrap-root" and os.getuid() != 0:
        pytest.skip("needs root")
    problem = probe.trouble(backend, SandboxParams())
    # bubblewrap wants a kernel that lets it; a plain process works on every Linux.
    assert not (problem and request.param == "subprocess"), problem
    if problem:
        pytest.skip(f"{request.param} does not work here: {problem}")
    os.environ["LAI_KEY"] = "key"
    worker = Worker(backend, SandboxParams(), 7)
    worker.backend = backend.name
    yield worker
    worker.stop()


def processes(limits):
    """Processes on this machine whose command line names `limits`, which no other sandbox has."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                line = file.read()
        except OSError:
            continue
        if f'"output": {limits.output}'.encode() in line:
            found.append(name)
    return found


# A plain process has no disk of its own, docs/SANDBOX.md says so.
GAPS = {("subprocess", "disk_fill")}


@pytest.mark.parametrize("name", REACH)
def test_a_program_that_reaches_out_gets_nothing(worker, name, tmp_path):
    if (worker.backend, name) in GAPS:
        pytest.skip("a gap of this backend")
    canary = tmp_path / "canary"
    canary.write_text("secret")
    for folder in (tmp_path, *tmp_path.parents):
        if str(folder).startswith("/tmp/"):
            folder.chmod(0o755)
    label = secrets.token_hex(8)
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(f"\0{label}")
        unix.listen()
        listener.setblocking(False)
        unix.setblocking(False)
        body = REACH[name].replace("CANARY", repr(str(canary))).replace("PID", str(os.getpid()))
        body = body.replace("PORT", str(listener.getsockname()[1])).replace("SOCKET", label)
        outcome = worker.run(f"def f():\n {body}\n", ["assert f() is True"], 1.0)
        for server in (listener, unix):
            with pytest.raises(BlockingIOError):
                server.accept()
    assert not outcome.passed, outcome
    assert canary.read_text() == "secret"
    assert worker.run("def f(): return 1", ["assert f() == 1"], 3.0).passed


@pytest.mark.parametrize("name", CHEAT)
def test_a_program_that_does_not_know_the_answer_fails(worker, name):
    tests = (
        TESTS[:1] if any(w in CHEAT[name] for w in ("while", "sleep", "STOP", "10 **")) else TESTS
    )
    for asked in tests:
        outcome = worker.run(CHEAT[name], asked, 1.0)
        assert not outcome.passed, (asked, outcome)
        assert outcome.detail and "\n" not in outcome.detail
    assert worker.run("def f(): return 1", ["assert f() == 1"], 3.0).passed


@pytest.mark.parametrize("kind", BACKENDS)
def test_nothing_survives_a_server(kind):
    if kind == "bwrap-root" and os.getuid() != 0:
        pytest.skip("needs root")
    descriptors = len(os.listdir("/proc/self/fd"))
    limits = SandboxParams(output=(1 << 20) + os.getpid())
    worker = Worker(BACKENDS[kind], limits, 8)
    try:
        worker.run("def f(x):\n while True: pass", ["assert f(1)"], 0.3)
        worker.run("def f(x):\n open('left', 'w'); return 1", ["assert f(1)"], 3.0)
        outcome = worker.run("import os\ndef f(): return os.listdir()", ["assert f() == []"], 3.0)
        assert outcome.passed, outcome
        assert processes(limits)
    except UnusableError as error:
        pytest.skip(str(error))
    finally:
        worker.stop()
    assert not processes(limits)
    assert len(os.listdir("/proc/self/fd")) == descriptors


@pytest.mark.parametrize("least", range(36, 46))
def test_a_caller_with_many_open_files_gets_the_same_verdicts(least):
    """The server moves its pipes to numbers that may be the caller's own."""
    opened = [os.open(os.devnull, os.O_RDONLY)]
    while opened[-1] < least:
        opened.append(os.open(os.devnull, os.O_RDONLY))
    worker = Worker(Subprocess(), SandboxParams(), 9)
    try:
        assert worker.run("def f(): return 1", ["assert f() == 1"], 3.0).passed
        assert not worker.run("def f(): return 1", ["assert f() == 2"], 3.0).passed
    finally:
        worker.stop()
        for descriptor in opened:
            os.close(descriptor)
