"""The instructor solves questions without seeing their answers: a second opinion on a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from lai.asking import Shape, ask, request
from lai.asking.judging import Judge, grade
from lai.core.params.schema import InstructorParams
from lai.core.params.tasks import Task
from lai.core.prompts import render
from lai.core.records import Sample, SyntheticSample, Value
from lai.engines.base import Engine, Request
from lai.scorers import Judgement, get, together
from lai.tasks.prompting import messages, question

NOTHING = Judgement("N", None, "there is no answer")


class SolutionShape(Shape):
    """What the instructor answers to a question."""

    solution: str = Field(min_length=1)


@dataclass(frozen=True)
class Solved:
    """How a solve compares with the reference: `value` C where it agrees, I where it contradicts.

    N where it holds no answer that could be compared; `reason` then says why.
    """

    value: Value
    answer: str
    reason: str
    request_key: str


@dataclass(frozen=True)
class Solver:
    """Who solves, and how it is asked. `judge` compares the answers of open-ended tasks."""

    engine: Engine
    instructor: InstructorParams
    tasks: Mapping[str, Task]
    seed: int
    judge: Judge | None = None

    def __call__(self, samples: Sequence[Sample | SyntheticSample], draw: int) -> list[Solved]:
        """The `draw`-th independent solve of each sample, in order.

        A question has one request for each draw, whatever it is asked for, so that a reply that is
        kept serves every iteration.
        """
        requests = [self._request(sample, draw) for sample in samples]
        asked = ask(self.engine, requests, SolutionShape)
        replies = [asked[sent.key] for sent in requests]
        texts = [reply.value.solution if reply.value else "" for reply in replies]
        return [
            Solved(
                said.value, said.answer or "", reply.reason or said.explanation, reply.request.key
            )
            for reply, said in zip(replies, self._compared(samples, texts), strict=True)
        ]

    def _request(self, sample: Sample | SyntheticSample, draw: int) -> Request:
        task = self.tasks[sample.task]
        shown = messages(sample.input, sample.choices, task, sample.metadata)[-1]["content"]
        text = render("verify/solve.jinja", question=shown, answer_kind=task.scorer)
        # A server that heeds the seed would answer every draw of one seed alike.
        return request(text, SolutionShape, self.instructor, self.seed + draw, draw)

    def _compared(
        self, samples: Sequence[Sample | SyntheticSample], texts: Sequence[str]
    ) -> list[Judgement]:
        """Each text against its sample's reference, by the task's scorer; "" is no answer."""
        found = {place: NOTHING for place, text in enumerate(texts) if not text}
        rest = [place for place in range(len(texts)) if place not in found]
        tasks = {place: self.tasks[samples[place].task] for place in rest}
        graded = [place for place in rest if tasks[place].scorer == "judge"]
        items = [(samples[place], texts[place], tasks[place]) for place in graded]
        found |= zip(graded, grade(self.judge, items, may_fail=True), strict=True)
        scored = [place for place in rest if place not in found]
        judged = together.judge(
            (get(tasks[place].scorer), question(samples[place]), texts[place], False)
            for place in scored
        )
        found |= zip(scored, judged, strict=True)
        return [found[place] for place in range(len(texts))]
