"""Which skills the errors were about, and what became of those errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lai.core.jsonl import read
from lai.core.records import Error, Score, Weakness
from lai.report.trail import Lesson, Taught

MOST = 50
"""So many weaknesses stand on the page, the largest first."""


@dataclass(frozen=True)
class Row:
    """A weakness: the pool questions that showed it when it was first found, and what came later.

    `before`: so many questions. `again`: how many of them the last eval asked again, None where no
    later eval did; `after`: how many of those were still not answered rightly. `taught`: exercises
    written for it over all iterations.
    """

    task: str
    skill: str
    iteration: str
    before: int
    again: int | None
    after: int
    taught: int


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
    """Every weakness that was named, the one with most questions behind it first."""
    if len(iterations) < 2:
        return []
    last = folder / iterations[-1]
    wrong = {error.sample for error in read(Error, last / "errors.jsonl")}
    asked = {score.sample for score in read(Score, last / "scores.jsonl")}
    written = Counter(row.lesson.analysis for row in taught if row.lesson)
    rows = []
    for (task, _), one in _gathered(folder, iterations, found).items():
        later = one.iteration != iterations[-1]
        rows.append(
            Row(
                task=task,
                skill=one.skill,
                iteration=one.iteration,
                before=len(one.samples),
                again=len(one.samples & asked) if later else None,
                after=len(one.samples & wrong) if later else 0,
                taught=sum(written[analysis] for analysis in one.analyses),
            )
        )
    return sorted(rows, key=lambda row: (-row.before, -row.taught, row.task, row.skill))


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
