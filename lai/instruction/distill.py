"""Pool questions taught with the instructor's own solutions, where the reference agrees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lai.asking import ask, forget, request
from lai.asking.judging import Judge, grade
from lai.asking.solving import SolutionShape
from lai.core.errors import PipelineError
from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.params.tasks import Task
from lai.core.prompts import render
from lai.core.records import Check, Failure, Sample, SyntheticSample, Verdict
from lai.core.reviewing import Decisions
from lai.engines.base import Engine
from lai.instruction.account import check_yield
from lai.instruction.taught import Direct, Taught
from lai.overlap import HeldOut, Text
from lai.scorers import Judgement, Question, get
from lai.tasks.prompting import messages

Checks = Callable[[SyntheticSample], Iterable[tuple[str, str | None]]]
"""Names of checks, each with why it says no: "" where it passes, None where it has no say."""


@dataclass(frozen=True)
class Distiller:
    """Has the instructor solve pool questions; `judge` grades those of tasks with `scorer: judge`.

    `checks`: what is looked at beside the answer. What a person said (`decisions`) overrules all of
    it, but that nothing `held_out` is taught.
    """

    tasks: Mapping[str, Task]
    engine: Engine
    instructor: InstructorParams
    params: SynthesizeParams
    seed: int
    judge: Judge | None
    decisions: Decisions
    held_out: HeldOut | None
    checks: Checks

    def __call__(self, waiting: list[Sample], count: int, result: Direct) -> list[Taught]:
        """The first `count` whose solutions are accepted, others in place of those that are not.

        Verdicts and failures are noted in `result`. Raises: PipelineError where no reply is usable,
        or too few of the solutions so far are accepted, see `check_yield`.
        """
        rows: list[Taught] = []
        for _ in range(self.params.max_rounds):
            batch, waiting = waiting[: count - len(rows)], waiting[count - len(rows) :]
            if not batch:
                break
            requests = {
                one.id: request(self._question(one), SolutionShape, self.instructor, self.seed)
                for one in batch
            }
            asked = ask(self.engine, list(requests.values()), SolutionShape)
            if not result.verdicts and all(one.value is None for one in asked.values()):
                forget(self.engine, asked)
                reason = next(iter(asked.values())).reason
                raise PipelineError(
                    f"no usable solution in {len(asked)} replies: the first one failed because "
                    f"{reason}; check the instructor in params.yaml"
                )
            for one in batch:
                exchange = asked[requests[one.id].key]
                if exchange.value is None:
                    result.failures.append(
                        Failure(
                            parents=[one.id],
                            task=one.task,
                            step="synthesize",
                            reason=exchange.reason,
                            reply=exchange.reply.text,
                            request_key=exchange.request.key,
                        )
                    )
                    continue
                verdict = self._verdict(one, exchange.value.solution, exchange.request.key)
                result.verdicts.append(verdict)
                if verdict.accepted:
                    rows.append((one, verdict.sample.solution, [verdict.id]))
            check_yield(result.verdicts, self.params.min_yield)
        return rows

    def _question(self, sample: Sample) -> str:
        task = self.tasks[sample.task]
        shown = messages(sample.input, sample.choices, task, sample.metadata)[-1]["content"]
        return render("synthesize/solution.jinja", question=shown, answer_kind=task.scorer)

    def _verdict(self, sample: Sample, solution: str, request_key: str) -> Verdict:
        """Accepted when it passes the checks and earns a C by the pool's reference, or by a person.

        A solution that holds a dev or test question is never taught.
        """
        judged = self._judged(sample, solution)
        made = SyntheticSample(
            parents=[sample.id],
            task=sample.task,
            input=sample.input,
            choices=sample.choices,
            reference=sample.reference,
            solution=solution,
            request_key=request_key,
        )
        checks = [
            Check(name=name, passed=not reason, detail=reason)
            for name, reason in self.checks(made)
            if reason is not None
        ]
        answer = Check(name="answer", passed=judged.value == "C", detail=judged.explanation[:500])
        checks.append(answer)
        word = self.decisions.word(made.id)
        passed = all(one.passed for one in checks)
        accepted = word == "accept" if word in ("accept", "reject") else passed
        said = [Check(name="person", passed=accepted)] if word else []
        held = self.held_out.copied(Text.of(sample, solution)) if self.held_out else ""
        apart = Check(name="not_held_out", passed=not held, detail=held)
        return Verdict(
            parents=[made.id],
            sample=made,
            accepted=accepted and not held,
            checks=[apart, *checks, *said],
        )

    def _judged(self, sample: Sample, solution: str) -> Judgement:
        task = self.tasks[sample.task]
        if task.scorer == "judge":
            return grade(self.judge, [(sample, solution, task)], may_fail=True)[0]
        return get(task.scorer)(
            Question(sample.reference, sample.choices, sample.metadata), solution
        )
