"""The pool of workers: nobody waits for a program that stalls, and the backend is as required."""

import os
import resource
import threading
import time

import pytest

from lai import sandbox
from lai.core.errors import PipelineError
from lai.core.params.schema import SandboxParams
from lai.sandbox import probe


def test_a_program_that_stalls_does_not_hold_up_the_others():
    stalled = threading.Thread(
        target=sandbox.run, args=("while True: pass", ["assert f(1) == 1"], 3.0)
    )
    stalled.start()
    started = time.monotonic()
    for n in range(50):
        assert sandbox.run(f"def f(x):\n    return x + {n}", [f"assert f(1) == {n + 1}"]).passed
    assert stalled.is_alive(), f"50 programs took {time.monotonic() - started:.1f} s"
    stalled.join()


def test_where_the_full_sandbox_is_required_and_absent_nothing_runs(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(PipelineError, match=r"require is bwrap, and it does not work here"):
        probe.best(SandboxParams(require="bwrap"))
    assert probe.best(SandboxParams()).name == "subprocess"


def test_the_fallback_says_what_it_is(monkeypatch, capfd):
    monkeypatch.setenv("PATH", "/nonexistent")
    try:
        sandbox.configure(SandboxParams(seconds=2.0))
        assert sandbox.run("def f():\n    return 1", ["assert f() == 1"]).passed
        assert "warning: bubblewrap does not work here" in capfd.readouterr().err
    finally:
        monkeypatch.undo()
        sandbox.configure(SandboxParams())


@pytest.fixture
def many_open_files():
    """More than `select` takes."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limits[1], 4096), limits[1]))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    yield
    for descriptor in held:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.timeout(60)
def test_programs_run_where_many_files_are_open(many_open_files):
    try:
        sandbox.configure(SandboxParams(seconds=2.5))
        assert sandbox.run("def f():\n    return 1", ["assert f() == 1"]).passed
        assert "longer than" in sandbox.run("while True: pass", ["assert f()"], 0.5).detail
        assert sandbox.run("def f():\n    return 2", ["assert f() == 2"]).passed
    finally:
        sandbox.configure(SandboxParams())
