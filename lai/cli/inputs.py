"""What the runs of a comparison have in common: params, code and data as they are now."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from lai.core.errors import PipelineError
from lai.core.params.schema import Params
from lai.engines.target import fingerprint_file
from lai.tasks import files

SETTLED = ("strategy", "seed", "runtime")
"""Sections that do not tell one comparison from another."""
INPUTS = ("dvc.yaml", "lai", "stages", "prompts", "scorers", "data", "models")
"""What the stages read."""


def fingerprint(given: Params) -> str:
    """A name for params, code and data: what git knows, and the content of what it does not hold.

    An experiment of that name belongs to the comparison; after any change there is none. Commits
    of anything else, such as a comparison's own figures, change nothing.

    Raises: PipelineError for a file that a run would not get.
    """
    raw = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    told = {key: value for key, value in raw.items() if key not in SETTLED}
    digest = hashlib.sha256(yaml.safe_dump(told).encode())
    unknown = _listed("--others", "--exclude-standard", "--", *INPUTS)
    if unknown:
        raise PipelineError(
            f"{unknown[0]} is not in git, and a comparison's runs get what git knows; "
            "`git add` it (or `dvc add` it), or move it away"
        )
    for command in (("ls-files", "--stage"), ("diff",)):
        digest.update(_git(*command, "--", *INPUTS))
    known = set(map(Path, _listed()))
    outs, data = _tracked(known)
    named = set(_named(given))
    for path in sorted(named):
        _travels(path, known | outs)
    held = {found for path in data if _within(path) for found in _below(path)}
    for path in sorted(named | held):
        found = path.stat()
        digest.update(f"{path}\0{_content(path, found.st_size, found.st_mtime_ns)}\0".encode())
    return digest.hexdigest()[:8]


def _named(given: Params) -> Iterator[Path]:
    """The files that params.yaml names: rows of tasks, and models in folders."""
    for task in given.tasks.values():
        for source in (task.pool, task.dev, task.test):
            if source is not None and source.patterns:
                yield from files.paths(source.patterns)
    examples = [task.few_shot.source for task in given.tasks.values() if task.few_shot]
    for name in (*examples, given.train.replay.source, *given.target.logs):
        if Path(name).is_file():
            yield Path(name)
    judge = given.judge.model if given.judge else ""
    for model in (given.target.model, given.contrast_pairs.model or "", judge):
        if model and Path(model).is_dir():
            yield from _below(Path(model))


def _travels(path: Path, known: set[Path]) -> None:
    """Raises: PipelineError for a relative path that a run, in a folder of its own, has not got."""
    if path.is_absolute():
        return
    plain = Path(os.path.normpath(path))
    if ".." in plain.parts:
        raise PipelineError(
            f"{path} is outside the repository, and a comparison's runs are in folders of their "
            "own; write its absolute path into params.yaml"
        )
    if not known.intersection((plain, *plain.parents)):
        raise PipelineError(
            f"params.yaml names {path}, which is not in git, ignored perhaps, and a comparison's "
            "runs get what git knows; `git add` or `dvc add` it, write its absolute path, or name "
            "files that leave it out"
        )


def _tracked(known: set[Path]) -> tuple[set[Path], set[Path]]:
    """What DVC tracks in files that git knows: all outputs, and of them the data added by hand."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            outs = {
                Path(os.path.relpath(out.fs_path)): out.stage.is_data_source
                for out in repo.index.outs
                if Path(os.path.relpath(out.stage.path)) in known
            }
    except DvcException as error:
        said = " ".join(str(error).split())[:200]
        raise PipelineError(f"DVC cannot read this repository: {said}") from None
    return set(outs), {path for path, added in outs.items() if added}


def _within(path: Path) -> bool:
    return path.parts[0] in INPUTS


def _below(path: Path) -> Iterator[Path]:
    """The file itself, or the files in a folder, hidden ones left out."""
    for found in [path] if path.is_file() else path.rglob("*"):
        hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
        if found.is_file() and not hidden:
            yield found


@cache
def _content(path: Path, size: int, changed: int) -> str:
    """SHA-256, once for each size and time of change: models take a while."""
    return fingerprint_file(path)


def _listed(*options: str) -> list[str]:
    return [name for name in _git("ls-files", "-z", *options).decode().split("\0") if name]


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", *arguments], capture_output=True)
    if done.returncode:
        raise PipelineError(
            f"git {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}; a "
            "comparison needs a git repository with a commit"
        )
    return done.stdout
