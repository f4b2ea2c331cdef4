"""What a synthetic sample looks like in an instructor's reply, a shape a kind of answer."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from lai.asking import Shape
from lai.core.python import parsed, small
from lai.core.records import Analysis, SyntheticSample
from lai.scorers import Question, get


def _asserts(test: str) -> str:
    """`test`, if it asserts something about a call. Raises: ValueError."""
    if not small([test]):
        raise ValueError("a test is too long")
    tree = parsed(test)
    if tree is None:
        raise ValueError("a test is no valid Python")
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    if not any(isinstance(node, ast.Call) for one in found for node in ast.walk(one.test)):
        raise ValueError("a test asserts nothing about a call of the function")
    return test


class SampleShape(Shape):
    """An exercise whose answer is a short text or a number."""

    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    solution: str = Field(min_length=1)


class ChoiceShape(SampleShape):
    """A multiple-choice exercise; `answer` is a letter."""

    choices: list[str] = Field(min_length=2, max_length=26)


class CodeShape(SampleShape):
    """A programming exercise with assert statements."""

    tests: list[Annotated[str, AfterValidator(_asserts)]] = Field(min_length=1)


class TextSamples(Shape):
    """A reply's list of exercises. One that does not fit is left out, unless none does."""

    samples: Sequence[SampleShape]
    left_out: SkipJsonSchema[int] = 0

    @model_validator(mode="before")
    @classmethod
    def _keep_what_fits(cls, reply: Any) -> Any:
        if not isinstance(reply, dict) or not isinstance(reply.get("samples"), list):
            return reply
        [shape] = get_args(cls.model_fields["samples"].annotation)
        fitting = [one for one in reply["samples"] if _fits(shape, one)]
        left_out = len(reply["samples"]) - len(fitting)
        return {"samples": fitting, "left_out": left_out} if fitting else reply


def _fits(shape: type[SampleShape], written: Any) -> bool:
    try:
        shape.model_validate(written)
    except ValidationError:
        return False
    return True


class ChoiceSamples(TextSamples):
    """A reply's list of multiple-choice exercises."""

    samples: Sequence[ChoiceShape]


class CodeSamples(TextSamples):
    """A reply's list of programming exercises."""

    samples: Sequence[CodeShape]


def shape_of(scorer: str) -> type[TextSamples]:
    """The shape of exercises for a scorer; where it is a user's own, a text as answer."""
    shapes: dict[str, type[TextSamples]] = {"choice": ChoiceSamples, "code": CodeSamples}
    return shapes.get(scorer, TextSamples)


def synthetic(
    written: SampleShape, analysis: Analysis, scorer: str, request_key: str
) -> SyntheticSample:
    """The record of one exercise. A solution that states no answer gets the stated one appended.

    An answer that does not parse is kept as it is: verification rejects it, with the reason.
    """
    choices = written.choices if isinstance(written, ChoiceShape) else []
    metadata = {"tests": written.tests} if isinstance(written, CodeShape) else {}
    try:
        reference, _ = get(scorer).reference(written.answer, choices)
    except ValueError:
        reference = written.answer
    solution = written.solution
    stated = scorer in ("number", "exact", "choice", "math")
    if stated and _states_nothing(scorer, solution, choices):
        solution = f"{solution}\nThe answer is {reference}."
    return SyntheticSample(
        parents=[analysis.id],
        task=analysis.task,
        input=written.question,
        choices=choices,
        reference=reference,
        solution=solution,
        request_key=request_key,
        metadata=metadata,
    )


def _states_nothing(scorer: str, solution: str, choices: list[str]) -> bool:
    question = Question("A" if choices else "0", choices)
    # As if cut off, so that only a commitment counts, and with a line after, so that the
    # commitment is not what was cut.
    return get(scorer)(question, f"{solution}\n\n...", truncated=True).value == "N"
