"""The checks that cost no call, in one table."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lai.core.params.checks import ChecksParams
from lai.core.params.tasks import Task
from lai.core.records import Sample, SyntheticSample
from lai.overlap import copied_share
from lai.overlap.words import LONG, words
from lai.scorers.options import Options
from lai.tasks.prompting import question_text
from lai.verification.answers import disagrees
from lai.verification.arithmetic import wrong_equation
from lai.verification.choices import ambiguous
from lai.verification.language import other_language
from lai.verification.programs import changes, constant, passes_empty

Said = tuple[str, str | None]
"""A check's name, and why it says no: "" where it passes, None where it has nothing to say."""


@dataclass(frozen=True)
class Surroundings:
    """What a check may look at beside the sample: its task, its source question, the pool's."""

    task: Task
    source: str
    pool: Container[str]
    params: ChecksParams


Look = Callable[[SyntheticSample, Surroundings], str | None]


def _language(sample: SyntheticSample, around: Surroundings) -> str | None:
    if not around.source:
        return None
    solution = "" if around.task.scorer == "code" else sample.solution
    # Where it reasons towards an answer; one that is the answer may be a translation.
    apart = solution if around.task.scorer in ("number", "choice") else ""
    whole = f"{sample.input}\n{solution}"
    return other_language(whole, around.source) or other_language(apart, around.source)


def _choices(sample: SyntheticSample, around: Surroundings) -> str | None:
    if around.task.scorer != "choice" and not sample.choices:
        return None
    return ambiguous(sample.choices, sample.reference)


def _arithmetic(sample: SyntheticSample, around: Surroundings) -> str | None:
    if around.task.scorer != "number":
        return None
    wrong = wrong_equation(sample.solution)
    return f"the solution miscalculates: {wrong}"[:300] if wrong else ""


def _in_pool(sample: SyntheticSample, around: Surroundings) -> str | None:
    copied = question_text(sample.input, sample.choices) in around.pool
    return "the question copies a pool question" if copied else ""


def _copied(sample: SyntheticSample, around: Surroundings) -> str | None:
    if not around.source or around.params.copied is None:
        return None
    copied = copied_share(sample.input, around.source) >= around.params.copied
    return "the question copies its source" if copied and not _of_anybody(sample, around) else ""


def _of_anybody(sample: SyntheticSample, around: Surroundings) -> bool:
    """Whether it is a short stem ("Which of these is true?") with a right option of its own, and
    with most of its options: another word in the right one alone is still a copy."""
    place = Options(sample.choices).index(sample.reference.strip())
    if place is None or len(words(sample.input)) >= LONG:
        return False
    source, *told = (" ".join(words(one)) for one in (around.source, *sample.choices))
    known = [f" {one} " in f" {source} " for one in told]
    return bool(told[place]) and not known[place] and 2 * sum(known) < len(known)


def _answer(sample: SyntheticSample, around: Surroundings) -> str | None:
    reason = disagrees(sample, around.task)
    return reason or (None if around.task.scorer == "judge" else "")


def _stub(sample: SyntheticSample, around: Surroundings) -> str | None:
    if around.task.scorer != "code":
        return None
    return passes_empty(sample) or constant(sample)


def _deterministic(sample: SyntheticSample, around: Surroundings) -> str | None:
    return changes(sample) if around.task.scorer == "code" else None


READ: dict[str, tuple[str, Look]] = {
    "language": ("language", _language),
    "choices": ("choices", _choices),
    "arithmetic": ("arithmetic", _arithmetic),
    "not_in_pool": ("in_pool", _in_pool),
    "not_copied": ("copied", _copied),
}
"""By the name in a verdict: the param that switches it, and the check."""

OF_SOLUTIONS = ("language", "arithmetic")
"""Those that look at the solution; what is asked is the pool's own."""

RUN: dict[str, tuple[str, Look]] = {
    "answer": ("answer", _answer),
    "stub": ("stub", _stub),
    "deterministic": ("deterministic", _deterministic),
}
"""Those that may run programs; the last two say nothing of a sample that is turned down already."""


class Free:
    """The checks of `params`. `sources`: the questions that samples were written for."""

    def __init__(
        self,
        tasks: Mapping[str, Task],
        pool: Iterable[Sample],
        sources: Mapping[str, str],
        params: ChecksParams,
    ) -> None:
        self._tasks = tasks
        self._pool = {question_text(sample.input, sample.choices) for sample in pool}
        self._sources = sources
        self._params = params
        on = params.model_dump()
        self._read = {name: look for name, (param, look) in READ.items() if on[param]}
        self._run = {name: look for name, (param, look) in RUN.items() if on[param]}

    def read(self, sample: SyntheticSample) -> Iterator[Said]:
        """What can be said without running anything."""
        around = self._around(sample)
        for name, look in self._read.items():
            yield name, look(sample, around)

    def solution(self, sample: SyntheticSample) -> list[Said]:
        """The same of a solution to a pool question, as far as it is about the solution."""
        around = Surroundings(self._tasks[sample.task], sample.input, (), self._params)
        looks = {name: self._read[name] for name in OF_SOLUTIONS if name in self._read}
        return [(name, look(sample, around)) for name, look in looks.items()]

    def run(self, sample: SyntheticSample, passes: bool) -> list[Said]:
        """What programs say; `passes`: whether nothing has turned the sample down so far."""
        around = self._around(sample)
        found: list[Said] = []
        for name, look in self._run.items():
            if name == "answer" or passes:
                found.append((name, look(sample, around)))
                passes = passes and not found[-1][1]
        return found

    def _around(self, sample: SyntheticSample) -> Surroundings:
        source = self._sources.get(sample.parents[0], "") if sample.parents else ""
        return Surroundings(self._tasks[sample.task], source, self._pool, self._params)
