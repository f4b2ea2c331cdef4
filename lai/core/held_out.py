"""Finds what stands in a dev or test split, so that it is never taught."""

from __future__ import annotations

from collections.abc import Iterable

from lai.core.records import Sample
from lai.core.text import normalized

WORDS = 5
"""Shorter questions are found only as a whole: within other texts they stand by chance."""


class HeldOut:
    """Samples that must not be taught, found wherever their question stands in a text.

    A question counts as found where all its words stand in a row (normalised, so whatever their
    case and markup, and whatever is before and after). Of a multiple-choice question the text of
    the right option has to be there too, for "Which of these is true?" is everybody's question.
    """

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._whole: set[tuple[str, str]] = set()
        self._starts: dict[tuple[str, ...], list[tuple[list[str], str]]] = {}
        for sample in samples:
            words, wanted = normalized(sample.input).split(), normalized(_right_option(sample))
            if len(words) < WORDS:
                self._whole.add((" ".join(words), wanted))
            else:
                self._starts.setdefault(tuple(words[:WORDS]), []).append((words, wanted))

    def within(self, text: str, options: Iterable[str] = ()) -> bool:
        """Whether `text`, a question with its `options`, holds one of the questions."""
        words = normalized(text).split()
        known = {normalized(option) for option in options}
        if any((" ".join(words), also) in self._whole for also in ("", *known)):
            return True
        joined = f" {' '.join(words)} "
        for start in range(len(words) - WORDS + 1):
            for question, also in self._starts.get(tuple(words[start : start + WORDS]), ()):
                if words[start : start + len(question)] == question and (
                    not also or also in known or f" {also} " in joined
                ):
                    return True
        return False


def _right_option(sample: Sample) -> str:
    index = ord(sample.reference[:1] or "@") - ord("A")
    return sample.choices[index] if 0 <= index < len(sample.choices) else ""
