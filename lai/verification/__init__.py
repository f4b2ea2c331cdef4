"""Whether a synthetic sample may be taught: small checks, each with a reason when it says no."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from lai import sandbox
from lai.asking.judging import Judge, grade
from lai.core.held_out import HeldOut
from lai.core.params.tasks import Task
from lai.core.records import Check, Sample, SyntheticSample, TrainRow, Verdict
from lai.core.text import normalized
from lai.scorers import Judgement, Question, get
from lai.tasks.prompting import messages, question_text


class Verifier:
    """Judges candidates against what is held out, what is in the pool and what is taught already.

    It remembers what it accepted, so that nothing is accepted twice in one run. `judge` grades the
    solutions of tasks with `scorer: judge`.
    """

    def __init__(
        self,
        tasks: dict[str, Task],
        held_out: Iterable[Sample],
        pool: Iterable[Sample],
        taught: Iterable[TrainRow],
        judge: Judge | None = None,
    ) -> None:
        self._tasks = tasks
        self._judge = judge
        self._held_out = HeldOut(held_out)
        self._pool = {question_text(sample.input, sample.choices) for sample in pool}
        self._prompts = {normalized(row.prompt[-1]["content"]) for row in taught}

    def __call__(self, candidates: Sequence[SyntheticSample]) -> list[Verdict]:
        """A verdict each, in the order given; of two equal questions the first one is kept.

        Raises: PipelineError when a task needs a judge and there is none, or it judges nothing.
        """
        with ThreadPoolExecutor(sandbox.workers()) as pool:
            answers = list(pool.map(self._answer_agrees, candidates))
        self._have_judged(candidates, answers)
        verdicts = []
        for sample, answer in zip(candidates, answers, strict=True):
            checks = self._checks(sample, answer)
            accepted = all(check.passed for check in checks)
            if accepted:
                self._prompts.add(self._prompt(sample))
            verdicts.append(
                Verdict(parents=[sample.id], sample=sample, accepted=accepted, checks=checks)
            )
        return verdicts

    def _checks(self, sample: SyntheticSample, answer: Check) -> list[Check]:
        distinct = len({normalized(choice) for choice in sample.choices}) == len(sample.choices)
        return [
            Check(
                name="distinct_choices",
                passed=distinct,
                detail="" if distinct else "two options are the same",
            ),
            answer,
            *self._absences(sample),
        ]

    def _absences(self, sample: SyntheticSample) -> list[Check]:
        text = question_text(sample.input, sample.choices)
        return [
            _absent(
                "not_held_out",
                self._held_out.within(sample.input, sample.choices),
                "stands in a dev or test split",
            ),
            _absent("not_in_pool", text in self._pool, "copies a pool question"),
            _absent("not_a_duplicate", self._prompt(sample) in self._prompts, "is taught already"),
        ]

    def _prompt(self, sample: SyntheticSample) -> str:
        chat = messages(sample.input, sample.choices, self._tasks[sample.task], sample.metadata)
        return normalized(chat[-1]["content"])

    def _answer_agrees(self, sample: SyntheticSample) -> Check:
        """The reference parses, and the worked solution earns a C by the task's own scorer.

        Of code the tests judge both, the solution and the function that is called the answer.
        """
        scorer = get(self._tasks[sample.task].scorer)
        try:
            reference, _ = scorer.reference(sample.reference, sample.choices)
        except ValueError as error:
            return Check(name="answer", passed=False, detail=f"the answer does not parse: {error}")
        question = Question(reference, sample.choices, sample.metadata)
        stated = {"answer": sample.reference} if self._tasks[sample.task].scorer == "code" else {}
        for what, text in {"solution": sample.solution, **stated}.items():
            check = _earned(what, scorer(question, text))
            if not check.passed:
                return check
        return Check(name="answer", passed=True)

    def _have_judged(self, candidates: Sequence[SyntheticSample], answers: list[Check]) -> None:
        """Put the judge's word into `answers` where the task's scorer is the judge.

        All are asked at once, and no call is spent on what another check turns down.
        """
        open_ended = [
            index
            for index, sample in enumerate(candidates)
            if self._tasks[sample.task].scorer == "judge"
            and all(check.passed for check in self._checks(sample, answers[index]))
        ]
        items = [
            (sample, sample.solution, self._tasks[sample.task])
            for sample in (candidates[index] for index in open_ended)
        ]
        judgements = grade(self._judge, items, may_fail=True)
        for index, judgement in zip(open_ended, judgements, strict=True):
            answers[index] = _earned("solution", judgement)


def _earned(what: str, judgement: Judgement) -> Check:
    passed = judgement.value == "C"
    detail = "" if passed else f"the {what} does not earn its answer: {judgement.explanation}"
    return Check(name="answer", passed=passed, detail=detail[:500])


def _absent(name: str, found: bool, detail: str) -> Check:
    return Check(name=name, passed=not found, detail=f"the question {detail}" if found else "")


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
