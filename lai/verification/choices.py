"""Whether a multiple-choice exercise has one right option, and no other that says the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from lai.core.prompts import letter
from lai.scorers.numerals import numerals, spelled, words
from lai.scorers.options import Options

_BOLD = re.compile(r"\*\*(.+)\*\*")
_CAPITALISED = re.compile(r"\b[^\W\d_a-z][a-z]{2,}\b")


def ambiguous(choices: Sequence[str], reference: str) -> str:
    """Why the options do not leave one right one, or "".

    Two options are the same where they are but for capitals that words begin with, white space and
    a closing full stop; one says the same as the right one also where it is the same number, of the
    same unit, written in another way: 0.5 and 1/2, 5 and five.
    """
    if len(choices) == 1:
        return "there is one option only"
    seen: dict[str, int] = {}
    for place, choice in enumerate(choices):
        if not choice.strip():
            return f"option {letter(place)} is empty"
        other = seen.setdefault(_folded(choice), place)
        if other != place:
            return f"options {letter(other)} and {letter(place)} are the same"
    right = Options(choices).index(reference.strip())
    if right is None:
        return f"{reference[:60]!r} is the letter of none of the {len(choices)} options"
    values, unit = _amount(choices[right])
    for place, choice in enumerate(choices):
        also, same = _amount(choice)
        if place != right and unit == same and values & also:
            return f"option {letter(place)} is the same number as the right one, {letter(right)}"
    return ""


def _folded(choice: str) -> str:
    """What two options that are the same have in common.

    Nothing else can be spared: (0, 1) and [0, 1], p++ and ++p, Aa and aa, x\u00b2 and x2 are two.
    """
    text = " ".join(choice.split()).replace("\u2212", "-").replace("\u2019", "'")
    text = _BOLD.sub(r"\1", text) if _BOLD.fullmatch(text) else text
    text = _CAPITALISED.sub(lambda word: word[0].lower(), text)
    return re.sub(r"(?<=\w)\.$", "", text)


def _amount(choice: str) -> tuple[frozenset[Fraction], str]:
    """What an option that is a number, of some unit or of none, may stand for, and the unit."""
    text = spelled(choice).strip().rstrip(".")
    found = numerals(text) or words(text)
    if len(found) != 1 or found[0].start or ":" in text:
        return frozenset(), ""
    values = found[0].values
    # 50% is a half, and not 50.
    share = found[0].written.endswith(("%", "percent"))
    return frozenset(values[1:] if share else values), text[found[0].end :].strip(" $€£")
