"""What the stages after `prepare` need to know of the tasks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lai.core.jsonl import read_json, write_json
from lai.core.params.tasks import Task

TASKS = Path("data/splits/tasks.json")
"""Written by `prepare`, so that a change of a task's files reruns only what then differs."""


def write(tasks: Mapping[str, Task]) -> None:
    """Keep family, role, scorer and prompt of every task for the stages after `prepare`."""
    write_json(
        TASKS,
        {name: task.model_dump(include=set(Task.model_fields)) for name, task in tasks.items()},
    )


def read() -> dict[str, Task]:
    """The tasks that `prepare` loaded."""
    return {name: Task.model_validate(task) for name, task in read_json(TASKS).items()}
