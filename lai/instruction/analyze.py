"""The instructor names skill, misconception and correct reasoning for each error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from lai.asking import Shape, ask, forget, request
from lai.core.errors import PipelineError
from lai.core.params.schema import InstructorParams
from lai.core.prompts import render
from lai.core.records import Analysis, ContrastSet, Error, Failure
from lai.core.strategies import STRATEGIES
from lai.engines.base import Engine
from lai.instruction.material import Material


class AnalysisShape(Shape):
    """What the instructor answers about one error."""

    skill: str = Field(min_length=1)
    misconception: str = Field(min_length=1)
    explanation: str = Field(min_length=1)


def analyze(
    errors: Sequence[Error],
    contrasts: Sequence[ContrastSet],
    material: Material,
    engine: Engine,
    instructor: InstructorParams,
    strategy: str,
    seed: int,
) -> tuple[list[Analysis], list[Failure]]:
    """One analysis an error; replies that could not be used come back as failures.

    Raises: PipelineError when there are errors and not one usable analysis.
    """
    contrast_of = {contrast.error: contrast for contrast in contrasts}
    requests = {}
    for error in errors:
        contrast = contrast_of.get(error.id) if STRATEGIES[strategy].contrast else None
        text = _prompt(error, contrast, material, strategy)
        requests[error.id] = request(text, AnalysisShape, instructor, seed)
    asked = ask(engine, list(requests.values()), AnalysisShape)
    analyses, failures = [], []
    for error in errors:
        exchange = asked[requests[error.id].key]
        parents = [error.id]
        if error.id in contrast_of:
            parents.append(contrast_of[error.id].id)
        if exchange.value is None:
            failures.append(
                Failure(
                    parents=parents,
                    task=error.task,
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
                    error=error.id,
                    task=error.task,
                    request_key=exchange.request.key,
                    **exchange.value.model_dump(),
                )
            )
    if failures and not analyses:
        forget(engine, asked)
        raise PipelineError(
            f"no usable analysis of {len(failures)} errors: {hint(failures, instructor)}"
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


def _prompt(error: Error, contrast: ContrastSet | None, material: Material, strategy: str) -> str:
    neighbors = contrast.neighbors if contrast else []
    name = STRATEGIES[strategy].prompt if neighbors else STRATEGIES["le"].prompt
    values: dict[str, Any] = {
        "question": material.question(error.sample),
        "response": material.response(error.completion),
        "reference": material.reference(error),
        "verdict": error.explanation or error.error.replace("_", " "),
    }
    if neighbors:
        values["neighbors"] = [
            {
                "question": material.question(neighbor.sample),
                "response": material.response(neighbor.completion),
            }
            for neighbor in neighbors
        ]
    return render(f"instructor/{name}.jinja", **values)
