"""Whether a multiple-choice exercise has one right option, and no other that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lai.core.prompts import letter
from lai.core.text import normalized
from lai.scorers.numerals import numerals, spelled
from lai.scorers.options import Options


def ambiguous(choices: Sequence[str], reference: str) -> str:
    """Why the options do not leave one right one, or "".

    Two options are the same where they are but for case and punctuation; one says the same as the
    right one also where it is the same number, written in another way: 0.5 and 1/2.
    """
    seen: dict[str, int] = {}
    for place, choice in enumerate(choices):
        other = seen.setdefault(normalized(choice) or choice.strip(), place)
        if other != place:
            return f"options {letter(other)} and {letter(place)} are the same"
    right = Options(choices).index(reference.strip())
    if right is None:
        return f"{reference[:60]!r} is the letter of none of the {len(choices)} options"
    value = _values(choices[right])
    for place, choice in enumerate(choices):
        if place != right and value & _values(choice):
            return f"option {letter(place)} is the same number as the right one, {letter(right)}"
    return ""


def _values(choice: str) -> frozenset[Fraction]:
    """What an option that is a number and nothing else may stand for."""
    text = spelled(choice).strip(" .$€£")
    found = numerals(text)
    alone = len(found) == 1 and (found[0].start, found[0].end) == (0, len(text))
    return frozenset(found[0].values) if alone else frozenset()
