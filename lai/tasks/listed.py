"""Questions that list their options in their own text, as BBH's do."""

from __future__ import annotations

import re
from typing import Any

from lai.scorers import Question

_OPTION = re.compile(r"^\(([A-Z])\)\s*(.*?)\s*$", re.MULTILINE)
_LETTER = re.compile(r"\(([A-Z])\)")


def with_options(text: str, reference: str, metadata: dict[str, Any] | None = None) -> Question:
    """The question of a text that may list its options itself: `Options:`, then `(A) ...` lines.

    Where it does and `reference` names one of them, by letter or by its text, it is a choice.

    Raises: ValueError when `reference` is a letter that none of the options has.
    """
    options = _OPTION.findall(text.rpartition("Options:")[2]) if "Options:" in text else []
    expected = [chr(ord("A") + number) for number in range(len(options))]
    if options and [letter for letter, _ in options] == expected:
        choices = [option for _, option in options]
        letter = _LETTER.fullmatch(reference)
        if letter and letter[1] in expected:
            return Question(letter[1], choices, metadata or {})
        if choices.count(reference) == 1:
            return Question(expected[choices.index(reference)], choices, metadata or {})
        if letter:
            raise ValueError(f"{reference} is none of the {len(choices)} options")
    return Question(reference, [], metadata or {})
