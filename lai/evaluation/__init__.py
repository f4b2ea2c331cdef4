"""A model answers samples; scorers judge the completions; accuracies are counted."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lai.asking.judging import Judge, grade
from lai.core.params.schema import TargetParams
from lai.core.params.tasks import Task
from lai.core.records import Completion, Sample, Score
from lai.engines.base import Engine, Live, Reply, Request
from lai.engines.target import Target
from lai.scorers import get
from lai.scorers.together import judge
from lai.tasks import prompting
from lai.tasks.prompting import messages

log = logging.getLogger(__name__)

SILENT = 8
"""Empty answers at the beginning that are told."""


def answer(
    samples: Sequence[Sample],
    engine: Engine,
    model: Target,
    target: TargetParams,
    tasks: dict[str, Task],
) -> list[Completion]:
    """Ask the target every sample once and return the completions, sorted by id.

    A live server is asked one question before all others. A line on stderr says so when the first
    `SILENT` answers, or all, are empty.

    Raises: PipelineError from the engine.
    """
    asked: dict[str, list[Sample]] = {}
    requests: dict[str, Request] = {}
    for sample in samples:
        request = Request(
            provider=target.provider or target.engine,
            model=target.model if target.engine == "openai" else _weights(model, target),
            messages=messages(sample.input, sample.choices, tasks[sample.task], sample.metadata),
            temperature=target.temperature,
            max_tokens=target.max_tokens,
            options=target.chat_template_kwargs,
            about={"id": sample.id, "input": sample.input, "choices": sample.choices},
        )
        # Two samples may show the model one and the same text: it is asked once.
        asked.setdefault(request.key, []).append(sample)
        requests[request.key] = request
    completions = [
        Completion(
            parents=[sample.id],
            sample=sample.id,
            model=model.name,
            messages=requests[reply.request_key].messages,
            reasoning=reply.reasoning,
            completion=reply.text,
            stop_reason=reply.stop_reason,
            usage=reply.usage,
        )
        for reply in _watched(_one_first(engine, list(requests.values())), len(requests), target)
        for sample in asked[reply.request_key]
    ]
    return sorted(completions, key=lambda completion: completion.id)


def _one_first(engine: Engine, requests: list[Request]) -> Iterator[Reply]:
    """The replies; a wrong address, key or model of a live server is met with one request."""
    if isinstance(engine, Live) and Completion not in engine.proven:
        held = engine.held(requests)
        missing = [request for request in requests if request.key not in (held or ())]
        if held == {} and len(missing) > 1:
            yield from engine.generate(missing[:1])
            requests = missing[1:]
        engine.proven.add(Completion)
    yield from engine.generate(requests)


def _watched(replies: Iterable[Reply], count: int, target: TargetParams) -> Iterator[Reply]:
    """The `count` replies, with a warning where they begin with empty ones: all may be paid for."""
    empty = 0
    for number, reply in enumerate(replies, start=1):
        empty += not reply.text
        if empty == number == min(count, SILENT):
            log.warning(
                "%s of %s empty (%d of %d questions asked); check target.model, target.max_tokens "
                "and target.chat_template_kwargs",
                "the only answer" if count == 1 else f"the first {empty} answers",
                *(f"{target.model} {'is' if count == 1 else 'are'}", number, count),
            )
        yield reply


def _weights(model: Target, target: TargetParams) -> str:
    """Which weights answer, in which precision if it is not that of the model or the device."""
    return model.name if target.dtype == "auto" else f"{model.name} in {target.dtype}"


def score(
    samples: Iterable[Sample],
    completions: Sequence[Completion],
    tasks: dict[str, Task],
    trained_on: Iterable[str] = (),
    grader: Judge | None = None,
) -> list[Score]:
    """Judge every completion with its task's scorer. `trained_on`: sample ids to mark as seen.

    Raises: PipelineError when a task's scorer is `judge` and there is no `grader`, or it fails.
    """
    by_id = {sample.id: sample for sample in samples}
    seen = frozenset(trained_on)
    names = [tasks[by_id[completion.sample].task].scorer for completion in completions]
    judgements = judge(
        (
            get(name),
            prompting.question(by_id[completion.sample]),
            completion.completion,
            completion.stop_reason == "length",
        )
        for name, completion in zip(names, completions, strict=True)
    )
    open_ended = [index for index, name in enumerate(names) if name == "judge"]
    asked = [(by_id[completions[i].sample], completions[i].completion) for i in open_ended]
    graded = grade(grader, [(*item, tasks[item[0].task]) for item in asked])
    for index, judgement in zip(open_ended, graded, strict=True):
        judgements[index] = judgement
    return [
        Score(
            parents=[completion.id],
            sample=completion.sample,
            scorer=name,
            value=judgement.value,
            answer=judgement.answer,
            explanation=judgement.explanation,
            truncated=completion.stop_reason == "length",
            seen_in_training=completion.sample in seen,
        )
        for name, completion, judgement in zip(names, completions, judgements, strict=True)
    ]


def tally(scores: Iterable[Score]) -> dict[str, Any]:
    """Counts and accuracy, C / n with no-answers counted in n (a share from 0 to 1)."""
    scores = list(scores)
    count = Counter(score.value for score in scores)
    return {
        "n": len(scores),
        "correct": count["C"],
        "incorrect": count["I"],
        "no_answer": count["N"],
        "truncated": sum(score.truncated for score in scores),
        "accuracy": round(count["C"] / len(scores), 6) if scores else 0.0,
    }


def outcomes(scores: Iterable[Score]) -> str:
    """How many answers came out how, in words; what was cut off is apart, as among the errors."""
    count = Counter(
        "truncated" if score.value == "N" and score.truncated else score.value for score in scores
    )
    words = {"C": "right", "I": "wrong", "N": "no answer", "truncated": "truncated"}
    return ", ".join(f"{count[kind]} {word}" for kind, word in words.items())


def by_task(samples: Iterable[Sample], scores: Sequence[Score]) -> dict[str, list[Score]]:
    """Scores grouped by the task of their sample, tasks in alphabetical order."""
    task = {sample.id: sample.task for sample in samples}
    grouped: dict[str, list[Score]] = {}
    for score in scores:
        grouped.setdefault(task[score.sample], []).append(score)
    return dict(sorted(grouped.items()))
