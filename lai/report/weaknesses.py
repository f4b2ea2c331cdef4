"""Which skills the errors were about, and what became of those errors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lai.attribution.taught import Lesson, Taught
from lai.core.jsonl import read
from lai.core.records import Score, Weakness
from lai.core.reviewing import set_aside

MOST = 50
"""So many weaknesses stand on the page; every task has its share of them."""


@dataclass(frozen=True)
class Row:
    """A weakness: the pool questions that showed it when it was first found, and what came later.

    `before`: so many questions. `again`: how many of them the last eval measured again, None where
    no later eval did; `after`: how many of those were still not answered rightly. `taught`:
    exercises written for it over all iterations.
    """

    task: str
    skill: str
    iteration: str
    before: int
    again: int | None
    after: int
    taught: int

    @property
    def left(self) -> float:
        """The share of the questions measured again that were still not answered rightly."""
        return self.after / self.again if self.again else math.inf


@dataclass(frozen=True)
class Shown:
    """The weaknesses of a task that stand on the page, and how many it has in all."""

    task: str
    total: int
    rows: list[Row]


@dataclass
class _Found:
    skill: str
    iteration: str
    samples: set[str] = field(default_factory=set)
    analyses: set[str] = field(default_factory=set)


def weaknesses(
    folder: Path,
    iterations: Sequence[str],
    found: Mapping[str, Lesson],
    taught: Iterable[Taught],
) -> list[Row]:
    """Every weakness that was named, the one with most questions behind it first.

    A question that the target was trained on since is no measure of it, nor is one whose reference
    was set aside: neither is counted as measured again.
    """
    if len(iterations) < 2:
        return []
    last = folder / iterations[-1]
    aside = {suspect.sample for suspect in set_aside(last)}
    right = {
        score.sample: score.value == "C"
        for score in read(Score, last / "scores.jsonl")
        if not score.seen_in_training and score.sample not in aside
    }
    written = Counter(row.lesson.analysis for row in taught if row.lesson)
    rows = []
    for (task, _), one in _gathered(folder, iterations, found).items():
        later = one.iteration != iterations[-1]
        again = [right[sample] for sample in one.samples if later and sample in right]
        rows.append(
            Row(
                task=task,
                skill=one.skill,
                iteration=one.iteration,
                before=len(one.samples),
                again=len(again) if later else None,
                after=again.count(False),
                taught=sum(written[analysis] for analysis in one.analyses),
            )
        )
    return sorted(rows, key=order)


def order(row: Row) -> tuple[int, float, int, str, str]:
    """The largest first; of equals those that lost most errors, then those most taught."""
    return -row.before, row.left, -row.taught, row.task, row.skill


def shown(rows: Sequence[Row], most: int = MOST) -> list[Shown]:
    """The largest weaknesses of each task, every task's as many as those of the others.

    What a task does not need goes to the others. Where the cut goes through weaknesses of one size,
    half are those that lost the largest share of their errors and half those that lost the least.
    `rows`: as `weaknesses` sorts them.
    """
    tasks: dict[str, list[Row]] = {}
    for row in rows:
        tasks.setdefault(row.task, []).append(row)
    turns = sorted((turn, task) for task, mine in tasks.items() for turn in range(len(mine)))
    parts = Counter(task for _, task in turns[:most])
    return [
        Shown(task, len(mine), _largest(mine, parts[task])) for task, mine in sorted(tasks.items())
    ]


def _largest(rows: Sequence[Row], count: int) -> list[Row]:
    if count in (0, len(rows)):
        return list(rows[:count])
    size = rows[count].before
    larger = [row for row in rows if row.before > size]
    equal = [row for row in rows if row.before == size]
    known = [row for row in equal if row.left < math.inf]
    wanted = count - len(larger)
    told = min(wanted, len(known))
    ends = [*known[: told - told // 2], *known[len(known) - told // 2 :]]
    return [*larger, *ends, *equal[len(known) :][: wanted - told]]


def _gathered(
    folder: Path, iterations: Sequence[str], found: Mapping[str, Lesson]
) -> dict[tuple[str, str], _Found]:
    """A skill's questions are those of its first iteration, its analyses those of all."""
    gathered: dict[tuple[str, str], _Found] = {}
    for iteration in iterations[1:]:
        for weakness in read(Weakness, folder / iteration / "weaknesses.jsonl"):
            key = weakness.task, weakness.skill.casefold()
            one = gathered.setdefault(key, _Found(weakness.skill, iteration))
            one.analyses |= set(weakness.parents)
            if one.iteration == iteration:
                for analysis in weakness.parents:
                    one.samples |= set(found[analysis].samples)
    return gathered
