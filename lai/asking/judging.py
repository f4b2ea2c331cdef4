"""Scorer `judge`: a language model grades open answers by a rubric (prompts/judge/NAME.jinja)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field

from lai.asking import Asked, Shape, ask, forget, request
from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import NO_JUDGE, JudgeParams, TargetParams
from lai.core.params.tasks import Task
from lai.core.prompts import options, render
from lai.core.records import Sample, SyntheticSample, Value
from lai.engines import stand_in
from lai.engines.base import Engine, Exchange
from lai.engines.store.cache import Cached
from lai.engines.store.ledger import ledger_beside
from lai.engines.store.transcripts import Transcribed
from lai.engines.target import describe_base
from lai.scorers import Judgement

VERDICTS: dict[str, Value] = {"correct": "C", "incorrect": "I", "no_answer": "N"}

Item = tuple[Sample | SyntheticSample, str, Task]
"""A question, a response to it, and the task that says by which rubric it is graded."""


class VerdictShape(Shape):
    """What the judge answers about one response."""

    explanation: str = Field(min_length=1)
    verdict: Literal["correct", "incorrect", "no_answer"]


@dataclass(frozen=True)
class Judge:
    """A model and how it is asked."""

    engine: Transcribed
    params: JudgeParams

    def __call__(self, items: Sequence[Item], may_fail: bool = False) -> list[Judgement]:
        """A judgement each, in order. An empty response is no answer, and costs no call.

        A response cannot be judged when the judge declined, or gave no verdict twice. With
        `may_fail` it counts as no answer, unless none can be judged.

        Raises: PipelineError when a response cannot be judged: an answer that nobody judged is
        neither right nor wrong.
        """
        requests = {
            index: request(_prompt(*item), VerdictShape, self.params, seed=0)
            for index, item in enumerate(items)
            if item[1].strip()
        }
        asked = ask(self.engine, list(requests.values()), VerdictShape)
        failed = {key: exchange for key, exchange in asked.items() if exchange.value is None}
        if failed and not (may_fail and len(failed) < len(asked)):
            forget(self.engine, failed)
            first = next(iter(failed.values()))
            raise PipelineError(
                f"the judge gave no verdict on {len(failed)} of {len(requests)} responses; the "
                f"first because {first.reason}; check judge.model, max_tokens and "
                "structured_output in params.yaml, and run again: other verdicts are kept"
            )
        return [
            _judgement(response, asked[requests[index].key] if index in requests else None)
            for index, (_, response, _) in enumerate(items)
        ]


def open_judge(params: JudgeParams | None, runtime: RuntimeParams, cache: Path) -> Judge | None:
    """The judge that params.yaml names, if it does, with the store of replies in front.

    Its key and URL are looked at, and its weights loaded, when it is first asked.

    Raises: PipelineError when its folder holds no model.
    """
    if params is None:
        return None
    if (rehearsed := stand_in.of("judge")) is not None:
        return Judge(Transcribed(rehearsed, cache), params)
    if params.engine == "hf":
        return _local(params, runtime, cache)

    def engine() -> Engine:
        from lai.engines.openai.engine import OpenAIEngine

        ledger = ledger_beside(cache, runtime.budget)
        return OpenAIEngine(runtime.judge, "judge", params.provider, ledger)

    return Judge(Transcribed(engine, cache, price=runtime.judge.price), params)


def _local(params: JudgeParams, runtime: RuntimeParams, cache: Path) -> Judge:
    base = describe_base(params.model, params.revision, "judge.model")
    loaded = TargetParams(model=params.model, dtype=params.dtype, max_tokens=params.max_tokens)

    def engine() -> Engine:
        from lai.engines.hf.engine import HfEngine

        return HfEngine(Path(params.model), loaded, runtime, base)

    # Verdicts are kept under what the model is, not under the folder that it lies in.
    named = params.model_copy(update={"model": base.name})
    return Judge(Transcribed(engine, cache, local=True), named)


def grade(judge: Judge | None, items: Sequence[Item], may_fail: bool = False) -> list[Judgement]:
    """What the judge says of each item, see `Judge`. Raises: PipelineError when nobody judges."""
    if not items:
        return []
    if judge is None:
        raise PipelineError(f"a task has `scorer: judge`; {NO_JUDGE}")
    return judge(items, may_fail)


def spent(engine: Cached, judge: Judge | None, target: Cached | None = None) -> str:
    """The calls of a stage's engine, and of its judge and its target if they were asked."""
    others = {"judge": judge.engine if judge else None, "target": target}
    told = [
        f"of the {name} {one.summary()}"
        for name, one in others.items()
        if one and one.asked + one.cached
    ]
    return ", ".join([engine.summary(), *told])


class Heard(Protocol):
    """Whoever remembers what it was asked."""

    def transcript(self) -> Iterator[Exchange]:
        """Each exchange once."""
        ...


def transcript(judge: Judge | None, *others: Heard) -> Iterator[Exchange]:
    """What a stage heard from its judge, if there is one, and from the `others` that it asked."""
    heard = [*others, *([judge.engine] if judge else [])]
    return (exchange for engine in heard for exchange in engine.transcript())


def _judgement(response: str, exchange: Asked[VerdictShape] | None) -> Judgement:
    if exchange is None:
        return Judgement("N", None, "the response is empty")
    if exchange.value is None:
        return Judgement("N", None, f"the judge gave no verdict, because {exchange.reason}")
    found = exchange.value
    answer = response.strip() if found.verdict != "no_answer" else None
    return Judgement(VERDICTS[found.verdict], answer, found.explanation)


def _prompt(sample: Sample | SyntheticSample, response: str, task: Task) -> str:
    listed = f"\n{options(sample.choices)}" if sample.choices else ""
    return render(
        f"judge/{task.rubric}.jinja",
        question=sample.input + listed,
        reference=sample.reference,
        response=response,
    )
