"""Mathematical answers, compared as expressions by math-verify: `\\frac{1}{2}`, `x^2+1`, `(0, 1]`.

Source: Kydlíček et al. 2025, Math-Verify, https://github.com/huggingface/Math-Verify
"""

from __future__ import annotations

import threading
from typing import Any

from lai.core.errors import PipelineError
from lai.scorers.base import Judgement, Question
from lai.scorers.reading import BOXED, first_turn, last

SECONDS = 5
"""How long one answer may be parsed or compared. Off the main thread signals cannot stop it."""


class Symbolic:
    """The last boxed expression of a response, or what math-verify finds after "the answer is"."""

    parallel = False

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        text = first_turn(text)
        boxed = last(BOXED, text)
        found = [] if truncated and not boxed else _parse(boxed.group() if boxed else text)
        if not found:
            why = "the response was cut off" if truncated else "the response names no expression"
            return Judgement("N", None, why)
        answer = boxed[1].strip() if boxed else str(found[-1])
        if _equal(_parse(_marked(question.reference)), found):
            return Judgement("C", answer)
        return Judgement("I", answer, f"answered {answer}, expected {question.reference}")

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """The last `\\boxed{...}`, what follows `####`, or the field."""
        boxed = last(BOXED, raw)
        solution, _, final = raw.rpartition("####")
        reference = boxed[1].strip() if boxed else final.strip()
        if not reference or not _parse(_marked(reference)):
            raise ValueError(f"{reference[:60]!r} is no mathematical expression")
        return (
            reference,
            raw.strip() if boxed and boxed.group() != raw.strip() else solution.strip(),
        )


def _marked(reference: str) -> str:
    """`reference` so that math-verify reads all of it as one expression."""
    return f"\\boxed{{{reference.strip().strip('$')}}}"


def _limit() -> int | None:
    return SECONDS if threading.current_thread() is threading.main_thread() else None


def _library() -> Any:
    try:
        import math_verify  # Its sympy takes a second to import: only who scores mathematics pays.
    except ModuleNotFoundError:
        raise PipelineError(
            "the math scorer needs math-verify: pip install -c constraints.txt math-verify"
        ) from None
    return math_verify


def _parse(text: str) -> list[Any]:
    parsed: list[Any] = _library().parse(text, parsing_timeout=_limit())
    return parsed


def _equal(reference: list[Any], answer: list[Any]) -> bool:
    return bool(_library().verify(reference, answer, timeout_seconds=_limit()))
