"""Pairs to train on by preference: the reference, worked, over the target's own wrong response."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from lai import sandbox
from lai.core.drawing import grouped
from lai.core.jsonl import index
from lai.core.params.tasks import Task
from lai.core.records import Completion, Error, Message, Pair, Sample, Seed, TrainRow
from lai.core.reviewing import Suspect
from lai.overlap import HeldOut, Text
from lai.scorers import get
from lai.tasks.exemplars import worked
from lai.tasks.prompting import question

Item = tuple[Error, Completion, Sample]
"""An error with the response that it was and the question that it was to."""


def looked_at(
    errors: Iterable[Error], seeds: Iterable[Seed], suspects: Iterable[Suspect]
) -> list[Error]:
    """The errors that the iteration's lessons start from: no strategy learns from any others.

    Those whose reference is in doubt are left out: it would be the response to prefer.
    """
    seen = {one for seed in seeds for one in (seed.error, *seed.others)}
    aside = {one.sample for one in suspects}
    return [error for error in errors if error.id in seen and error.sample not in aside]


def replaceable(
    rows: Iterable[TrainRow], share: float, seed: int, iteration: str
) -> dict[str, list[str]]:
    """For each task the `share` of the iteration's rows, drawn with `seed`, that pairs may replace.

    So every objective has one budget: as many examples, whatever they are.
    """
    return {
        task: random.Random(f"{seed} places {iteration} {task}").sample(
            [row.id for row in group], round(share * len(group))
        )
        for task, group in grouped(row for row in rows if row.iteration == iteration).items()
    }


def pair(
    errors: Sequence[Error],
    completions: Iterable[Completion],
    samples: Iterable[Sample],
    tasks: Mapping[str, Task],
    places: Mapping[str, Sequence[str]],
    seed: int,
    iteration: str,
    held_out: HeldOut | None = None,
) -> tuple[list[Pair], int]:
    """A pair for each of the `places` of a task, or as many as there are, sorted by id.

    And how many were passed over because their question or reference is a copy of what is
    `held_out`.

    They are of errors drawn with `seed`, and only of wrong answers. A response without an answer
    may be an honest one, and its rejection would teach to guess; one that was cut off has no end
    that could be unlearnt.

    A reference is chosen if it earns a C from the task's own scorer (a judge grades by it, and is
    not asked), and is another text than the response.
    """
    said, asked = index(completions), index(samples)
    wrong = grouped(error for error in errors if error.error == "wrong")
    found: list[Pair] = []
    copies = 0
    for task, free in places.items():
        waiting = wrong.get(task, [])
        random.Random(f"{seed} pairs {iteration} {task}").shuffle(waiting)
        sound: list[Item] = []
        while waiting and len(sound) < len(free):
            size = len(free) - len(sound)
            drawn, waiting = waiting[:size], waiting[size:]
            batch = [one for one in drawn if not _copied(asked[one.sample], held_out)]
            copies += len(drawn) - len(batch)
            sound += _sound(
                [(error, said[error.completion], asked[error.sample]) for error in batch],
                tasks[task].scorer,
            )
        found += [
            Pair(
                parents=[error.id, sample.id],
                task=task,
                iteration=iteration,
                instead=instead,
                prompt=completion.messages,
                chosen=[_answer(worked(sample))],
                rejected=[_answer(completion.taught)],
            )
            for (error, completion, sample), instead in zip(sound, free, strict=False)
        ]
    return sorted(found, key=lambda pair: pair.id), copies


def _copied(sample: Sample, held_out: HeldOut | None) -> str:
    """Why what a pair would prefer is a copy of a held-out item."""
    return held_out.copied(Text.of(sample, worked(sample))) if held_out else ""


def _sound(items: Sequence[Item], scorer: str) -> list[Item]:
    """Those items whose reference may be chosen."""
    with ThreadPoolExecutor(sandbox.workers()) as pool:
        earned = list(pool.map(lambda item: scorer == "judge" or _earns(item[2], scorer), items))
    return [
        item
        for item, right in zip(items, earned, strict=True)
        if right and worked(item[2]).strip() != item[1].taught.strip()
    ]


def _earns(sample: Sample, scorer: str) -> bool:
    return get(scorer)(question(sample), worked(sample)).value == "C"


def _answer(text: str) -> Message:
    return {"role": "assistant", "content": text}
