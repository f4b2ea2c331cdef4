"""Scorer `judge`: a language model grades open answers by a rubric (prompts/judge/NAME.jinja)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from lai.asking import Shape, ask, forget, request
from lai.core.errors import PipelineError
from lai.core.params.schema import JudgeParams, RuntimeParams, Task
from lai.core.prompts import options, render
from lai.core.records import Completion, Sample, Value
from lai.engines import open_judge as opening
from lai.engines.base import Engine
from lai.scorers import Judgement

VERDICTS: dict[str, Value] = {"correct": "C", "incorrect": "I", "no_answer": "N"}


class VerdictShape(Shape):
    """What the judge answers about one response."""

    explanation: str = Field(min_length=1)
    verdict: Literal["correct", "incorrect", "no_answer"]


@dataclass(frozen=True)
class Judge:
    """A model and how it is asked."""

    engine: Engine
    params: JudgeParams

    def __call__(self, items: Sequence[tuple[Sample, Completion, Task]]) -> list[Judgement]:
        """A judgement each, in order. An empty response is no answer, and costs no call.

        Raises: PipelineError when a response cannot be judged (the judge declined, or gave no
        verdict twice): an answer that nobody judged is neither right nor wrong.
        """
        requests = {
            index: request(_prompt(*item), VerdictShape, self.params, seed=0)
            for index, item in enumerate(items)
            if item[1].completion.strip()
        }
        asked = ask(self.engine, list(requests.values()), VerdictShape)
        failed = {key: exchange for key, exchange in asked.items() if exchange.value is None}
        if failed:
            forget(self.engine, failed)
            first = next(iter(failed.values()))
            raise PipelineError(
                f"the judge gave no verdict on {len(failed)} of {len(requests)} responses; the "
                f"first because {first.reason}; check judge.model, max_tokens and "
                "structured_output in params.yaml, and run again: other verdicts are kept"
            )
        judgements = []
        for index, (_, completion, _) in enumerate(items):
            exchange = asked[requests[index].key] if index in requests else None
            if exchange is None or exchange.value is None:
                judgements.append(Judgement("N", None, "the response is empty"))
                continue
            found = exchange.value
            answer = completion.completion.strip() if found.verdict != "no_answer" else None
            judgements.append(Judgement(VERDICTS[found.verdict], answer, found.explanation))
        return judgements


def open_judge(params: JudgeParams | None, runtime: RuntimeParams, cache: Path) -> Judge | None:
    """The judge that params.yaml names, if it does. Raises: PipelineError without key or URL."""
    return Judge(opening.open_judge(runtime, cache), params) if params else None


def _prompt(sample: Sample, completion: Completion, task: Task) -> str:
    listed = f"\n{options(sample.choices)}" if sample.choices else ""
    return render(
        f"judge/{task.rubric}.jinja",
        question=sample.input + listed,
        reference=sample.reference,
        response=completion.completion,
    )
