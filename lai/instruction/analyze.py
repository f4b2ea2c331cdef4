"""The instructor names skill, misconception and correct reasoning for each seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from lai.asking import Asked, Shape, ask, forget, request
from lai.core.errors import PipelineError
from lai.core.params.schema import InstructorParams
from lai.core.prompts import render
from lai.core.records import Analysis, ContrastSet, Error, Failure, Seed
from lai.core.strategies import STRATEGIES
from lai.engines.base import Engine
from lai.instruction.material import Material

MOST_SHOWN = 7
"""Errors of a pattern beside the first one: more of them tell the instructor little."""


class AnalysisShape(Shape):
    """What the instructor answers about one error."""

    skill: str = Field(min_length=1)
    misconception: str = Field(min_length=1)
    explanation: str = Field(min_length=1)


class QuestionShape(Shape):
    """What it answers about a question of which it was shown no response."""

    skill: str = Field(min_length=1)
    explanation: str = Field(min_length=1)


def analyze(
    seeds: Sequence[Seed],
    errors: Sequence[Error],
    contrasts: Sequence[ContrastSet],
    material: Material,
    engine: Engine,
    instructor: InstructorParams,
    seed: int,
) -> tuple[list[Analysis], list[Failure]]:
    """One analysis a seed; replies that could not be used come back as failures.

    Raises: PipelineError when there are seeds and not one usable analysis.
    """
    error_of = {error.id: error for error in errors}
    contrast_of = {contrast.error: contrast for contrast in contrasts}
    found: dict[str, tuple[Seed, list[str], Asked[Any]]] = {}
    asked: dict[str, Asked[Any]] = {}
    for shape in (AnalysisShape, QuestionShape):
        requests = {}
        for one in seeds:
            if shape is (AnalysisShape if one.completion else QuestionShape):
                contrast = contrast_of.get(one.error or "")
                text = _prompt(one, error_of, contrast, material)
                parents = [one.id, *([contrast.id] if contrast else [])]
                requests[one.id] = one, parents, request(text, shape, instructor, seed)
        asked |= ask(engine, [sent for _, _, sent in requests.values()], shape)
        for name, (one, parents, sent) in requests.items():
            found[name] = one, parents, asked[sent.key]
    analyses, failures = [], []
    for one in seeds:
        _, parents, exchange = found[one.id]
        if exchange.value is None:
            failures.append(
                Failure(
                    parents=parents,
                    task=one.task,
                    step="analyze",
                    reason=exchange.reason,
                    reply=exchange.reply.text,
                    request_key=exchange.request.key,
                )
            )
        else:
            analyses.append(
                Analysis(
                    parents=parents,
                    seed=one.id,
                    strategy=one.strategy,
                    task=one.task,
                    request_key=exchange.request.key,
                    **{"misconception": "", **exchange.value.model_dump()},
                )
            )
    if failures and not analyses:
        forget(engine, asked)
        raise PipelineError(
            f"no usable analysis of {len(failures)} seeds: {hint(failures, instructor)}"
        )
    return analyses, failures


def hint(failures: Sequence[Failure], instructor: InstructorParams) -> str:
    """The first failure in words, and what a user can do about it."""
    reason = failures[0].reason
    if instructor.engine == "builtin":
        return (
            f"{reason}. The builtin tutor knows the demo tasks alone; name a real instructor in "
            "params.yaml: instructor: {engine: openai, model: ...} and runtime.instructor.base_url"
        )
    return (
        f"the first one failed because {reason}; check instructor.model, max_tokens and "
        "structured_output in params.yaml"
    )


def _prompt(
    seed: Seed, errors: Mapping[str, Error], contrast: ContrastSet | None, material: Material
) -> str:
    name = STRATEGIES[seed.strategy].prompt
    error = errors.get(seed.error or "")
    values: dict[str, Any] = {
        "question": material.question(seed.sample),
        "reference": material.reference(seed.sample),
    }
    if seed.completion:
        said = (error.explanation or error.error.replace("_", " ")) if error else "wrong"
        values["response"] = material.response(seed.completion)
        values["verdict"] = said
    if STRATEGIES[seed.strategy].grouped:
        values["others"] = [
            {
                "question": material.question(other.sample),
                "response": material.response(other.completion),
                "reference": material.reference(other.sample),
            }
            for other in (errors[one] for one in seed.others[:MOST_SHOWN])
        ]
    if STRATEGIES[seed.strategy].contrast:
        neighbors = contrast.neighbors if contrast else []
        name = name if neighbors else STRATEGIES["le"].prompt
        values["neighbors"] = [
            {
                "question": material.question(neighbor.sample),
                "response": material.response(neighbor.completion),
            }
            for neighbor in neighbors
        ]
    return render(f"analyze/{name}.jinja", **values)
