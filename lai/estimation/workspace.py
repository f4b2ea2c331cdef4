"""A temporary folder that looks to a stage like the repository, with nothing paid in it yet."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import yaml

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.iterations import BASE, chain
from lai.core.params import Params
from lai.tasks import kept
from lai.tasks.loading import Splits, load

STAGES = ("eval", "mine_errors", "plan", "contrast_pairs", "analyze", "synthesize")
"""Those of an iteration that lead to what is taught, in the order in which they run."""
AFTERWARDS = ("train", "reeval")

Done = Mapping[str, list[str]]
"""The stages of each iteration that would not run again."""


def changed() -> set[str]:
    """The stages whose params, code, data or outputs are not those of their last run.

    Raises: PipelineError when DVC cannot read the repository, or when a run is in progress.
    """
    from dvc.exceptions import DvcException
    from dvc.lock import LockError
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            return set(repo.status())
    except LockError:
        raise PipelineError(
            "a run is in progress here, `dvc repro` or another command of DVC; wait until it ends"
        ) from None
    except DvcException as error:
        said = " ".join(str(error).split())[:200]
        raise PipelineError(f"DVC cannot read this repository: {said}") from None


def outs(stage: str, folder: str = "data/${key}/") -> list[str]:
    """The names of what a stage writes into `folder`, by dvc.yaml."""
    stages = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"]
    declared = stages[stage].get("do", stages[stage])["outs"]
    paths = [next(iter(out)) if isinstance(out, dict) else out for out in declared]
    return [path.removeprefix(folder) for path in paths if path.startswith(folder)]


def done(iterations: Mapping[str, str], stale: Collection[str]) -> Done:
    """What `dvc repro` would leave as it is; a stage after a changed one is not among it."""
    found: dict[str, list[str]] = {}
    whole = {BASE: "prepare" not in stale and kept.TASKS.exists()}
    for iteration in chain(iterations)[1:]:
        good = whole[iterations[iteration]]
        found[iteration] = []
        for stage in STAGES:
            there = all((Path("data") / iteration / name).exists() for name in outs(stage))
            good = good and there and f"{stage}@{iteration}" not in stale
            if good:
                found[iteration].append(stage)
        whole[iteration] = good and not any(f"{one}@{iteration}" in stale for one in AFTERWARDS)
    return found


def splits_of(params: Params, stale: Collection[str]) -> Splits | None:
    """The splits as `prepare` would make them; None where those that it made still hold."""
    if "prepare" not in stale and kept.TASKS.exists():
        return None
    return load(params.tasks, params.prepare, params.seed)


@contextlib.contextmanager
def workspace(splits: Splits | None, there: Done) -> Iterator[None]:
    """The block runs in the folder, and what it would show on a terminal is not seen.

    `splits`: see `splits_of`; `there`: whose outputs are taken as they are.
    """
    root = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="lai-") as name:
        folder = Path(name)
        _link(root, folder, without={"data", "metrics"})
        _link(root / "data", folder / "data", without={"splits", "iter"})
        if splits is None:
            shutil.copytree(root / "data" / "splits", folder / "data" / "splits")
        for iteration, stages in there.items():
            (folder / "data" / iteration).mkdir()
            for name in (name for stage in stages for name in outs(stage)):
                path = Path("data") / iteration / name
                _copy(root / path, folder / path)
        empty = outs("prepare", "data/iter0/")
        with contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()):
            if splits is not None:
                jsonl.write("data/splits/pool.jsonl", splits.pool)
                jsonl.write("data/splits/dev.jsonl", splits.dev)
                jsonl.write("data/splits/test.jsonl", splits.test)
                jsonl.write("data/splits/undrawn.jsonl", splits.undrawn)
                kept.write(splits.tasks)
            for record in (name for name in empty if name.endswith(".jsonl")):
                jsonl.write(f"data/iter0/{record}", [])
            yield


def _copy(source: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, path)
    else:
        shutil.copy(source, path)


def _link(source: Path, folder: Path, without: Collection[str]) -> None:
    folder.mkdir(exist_ok=True)
    for entry in sorted(source.iterdir()) if source.is_dir() else ():
        if entry.name.rstrip("0123456789") not in without and not entry.name.startswith("."):
            (folder / entry.name).symlink_to(entry)
