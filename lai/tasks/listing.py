"""What `lai tasks` prints: every task, what is in it, and whether it loads here."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping

from lai.core.errors import PipelineError
from lai.core.params import benchmarks
from lai.core.params.schema import Params, PrepareParams
from lai.core.params.tasks import TaskParams
from lai.core.records import Message
from lai.tasks.hub import HubError
from lai.tasks.loading import load
from lai.tasks.prompting import messages

Render = Callable[[list[Message]], str]
COLUMNS = ("task", "family", "role", "scorer", "licence", "pool", "dev", "test", "loads here")
COUNTS = (5, 6, 7)
"""The columns that hold a number of items."""
WIDTH = 6
"""The width of such a column: lines are printed before the numbers of the next ones are known."""


def known(params: Params) -> dict[str, TaskParams]:
    """The tasks of params.yaml, then the declared benchmarks that are not among them."""
    found = dict(params.tasks)
    used = {task.benchmark for task in found.values()} | set(found)
    for name, declared in benchmarks.declarations().items():
        if name not in used:
            found[name] = TaskParams.model_validate(declared)
    return found


def listing(tasks: Mapping[str, TaskParams], prepare: PrepareParams, seed: int) -> Iterator[str]:
    """A line a task, those that need no Hub first, then why some do not load, and how to mend it.

    Each is loaded as `prepare` would, so the items counted are those drawn, and its line is there
    as soon as it is.
    """
    told = {name: _told(name, task) for name, task in tasks.items()}
    widths = [max(map(len, column)) for column in zip(COLUMNS, *told.values(), strict=False)]
    widths += [WIDTH for _ in COUNTS]
    yield _line(COLUMNS, widths)
    reasons: dict[str, list[str]] = {}
    for name in sorted(tasks, key=lambda name: _on_hub(tasks[name])):
        counts: tuple[str, ...] = ("-",) * len(COUNTS)
        loads = "yes"
        try:
            splits = load({name: tasks[name]}, prepare, seed)
            sizes = (len(splits.pool), len(splits.dev), len(splits.test))
            counts = tuple(str(size) if size else "-" for size in sizes)
        except HubError as error:
            loads = "no: Hub out of reach"
            why = (
                f"the Hugging Face Hub is out of reach ({error.reason}); get online, or download "
                "the data and name local `files` as sources, see docs/TASKS.md"
            )
            reasons.setdefault(why, []).append(name)
        except PipelineError as error:
            loads = "no: see below"
            reasons.setdefault(str(error), []).append(name)
        yield _line((*told[name], *counts, loads), widths)
    for why, names in reasons.items():
        yield "\n" + wrapped(f"{', '.join(names)}: {why}")


def wrapped(text: str) -> str:
    """`text` in lines that fit a terminal; paths and addresses stay whole."""
    return textwrap.fill(
        text, 100, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _told(name: str, task: TaskParams) -> tuple[str, ...]:
    return (name, task.family, task.role, task.scorer, task.licence or "-")


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    *parts, last = cells
    return "  ".join(
        [
            *(
                cell.rjust(width) if column in COUNTS else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(parts, widths, strict=True))
            ),
            last,
        ]
    )


def _on_hub(task: TaskParams) -> bool:
    return any(source.hub for source in (task.pool, task.dev, task.test) if source)


def shown(name: str, task: TaskParams, prepare: PrepareParams, count: int, render: Render) -> str:
    """The first `count` test prompts as the model will see them, with the references.

    (A guard has dev items instead.)
    """
    splits = load({name: task}, prepare, 0)
    gold = "it is judged by" if task.fields.reference is None else "the reference answer is"
    parts = []
    for sample in (splits.test or splits.dev)[:count]:
        chat = messages(sample.input, sample.choices, splits.tasks[name], sample.metadata)
        reference = sample.reference.strip()
        below = "\n" if "\n" in reference else " "
        parts.append(f"=== {sample.id}\n{render(chat)}\n--- {gold}:{below}{reference}")
    return "\n\n".join(parts)
