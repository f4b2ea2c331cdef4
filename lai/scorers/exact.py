"""Exact match after folding case, white space and a closing full stop."""

from __future__ import annotations

import re

from lai.scorers.base import Judgement, Question

_COMMITMENT = re.compile(r"\banswer\b\s*(?:is\b|:)\s*:?", re.IGNORECASE)


def folded(text: str) -> str:
    """`text` in lower case, white space folded, quotes and the closing stop removed."""
    return " ".join(text.casefold().split()).strip(" .\"'`*")


class Exact:
    """What follows the last "the answer is" (to the end of its line), else the whole response."""

    parallel = False

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        commitments = list(_COMMITMENT.finditer(text))
        answer = text[commitments[-1].end() :].strip().split("\n", 1)[0] if commitments else text
        answer = folded(answer)
        if not answer or (truncated and not commitments):
            return Judgement("N", None, "the response names no answer")
        if answer == folded(question.reference):
            return Judgement("C", answer)
        return Judgement("I", answer, f"answered {answer!r}, expected {question.reference!r}")

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """The field as it is."""
        if not folded(raw):
            raise ValueError("it is empty")
        return raw.strip(), ""
