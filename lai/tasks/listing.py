"""What `lai tasks` prints: every task, what is in it, and whether it loads here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lai.core.errors import PipelineError
from lai.core.params import benchmarks
from lai.core.params.schema import Params, PrepareParams
from lai.core.params.tasks import TaskParams
from lai.core.records import Message
from lai.tasks.loading import load
from lai.tasks.prompting import messages

Render = Callable[[list[Message]], str]
COLUMNS = ("task", "family", "role", "scorer", "licence", "pool", "dev", "test", "loads here")


def known(params: Params) -> dict[str, TaskParams]:
    """The tasks of params.yaml, then the declared benchmarks that are not among them."""
    found = dict(params.tasks)
    used = {task.benchmark for task in found.values()} | set(found)
    for name, declared in benchmarks.declarations().items():
        if name not in used:
            found[name] = TaskParams.model_validate(declared)
    return found


def listing(tasks: Mapping[str, TaskParams], prepare: PrepareParams, seed: int) -> str:
    """A line a task. Each is loaded as `prepare` would, so the items counted are those drawn."""
    lines = [COLUMNS, *(_line(name, task, prepare, seed) for name, task in tasks.items())]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _line(name: str, task: TaskParams, prepare: PrepareParams, seed: int) -> tuple[str, ...]:
    told = (name, task.family, task.role, task.scorer, task.licence or "-")
    try:
        splits = load({name: task}, prepare, seed)
    except PipelineError as error:
        return (*told, "-", "-", "-", f"no: {str(error).split('; ')[0]}")
    counts = (len(splits.pool), len(splits.dev), len(splits.test))
    return (*told, *(str(count) if count else "-" for count in counts), "yes")


def shown(name: str, task: TaskParams, prepare: PrepareParams, count: int, render: Render) -> str:
    """The first `count` test prompts of a task as the model will see them, with the references."""
    splits = load({name: task}, prepare, 0)
    parts = []
    for sample in splits.test[:count]:
        chat = messages(sample.input, sample.choices, splits.tasks[name], sample.metadata)
        parts.append(
            f"=== {sample.id}\n{render(chat)}\n--- the reference answer is: {sample.reference}"
        )
    return "\n\n".join(parts)
