"""What was taught, and which questions it was written for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lai.core.jsonl import index, read
from lai.core.records import Analysis, Pair, Sample, TrainRow, Verdict
from lai.core.reviewing import learned_from

SHARED = ("skill", "subject")
"""Keys of a sample's metadata that say what it is about."""


@dataclass(frozen=True)
class Lesson:
    """An instructor's finding, with the pool samples behind it."""

    analysis: str
    iteration: str
    task: str
    skill: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Taught:
    """A row or pair of the training data. `lesson`: what it was written for, if it is an exercise.

    `about`: (key, value) pairs by which a question is known to ask for the same thing.
    """

    id: str
    task: str
    iteration: str
    question: str
    choices: tuple[str, ...]
    solution: str
    lesson: Lesson | None
    about: frozenset[tuple[str, str]]


def lessons(folder: Path, iterations: Sequence[str]) -> dict[str, Lesson]:
    """The findings of all iterations, by the analysis' id."""
    return {
        lesson.analysis: lesson
        for iteration in iterations[1:]
        for lesson in _of_iteration(folder / iteration, iteration)
    }


def _of_iteration(folder: Path, iteration: str) -> Iterator[Lesson]:
    given, wrong = learned_from(folder)
    seeds, errors = index(given), index(wrong)
    for analysis in read(Analysis, folder / "analyses.jsonl"):
        seed = seeds[analysis.seed]
        samples = (seed.sample, *(errors[other].sample for other in seed.others))
        yield Lesson(analysis.id, iteration, analysis.task, analysis.skill, samples)


def taught(
    folder: Path,
    iterations: Sequence[str],
    found: Mapping[str, Lesson],
    pool: Mapping[str, Sample],
) -> list[Taught]:
    """The training data of the last iteration, which holds that of those before it.

    Of a pair it is the response that is chosen.
    """
    verdicts: dict[str, Verdict] = {}
    for name in iterations[1:]:
        verdicts |= index(read(Verdict, folder / name / "verdicts.jsonl"))
    rows = read(TrainRow, folder / iterations[-1] / "train.jsonl")
    pairs = read(Pair, folder / iterations[-1] / "pairs.jsonl")
    replaced = {pair.instead for pair in pairs}
    return [
        _taught(row, verdicts.get(row.parents[0] if row.parents else ""), found, pool)
        for row in rows
        if row.id not in replaced
    ] + [_preferred(pair, pool) for pair in pairs]


def _preferred(pair: Pair, pool: Mapping[str, Sample]) -> Taught:
    return Taught(
        id=pair.id,
        task=pair.task,
        iteration=pair.iteration,
        question=pair.prompt[-1]["content"],
        choices=(),
        solution=pair.chosen[-1]["content"],
        lesson=None,
        about=frozenset(what(pool[pair.parents[-1]])),
    )


def _taught(
    row: TrainRow,
    verdict: Verdict | None,
    found: Mapping[str, Lesson],
    pool: Mapping[str, Sample],
) -> Taught:
    lesson = found.get(verdict.sample.parents[0]) if verdict and verdict.sample.parents else None
    about: set[tuple[str, str]] = set()
    if lesson:
        about.add(("skill", lesson.skill.casefold()))
        for sample in lesson.samples:
            about |= what(pool[sample])
    return Taught(
        id=row.id,
        task=row.task,
        iteration=row.iteration,
        question=verdict.sample.input if verdict else row.prompt[-1]["content"],
        choices=tuple(verdict.sample.choices) if verdict else (),
        solution=row.completion[-1]["content"],
        lesson=lesson,
        about=frozenset(about),
    )


def what(sample: Sample) -> set[tuple[str, str]]:
    """What a sample is about, as its metadata has it."""
    return {
        (key, str(sample.metadata[key]).casefold()) for key in SHARED if sample.metadata.get(key)
    }
