"""`lai compare` killed while DVC has the user's changes in git's stash."""

import os
import re
import signal
import subprocess
import sys
import time

from tests.support import repository

COMMAND = [sys.executable, "-m", "lai.cli", "compare", "--strategies", "le", "--seeds", "1"]


def killed_with_changes_aside(loop):
    """Kill a comparison as soon as git's stash holds something."""
    stash = loop.path / ".git/refs/stash"
    started = subprocess.Popen(
        COMMAND, cwd=loop.path, env=repository.environ(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    end = time.monotonic() + 300
    while not stash.exists() and time.monotonic() < end:
        assert started.poll() is None, "it ended before it was killed"
        time.sleep(0.002)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    return stash.exists()


def test_the_next_one_says_how_to_bring_the_changes_back(tmp_path):
    loop = repository.make(tmp_path / "loop", **repository.SMALL)
    branch = loop.run("git", "symbolic-ref", "--short", "HEAD").stdout.strip()
    loop.set(synthesize__budget=8)
    loop.run("git", "add", "params.yaml")
    loop.set(synthesize__budget=9)
    changed = (loop.path / "params.yaml").read_bytes()
    assert any(killed_with_changes_aside(loop) for _ in range(5))
    (loop.path / ".git/index.lock").touch()  # what a git command leaves that is killed at work
    told = loop.run(*COMMAND, check=False)
    assert told.returncode == 1 and "Traceback" not in told.stdout
    locks = re.search(r"with no git at work, `rm ([^`]+)`; then ", told.stdout)
    assert locks and ".git/index.lock" in locks[1].split()
    loop.run("rm", *locks[1].split())
    assert "git's stash (`git stash list`)" in told.stdout
    if f"`git checkout -f {branch}`" in told.stdout:
        loop.run("git", "checkout", "-q", "-f", branch)
    else:
        assert "`git reset --hard`" in told.stdout
        loop.run("git", "reset", "-q", "--hard")
    assert "and then `git stash pop --index`" in told.stdout
    loop.run("git", "stash", "pop", "-q", "--index")
    assert (loop.path / "params.yaml").read_bytes() == changed
    assert loop.run("git", "symbolic-ref", "--short", "HEAD").stdout.strip() == branch
    check = "from lai.cli import stash; stash.check()"
    loop.run(sys.executable, "-c", check)
    assert not (loop.path / ".cache/compare.json").exists()
