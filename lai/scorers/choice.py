"""Multiple choice: the option that a response commits to, by letter or by its text."""

from __future__ import annotations

import functools

from lai.scorers.base import Judgement, Question
from lai.scorers.committed import committed
from lai.scorers.options import Options


class Choice:
    """The last option that the response commits to and does not take back.

    `metadata["labels"]` holds the data set's own labels where they are not A, B, C ... (some ARC
    items number their options); the reference is then one of them.
    """

    parallel = False

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        options = _options(tuple(question.choices), tuple(question.metadata.get("labels", ())))
        found = committed(options, text, truncated)
        if isinstance(found, str):
            return Judgement("N", None, "the response was cut off" if truncated else found)
        names = [options.labels[index] for index in found]
        right = options.index(question.reference)
        answer = " and ".join(names)
        if found == [right]:
            return Judgement("C", answer)
        chosen = ", ".join(question.choices[index] for index in found)
        expected = f"right is {question.reference}"
        if right is not None:
            expected += f" ({question.choices[right]})"
        return Judgement("I", answer, f"chose {answer} ({chosen}), {expected}")

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """A letter, an index from 0, or the text of an option, as the letter."""
        letters = Options(choices).letters
        text = raw.strip()
        if len(choices) > len(letters):
            raise ValueError(f"it has {len(choices)} choices, and there are {len(letters)} letters")
        if text.upper().rstrip(").") in letters:
            return text.upper().rstrip(")."), ""
        if text.isdecimal() and int(text) < len(choices):
            return letters[int(text)], ""
        if text in choices and choices.count(text) == 1:
            return letters[choices.index(text)], ""
        raise ValueError(f"{text[:60]!r} is none of the {len(choices)} choices")


@functools.lru_cache(maxsize=64)
def _options(choices: tuple[str, ...], labels: tuple[str, ...]) -> Options:
    return Options(choices, labels)
