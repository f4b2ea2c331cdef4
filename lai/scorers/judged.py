"""Open answers, graded by a language model: the part of it that needs no model."""

from __future__ import annotations

from lai.scorers.base import Judgement, Question


class Judged:
    """Says of an answer only whether there is one; lai.asking.judging asks the model."""

    parallel = False

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        if not text.strip():
            return Judgement("N", None, "the response is empty")
        return Judgement("C", text.strip(), "an open answer, which nothing here can grade")

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """The field as it is. Raises: ValueError when it is empty."""
        if not raw.strip():
            raise ValueError("it is empty")
        return raw.strip(), ""
