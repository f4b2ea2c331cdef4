"""Errors whose reference answer is doubtful are set aside: a mislabelled item is no lesson.

(LoopTool, arXiv 2511.09148, shows what it costs to teach them.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lai.asking import solving
from lai.asking.solving import Solver
from lai.core.params.checks import SuspectsParams
from lai.core.records import Error, Sample, Seed, Solved
from lai.core.reviewing import Decisions, Solve, Suspect
from lai.scorers import get, together
from lai.tasks.exemplars import tests_alone
from lai.tasks.prompting import question

OPEN_ENDED = "judge"
LONGEST = 500


@dataclass
class Inquest:
    """A question that was answered, with all that was found about its reference."""

    answered: Error | Solved
    sample: Sample
    failing: str = ""
    solves: list[solving.Solved] = field(default_factory=list)

    @property
    def contradicted(self) -> bool:
        """Whether nothing found so far agrees with the reference."""
        return bool(self.failing) or all(one.value == "I" for one in self.solves)

    def suspect(self, reason: str) -> Suspect:
        """The record of it."""
        return Suspect(
            parents=[self.answered.id],
            task=self.sample.task,
            sample=self.sample.id,
            reference=self.sample.reference,
            found=[Solve(answer=one.answer, request_key=one.request_key) for one in self.solves],
            agree=len({one.answer for one in self.solves}) == 1,
            reason=reason[:LONGEST],
        )


def find(
    seeds: Sequence[Seed],
    errors: Sequence[Error],
    samples: Mapping[str, Sample],
    solver: Solver,
    params: SuspectsParams | None,
    decisions: Decisions,
) -> list[Suspect]:
    """The errors behind `seeds` whose references are doubtful, see `examine`."""
    wanted = {one.error for one in seeds} | {other for one in seeds for other in one.others}
    behind = [one for one in errors if one.id in wanted]
    return examine(behind, samples, solver, params, decisions)


def examine(
    answered: Sequence[Error | Solved],
    samples: Mapping[str, Sample],
    solver: Solver,
    params: SuspectsParams | None,
    decisions: Decisions,
) -> list[Suspect]:
    """The errors among what was `answered` whose references all of `params.solves` contradict.

    Of code the reference itself is run first, of solved questions too: one that fails its own tests
    is doubtful without asking anybody. The errors left are solved in rounds, each of what the ones
    before contradicted; a reply without an answer contradicts nothing. Open answers are passed
    over. What a person said holds without asking, whatever the target answered.
    """
    by_sample = {one.sample: Inquest(one, samples[one.sample]) for one in answered}
    found = [
        inquest.suspect("a person said that its reference is wrong")
        for sample, inquest in sorted(by_sample.items())
        if decisions.word(sample) == "wrong"
    ]
    if params is None:
        return found
    open_cases = [
        inquest
        for sample, inquest in sorted(by_sample.items())
        if decisions.word(sample) not in ("right", "wrong")
    ]
    _run_references(open_cases, solver)
    found += [one.suspect(one.failing) for one in open_cases if one.failing]
    left = [
        one
        for one in open_cases
        if not one.failing
        and isinstance(one.answered, Error)
        and solver.tasks[one.sample.task].scorer != OPEN_ENDED
    ]
    for draw in range(params.solves):
        solves = solver([one.sample for one in left], draw)
        for inquest, solved in zip(left, solves, strict=True):
            inquest.solves.append(solved)
        left = [one for one in left if one.contradicted]
    return found + [one.suspect(_contradiction(one)) for one in left]


def look(
    samples: Mapping[str, Sample], solver: Solver, params: SuspectsParams | None, said: Decisions
) -> Callable[[Sequence[Error | Solved]], list[Suspect]]:
    """What finds the doubtful among references that are taught as they are, see `examine`."""
    return lambda answered: examine(answered, samples, solver, params, said)


def _run_references(inquests: Sequence[Inquest], solver: Solver) -> None:
    """Note why a canonical solution fails the tests that it comes with."""
    coded = [
        one
        for one in inquests
        if solver.tasks[one.sample.task].scorer == "code" and not tests_alone(one.sample)
    ]
    judged = together.judge(
        (get("code"), question(one.sample), one.sample.reference, False) for one in coded
    )
    for inquest, said in zip(coded, judged, strict=True):
        if said.value != "C":
            inquest.failing = f"the reference solution fails its own tests: {said.explanation}"


def _contradiction(inquest: Inquest) -> str:
    solves = inquest.solves
    told = "all of them the same" if len({one.answer for one in solves}) == 1 else "not all alike"
    return f"{len(solves)} of {len(solves)} solves contradict it, {told}: {solves[0].reason}"
