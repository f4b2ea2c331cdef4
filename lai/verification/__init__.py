"""Whether a synthetic sample may be taught: small checks, each with a reason when it says no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from lai import sandbox
from lai.asking.judging import Judge
from lai.asking.solving import Solver
from lai.core.params.checks import ChecksParams
from lai.core.params.tasks import Task
from lai.core.records import Sample, SyntheticSample, TrainRow, Verdict
from lai.core.reviewing import Decisions
from lai.overlap import HeldOut, Text
from lai.tasks.prompting import messages
from lai.verification.asked import asked_checks
from lai.verification.candidates import Candidate
from lai.verification.free import Free
from lai.verification.known import Known
from lai.verification.too_easy import Student

TRIES = 3
"""Candidates that are nearly the same, of which a model is asked before all others are let go: an
instructor that says one thing again and again would have a call for each, one after the other."""


class Verifier:
    """Judges candidates against what is held out, what is in the pool and what is taught already.

    It remembers what it accepted, so that nothing is accepted twice in one run. `judge` grades the
    solutions of tasks with `scorer: judge`; `solver` solves them again, `student` is the target.
    `sources`: the questions that samples were written for, by the samples' first parents. What a
    person said (`decisions`) overrules all of it but that it copies what is `held_out`.
    """

    def __init__(
        self,
        tasks: dict[str, Task],
        held_out: Iterable[Sample],
        pool: Iterable[Sample],
        taught: Iterable[TrainRow],
        judge: Judge | None = None,
        checks: ChecksParams | None = None,
        solver: Solver | None = None,
        student: Student | None = None,
        sources: Mapping[str, str] | None = None,
        decisions: Decisions | None = None,
    ) -> None:
        checks = checks or ChecksParams()
        self._decisions = decisions or Decisions()
        self.free = Free(tasks, pool, sources or {}, checks)
        self._asked = asked_checks(tasks, checks, judge, solver, student)
        limits = {name: task.overlap for name, task in tasks.items()}
        self.held_out = HeldOut(held_out, limits)
        self._known = Known(tasks, checks, taught)

    def __call__(self, samples: Sequence[SyntheticSample]) -> list[Verdict]:
        """A verdict each, in the order given; of two equal questions the first one is kept.

        What a model has to be asked for is asked only of what passed everything else.

        Raises: PipelineError when a task needs a judge and there is none, or it judges nothing.
        """
        candidates = [Candidate(sample, self._decisions) for sample in samples]
        self._look(candidates)
        decided = [one for one in candidates if one.decided]
        waiting = [one for one in candidates if not one.decided]
        self._remember(decided)
        while waiting:
            wave, waiting = self._first_of_each(waiting)
            self._ask(wave)
            self._remember(wave)
        return [one.verdict() for one in candidates]

    def _look(self, candidates: Sequence[Candidate]) -> None:
        """Make the checks that ask nobody, those that run programs side by side."""
        texts = [Text.of(one.sample, one.sample.solution) for one in candidates]
        held = self.held_out.found(texts)
        for one, text, reason in zip(candidates, texts, held, strict=True):
            one.hold(reason, bool(reason and self.held_out.copied(text)))
            for name, said in self.free.read(one.sample):
                one.add(name, said)
        with ThreadPoolExecutor(sandbox.workers()) as pool:
            run = pool.map(lambda one: self.free.run(one.sample, one.passes), candidates)
            for one, found in zip(candidates, run, strict=True):
                for name, said in found:
                    one.add(name, said)

    def _first_of_each(
        self, waiting: Sequence[Candidate]
    ) -> tuple[list[Candidate], list[Candidate]]:
        """Those that may go on, and those that wait for what becomes of an equal one of these."""
        ahead = self._known.empty()
        first, later = [], []
        for one in waiting:
            if one.passes and one.waited < TRIES and ahead.repeats(one.sample):
                one.waited += 1
                later.append(one)
                continue
            gone = f"{TRIES} like it were turned down already" if one.waited == TRIES else ""
            one.add("not_a_duplicate", self._known.repeats(one.sample) or gone)
            if one.passes:
                ahead.add(one.sample)
                first.append(one)
        return first, later

    def _ask(self, candidates: Sequence[Candidate]) -> None:
        """Make the checks that ask a model, one after the other, each of what is left."""
        for name, ask in self._asked.items():
            left = [one for one in candidates if one.may_ask(name)]
            for one, reason in zip(left, ask([one.sample for one in left]), strict=True):
                one.add(name, reason)

    def _remember(self, candidates: Sequence[Candidate]) -> None:
        for one in candidates:
            if one.accepted:
                self._known.add(one.sample)


def train_rows(
    verdicts: Iterable[Verdict], tasks: dict[str, Task], iteration: str
) -> list[TrainRow]:
    """The accepted samples as chats: the target's own prompt and the worked solution."""
    return [
        TrainRow(
            parents=[verdict.id],
            task=verdict.sample.task,
            iteration=iteration,
            prompt=messages(
                verdict.sample.input,
                verdict.sample.choices,
                tasks[verdict.sample.task],
                verdict.sample.metadata,
            ),
            completion=[{"role": "assistant", "content": verdict.sample.solution}],
        )
        for verdict in verdicts
        if verdict.accepted
    ]
