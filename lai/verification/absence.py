"""What a sample must not be: held out, a question of the pool, or one that is taught already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lai.core import held_out
from lai.core.records import Sample


class Text(NamedTuple):
    """A sample as it is compared with others."""

    task: str
    question: str
    choices: Sequence[str] = ()
    solution: str = ""


class HeldOut:
    """What stands in a dev or test split."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._held_out = held_out.HeldOut(samples)

    def found(self, texts: Sequence[Text]) -> list[str]:
        """Why each may not be taught, or ""."""
        return [
            "the question stands in a dev or test split"
            if self._held_out.within(text.question, text.choices)
            else ""
            for text in texts
        ]
