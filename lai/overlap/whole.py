"""Finds a held-out question where it stands whole within another text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lai.core.records import Sample
from lai.overlap.words import words

START = 5
"""Shorter questions are found only as a whole: within other texts they stand by chance."""


class Questions:
    """Questions, found where all their words stand in a row, whatever is before and after.

    Of a multiple-choice question the text of the right option has to be there too, for "Which of
    these is true?" is everybody's question.
    """

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._short: dict[tuple[str, str], Sample] = {}
        self._starts: dict[tuple[str, ...], list[tuple[list[str], str, Sample]]] = {}
        for sample in samples:
            asked, option = words(sample.input), " ".join(words(_right_option(sample)))
            if len(asked) < START:
                self._short.setdefault((" ".join(asked), option), sample)
            else:
                self._starts.setdefault(tuple(asked[:START]), []).append((asked, option, sample))

    def within(self, text: Sequence[str], options: Iterable[str] = ()) -> Sample | None:
        """The item whose question stands in `text`, a question's words, with its `options`."""
        known = {" ".join(words(option)) for option in options}
        whole = " ".join(text)
        for option in ("", *sorted(known)):
            if (whole, option) in self._short:
                return self._short[whole, option]
        padded = f" {whole} "
        for start in range(len(text) - START + 1):
            for asked, option, sample in self._starts.get(tuple(text[start : start + START]), ()):
                if list(text[start : start + len(asked)]) == asked and (
                    not option or option in known or f" {option} " in padded
                ):
                    return sample
        return None


def _right_option(sample: Sample) -> str:
    index = ord(sample.reference[:1] or "@") - ord("A")
    return sample.choices[index] if 0 <= index < len(sample.choices) else ""
