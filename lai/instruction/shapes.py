"""What a synthetic sample looks like in an instructor's reply, a shape a kind of answer."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from lai.core.records import Analysis, SyntheticSample
from lai.instruction.ask import Shape
from lai.scorers import Question, get


class SampleShape(Shape):
    """An exercise whose answer is a short text or a number."""

    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)
    solution: str = Field(min_length=1)


class ChoiceShape(SampleShape):
    """A multiple-choice exercise; `answer` is a letter."""

    choices: list[str] = Field(min_length=2)


class CodeShape(SampleShape):
    """A programming exercise with assert statements."""

    tests: list[str] = Field(min_length=1)


class TextSamples(Shape):
    """A reply's list of exercises."""

    samples: Sequence[SampleShape]


class ChoiceSamples(TextSamples):
    """A reply's list of multiple-choice exercises."""

    samples: Sequence[ChoiceShape]


class CodeSamples(TextSamples):
    """A reply's list of programming exercises."""

    samples: Sequence[CodeShape]


def shape_of(scorer: str) -> type[TextSamples]:
    """The shape of exercises for a scorer; where it is a user's own, a text as answer."""
    return {"choice": ChoiceSamples, "code": CodeSamples}.get(scorer, TextSamples)


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
    return get(scorer)(question, solution, truncated=True).value == "N"
