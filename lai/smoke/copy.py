"""A temporary copy of the repository with small params, which needs no git and is DVC's own."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from lai.core.iterations import chain
from lai.core.params import load
from lai.core.strategies import planned

CODE = ("lai", "stages", "prompts", "scorers")
MADE = ("splits", "iter")
"""Folders under data/ and models/ that stages write, the latter with a number."""
CONFIG = "[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n"


def copy(root: Path, folder: Path, samples: int) -> None:
    """Copy what the stages read from `root` into `folder`; data and models are linked.

    The store of replies is the user's own: what is asked here is paid for, and the long run finds
    it there where it asks the same.
    """
    compiled = shutil.ignore_patterns("__pycache__")
    for name in CODE:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, ignore=compiled)
    for name in ("dvc.yaml", ".dvcignore"):
        shutil.copy(root / name, folder / name)
    (folder / ".dvc").mkdir()
    (folder / ".dvc" / "config").write_text(CONFIG, encoding="utf-8")
    if (root / ".dvc" / "plots").is_dir():
        shutil.copytree(root / ".dvc" / "plots", folder / ".dvc" / "plots")
    taken = {*CODE, "dvc.yaml", "dvc.lock", "params.yaml", "data", "models", "metrics"}
    _link(root, folder, taken)
    for name in ("data", "models"):
        _link(root / name, folder / name, MADE)
    (root / ".cache").mkdir(exist_ok=True)
    (folder / ".cache").symlink_to(root / ".cache")
    if (root / ".env").exists():
        (folder / ".env").symlink_to(root / ".env")
    text = yaml.safe_dump(small(root / "params.yaml", samples), sort_keys=False)
    (folder / "params.yaml").write_text(text, encoding="utf-8")


def small(path: Path, samples: int) -> dict[str, Any]:
    """The params at `path` with one iteration, one epoch and `samples` of everything.

    The pool has twice as many, so that there are errors in it.
    """
    params = load(path)
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    first = chain(params.iterations)[1]
    for task in raw["tasks"].values():
        task["dev_size"] = samples
        # A source's own size goes before that of its split.
        for source in (task[name] for name in ("pool", "dev", "test") if task.get(name)):
            if "size" in source:
                source["size"] = min(source["size"] or samples, samples)
    # A batch takes hours.
    (raw.get("instructor") or {}).pop("mode", None)
    changes: dict[str, dict[str, Any]] = {
        "prepare": {"pool_size": 2 * samples, "test_size": samples},
        "eval": {"sample": None},
        "analyze": {"max_errors": samples // 2},
        "synthesize": {
            "budget": samples,
            "samples_per_request": min(4, params.synthesize.samples_per_request),
            "max_rounds": 2,
        },
        "train": {"epochs": 1},
    }
    for section, values in changes.items():
        raw[section] = {**(raw.get(section) or {}), **values}
    weights = planned(params.strategy, params.iterations)[first]
    return {**raw, "strategy": weights, "iterations": {"iter1": "iter0"}}


def _link(source: Path, folder: Path, without: Collection[str]) -> None:
    folder.mkdir(exist_ok=True)
    for entry in sorted(source.iterdir()) if source.is_dir() else ():
        if entry.name.rstrip("0123456789") not in without and not entry.name.startswith("."):
            (folder / entry.name).symlink_to(entry)
