"""Whether the user's tree is as it was: to start an experiment DVC takes changes aside.

While it does (for seconds) they are in git's stash and no branch is checked out; a process that is
killed there cannot put that right.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lai.core import jsonl
from lai.core.errors import PipelineError

MARK = Path(".cache/compare.json")
"""How it was before the run that is on, or was killed."""


@contextmanager
def guarded() -> Iterator[None]:
    """Remember how the tree was, and see afterwards that it is so. Raises: as `check`."""
    jsonl.write_json(MARK, {"stash": _stash(), "branch": _branch()})
    yield
    check()


def check() -> None:
    """Raises: PipelineError when DVC was killed while it had the user's changes aside."""
    if not MARK.exists():
        return
    before, now = jsonl.read_json(MARK), _stash()
    aside = now not in ("", before["stash"])
    detached = bool(before["branch"]) and not _branch()
    if aside or detached:
        changes = "your uncommitted changes in git's stash (`git stash list`)"
        had = [changes] * aside + ["no branch checked out"] * detached
        back = f"`git checkout -f {before['branch']}`" if detached else "`git reset --hard`"
        pop = " and then `git stash pop --index`" if aside else ""
        raise PipelineError(
            f"a comparison was killed while DVC had {' and '.join(had)}; {_unlock()}{back}{pop} "
            "brings back what was, and drops what DVC left in the tree. If this is done, or not "
            f"so, remove {MARK}"
        )
    MARK.unlink()


def _unlock() -> str:
    """What to do first where the kill left git's own locks, at which each git command stops."""
    asked = ["git", "rev-parse", "--git-dir", "--git-common-dir"]
    done = subprocess.run(asked, capture_output=True)
    folders = [] if done.returncode else done.stdout.decode().splitlines()
    found = {lock.resolve(): lock for one in folders for lock in Path(one).rglob("*.lock")}
    locks = sorted(found.values())
    return f"with no git at work, `rm {shlex.join(map(str, locks))}`; then " if locks else ""


def _branch() -> str:
    done = subprocess.run(["git", "symbolic-ref", "-q", "--short", "HEAD"], capture_output=True)
    return done.stdout.decode().strip()


def _stash() -> str:
    done = subprocess.run(["git", "rev-parse", "-q", "--verify", "refs/stash"], capture_output=True)
    return done.stdout.decode().strip()
