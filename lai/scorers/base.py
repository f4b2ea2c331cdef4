"""What a scorer is: a sample and a completion in, a judgement out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from lai.core.records import Value


@dataclass(frozen=True)
class Question:
    """What a scorer may look at: the options, the reference, the tests. No model ever sees it."""

    reference: str
    choices: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Judgement:
    """C, I or N with the answer that was read and why it failed (the instructor reads that)."""

    value: Value
    answer: str | None
    explanation: str = ""


class Scorer(Protocol):
    """`parallel`: whether calls wait on other processes, so that threads make them faster."""

    parallel: bool

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        """Judge `text`. A truncated text counts only where it had committed to an answer."""
        ...

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """(the reference answer, the worked solution around it) of a data set's gold field.

        Raises: ValueError saying why the gold is none.
        """
        ...
