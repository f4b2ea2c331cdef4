"""The benchmarks that come with the package, declared in benchmarks.yaml beside this file."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lai.core.errors import PipelineError


@cache
def declarations() -> dict[str, dict[str, Any]]:
    """A params block by name, each as it could stand under `tasks` in params.yaml."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    declared: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return declared


def filled_in(raw: dict[str, Any], where: str = "params.yaml") -> dict[str, Any]:
    """A params mapping with each task's `benchmark` put beneath the keys that the task sets.

    Raises: PipelineError for a benchmark that does not exist, with the nearest name.
    """
    tasks = raw.get("tasks")
    if not isinstance(tasks, dict):
        return raw
    return raw | {"tasks": {name: _filled_in(name, task, where) for name, task in tasks.items()}}


def _filled_in(name: Any, task: Any, where: str) -> Any:
    if not isinstance(task, dict) or not isinstance(task.get("benchmark"), str):
        return task
    wanted = task["benchmark"]
    known = declarations()
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        raise PipelineError(f"{where}: tasks.{name}.benchmark: no benchmark {wanted!r}; {hint}")
    return {**known[wanted], **task}
