"""A throw-away copy of this repository with small params, driven by the real `dvc`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.closure import ROOT

PARTS = (
    *("dvc.yaml", "params.yaml", ".dvcignore", ".gitignore", "pyproject.toml"),
    *(".dvc/.gitignore", ".dvc/config", ".dvc/plots", "lai", "stages", "prompts"),
    *("data/tasks", "data/recorded", "data/replay", "data/reviews", "scorers", "models/base"),
)


@dataclass
class Repository:
    """A git and DVC repository in `path`."""

    path: Path

    def run(
        self, *command: str, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository; stdout and stderr are captured together."""
        done = subprocess.run(
            command,
            cwd=self.path,
            env={**environ(), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
        )
        assert not check or done.returncode == 0, done.stdout[-4000:]
        return done

    def repro(self, *arguments: str) -> tuple[set[str], set[str]]:
        """`dvc repro`: the names of the stages that ran, and of those out of the run cache."""
        text = self.run("dvc", "repro", *arguments).stdout
        return (
            set(re.findall(r"Running stage '([^']+)'", text)),
            set(re.findall(r"Stage '([^']+)' is cached", text)),
        )

    def set(self, **values: Any) -> None:
        """Change params.yaml; `train__epochs=1` sets train.epochs."""
        raw = yaml.safe_load((self.path / "params.yaml").read_text())
        for key, value in values.items():
            *folders, last = key.split("__")
            place = raw
            for folder in folders:
                place = place.setdefault(folder, {})
            place[last] = value
        (self.path / "params.yaml").write_text(yaml.safe_dump(raw, sort_keys=False))


def environ() -> dict[str, str]:
    """The environment of the tests, with this interpreter's programs first and no network."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DVC_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**clean, "PATH": path, "HF_HUB_OFFLINE": "1", "DVC_NO_ANALYTICS": "1"}


def make(path: Path, **params: Any) -> Repository:
    """Copy what the pipeline needs into `path`, commit it, and set small params."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, path / part, ignore=ignore)
        else:
            (path / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, path / part)
    repository = Repository(path)
    repository.run("git", "init", "-q")
    repository.run("git", "config", "user.email", "test@example.org")
    repository.run("git", "config", "user.name", "test")
    repository.set(**params)
    repository.run("git", "add", "-A")
    repository.run("git", "commit", "-q", "-m", "start")
    return repository


SMALL: dict[str, Any] = {
    "prepare": {"pool_size": 60, "test_size": 30},
    "synthesize__budget": 12,
    "synthesize__samples_per_request": 4,
    "synthesize__max_samples_per_skill": 6,
    "analyze": {"max_errors": 8},
    "train__epochs": 1,
    **{f"tasks__{name}__dev_size": 60 for name in ("math", "coding", "facts")},
    **{f"tasks__{name}_ood__test__size": 40 for name in ("math", "coding", "facts")},
    "iterations": {"iter1": "iter0", "iter2": "iter1"},
}
"""A loop of half a minute."""
