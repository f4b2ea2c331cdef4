"""Whether a multiple-choice exercise has one right option, and no other that says the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction

from lai.core.prompts import letter
from lai.core.text import normalized
from lai.scorers.numerals import numerals, spelled
from lai.scorers.options import Options
from lai.scorers.reading import plain

_SIGN = re.compile(r"[+/<>=^!#~]|(?<!\w)-(?=[\w(])")
_OF_FORMULA = re.compile(r"[^\w\s.,;:$*`'\"]")


def ambiguous(choices: Sequence[str], reference: str) -> str:
    """Why the options do not leave one right one, or "".

    Two options are the same where they are but for case and punctuation; one says the same as the
    right one also where it is the same number, written in another way: 0.5 and 1/2. Signs count:
    x and -x are two, and so are C and C++.
    """
    if len(choices) == 1:
        return "there is one option only"
    seen: dict[tuple[str, ...], int] = {}
    for place, choice in enumerate(choices):
        if not choice.strip():
            return f"option {letter(place)} is empty"
        says = normalized(choice) or choice.strip()
        other = seen.setdefault((says, *_signs(choice)), place)
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


def _signs(choice: str) -> list[str]:
    """What tells options apart that are the same words: of a formula all but its punctuation."""
    text = plain(choice).replace("\u2212", "-")
    formula = any(unicodedata.category(character) == "Sm" for character in text)
    return (_OF_FORMULA if formula else _SIGN).findall(text)


def _values(choice: str) -> frozenset[Fraction]:
    """What an option that is a number and nothing else may stand for."""
    text = spelled(choice).strip(" .$€£")
    found = numerals(text)
    alone = len(found) == 1 and (found[0].start, found[0].end) == (0, len(text))
    return frozenset(found[0].values) if alone else frozenset()
