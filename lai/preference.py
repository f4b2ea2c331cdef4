"""Pairs to train on by preference: the reference, worked, over the target's own wrong response."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from lai import sandbox
from lai.core.drawing import grouped
from lai.core.jsonl import index
from lai.core.params.tasks import Task
from lai.core.records import Completion, Error, Message, Pair, Sample, Seed, TrainRow
from lai.scorers import get
from lai.tasks.exemplars import worked
from lai.tasks.prompting import question


def looked_at(errors: Iterable[Error], seeds: Iterable[Seed]) -> list[Error]:
    """The errors that the iteration's lessons start from: no strategy learns from any others."""
    seen = {one for seed in seeds for one in (seed.error, *seed.others)}
    return [error for error in errors if error.id in seen]


def wanted(rows: Iterable[TrainRow], share: float, iteration: str) -> dict[str, int]:
    """How many pairs a task: the `share` of the rows that the iteration has to teach."""
    count = Counter(row.task for row in rows if row.iteration == iteration)
    return {task: round(share * n) for task, n in sorted(count.items())}


def pair(
    errors: Sequence[Error],
    completions: Iterable[Completion],
    samples: Iterable[Sample],
    tasks: Mapping[str, Task],
    wanted: Mapping[str, int],
    seed: int,
    iteration: str,
) -> list[Pair]:
    """As many pairs a task as are `wanted`, of errors drawn with `seed`, or as many as there are.

    Only wrong answers are rejected. A response without an answer may be an honest one, and its
    rejection would teach to guess; one that was cut off has no end that could be unlearnt.

    A reference is chosen if it earns a C from the task's own scorer (a judge grades by it, and is
    not asked), and is another text than the response.
    """
    said, asked = index(completions), index(samples)
    wrong = grouped(error for error in errors if error.error == "wrong")
    found: list[Pair] = []
    for task, count in wanted.items():
        waiting = wrong.get(task, [])
        random.Random(f"{seed} pairs {iteration} {task}").shuffle(waiting)
        taken: list[Pair] = []
        while waiting and len(taken) < count:
            batch, waiting = waiting[: count - len(taken)], waiting[count - len(taken) :]
            taken += _sound(
                [(error, said[error.completion], asked[error.sample]) for error in batch],
                tasks[task].scorer,
                iteration,
            )
        found += taken
    return sorted(found, key=lambda pair: pair.id)


def _sound(
    items: Sequence[tuple[Error, Completion, Sample]], scorer: str, iteration: str
) -> list[Pair]:
    """The pairs of those items whose reference may be chosen."""
    with ThreadPoolExecutor(sandbox.workers()) as pool:
        earned = list(pool.map(lambda item: scorer == "judge" or _earns(item[2], scorer), items))
    return [
        Pair(
            parents=[error.id, sample.id],
            task=error.task,
            iteration=iteration,
            prompt=completion.messages,
            chosen=[_answer(worked(sample))],
            rejected=[_answer(completion.taught)],
        )
        for (error, completion, sample), right in zip(items, earned, strict=True)
        if right and worked(sample).strip() != completion.taught.strip()
    ]


def _earns(sample: Sample, scorer: str) -> bool:
    return get(scorer)(question(sample), worked(sample)).value == "C"


def _answer(text: str) -> Message:
    return {"role": "assistant", "content": text}
