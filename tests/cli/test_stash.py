"""What is said first where a killed comparison left the tree without a branch."""

import subprocess

import pytest

from lai.cli import stash
from lai.core import jsonl
from lai.core.errors import PipelineError

COMMIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q"]


@pytest.fixture
def left(tmp_path, monkeypatch):
    """A linked worktree without a branch, whose comparison began on one."""
    for command in (
        ["git", "init", "-q", "main"],
        [*COMMIT[:1], "-C", "main", *COMMIT[1:], "--allow-empty", "-m", "start"],
        ["git", "-C", "main", "worktree", "add", "-q", "--detach", "../linked"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path / "linked")
    (tmp_path / "linked/dvc.lock").touch()
    jsonl.write_json(stash.MARK, {"stash": "", "branch": "main"})
    return tmp_path


def said():
    with pytest.raises(PipelineError) as caught:
        stash.check()
    return str(caught.value)


def test_locks_that_worktrees_share_are_named_and_no_files_of_the_tree(left):
    assert "rm " not in said()
    shared = left / "main/.git/refs/heads/main.lock"
    for lock in (shared, left / "main/.git/worktrees/linked/index.lock"):
        lock.touch()
    command = said().partition("`rm ")[2].partition("`")[0]
    assert len(command.split()) == 2 and "dvc.lock" not in command
    subprocess.run(f"rm {command}", shell=True, check=True)
    assert not list((left / "main/.git").rglob("*.lock"))


def test_where_git_tells_nothing_no_file_is_named(left, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(left / "none"))
    assert "rm " not in said()
