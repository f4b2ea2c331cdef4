"""The checks that ask a model, and of which each call may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lai.asking.judging import Judge, grade
from lai.asking.solving import Solver
from lai.core.params.checks import ChecksParams
from lai.core.params.tasks import Task
from lai.core.records import SyntheticSample
from lai.verification.answers import unearned
from lai.verification.solved_again import contradicted
from lai.verification.too_easy import Student

Ask = Callable[[Sequence[SyntheticSample]], Sequence[str | None]]
"""For each sample why it is turned down, "" where it passes, None where nothing is asked."""


def asked_checks(
    tasks: Mapping[str, Task],
    params: ChecksParams,
    judge: Judge | None,
    solver: Solver | None,
    student: Student | None,
) -> dict[str, Ask]:
    """The checks that are switched on, by the name in a verdict, in the order to be made.

    `judge` grades the solutions of tasks with `scorer: judge`; `solver` solves samples again;
    `student` is the target.
    """
    found: dict[str, Ask] = {}
    if params.answer:
        found["answer"] = lambda samples: _judged(samples, tasks, judge)
    if params.solved_again and solver:
        votes = params.solved_again
        found["solved_again"] = lambda samples: contradicted(samples, solver, votes)
    if params.too_easy and student:
        found["not_too_easy"] = student.solves
    return found


def _judged(
    samples: Sequence[SyntheticSample], tasks: Mapping[str, Task], judge: Judge | None
) -> list[str | None]:
    """Why a solution does not earn its answer by the judge's word, where it is the judge's."""
    mine = [place for place, one in enumerate(samples) if tasks[one.task].scorer == "judge"]
    items = [(samples[i], samples[i].solution, tasks[samples[i].task]) for i in mine]
    judgements = dict(zip(mine, grade(judge, items, may_fail=True), strict=True))
    return [
        unearned("solution", judgements[place]) if place in judgements else None
        for place in range(len(samples))
    ]
