"""The units of what is computed, and whether they can be left out of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lai.verification.expressions import Token

_OF_ANY = "dozen pair half quarter"
SEVERAL = frozenset("dozen pair ten hundred fortnight decade century".split())
"""Units that count others: of "2 dozen + 3 = 27" nobody knows what the 3 and the 27 are of."""
CLOCK = frozenset(("am", "pm", "o'clock", "o’clock"))
_MEASURES = [
    frozenset(f"{units} {_OF_ANY}".split())
    for units in (
        "second sec minute min hour hr day week fortnight month year decade century mph kmh kph",
        "inch in foot feet ft yard yd mile mm millimeter millimetre cm centimeter centimetre meter"
        " metre km kilometer kilometre acre hectare",
        "mg milligram gram kg kilogram kilo pound lb ounce oz ton tonne ml milliliter millilitre"
        " liter litre teaspoon tsp tablespoon tbsp cup pint pt quart qt gallon gal",
        "bit byte kb mb gb tb kilobyte megabyte gigabyte terabyte",
        "cent penny pennies nickel dime dollar",
    )
]
"""Units that others of their kind are made of: "2 hours - 30 minutes = 90 minutes" holds."""
_UNITS = frozenset().union(*_MEASURES)
_PLURAL = (("", ""), ("s", ""), ("es", ""), ("ies", "y"))


def units_of(part: Sequence[Token]) -> frozenset[str]:
    """The known units of an expression, in the singular; "in" only right after a number."""
    words = {
        "hour" if word == "h" else word
        for before, token in zip([None, *part], part, strict=False)
        if token.kind == "word" and (token.text != "in" or (before and before.kind == "number"))
        for word in re.split("[/-]", token.text.lower())
    }
    found = {
        word.removesuffix(ending) + single
        for word in words
        for ending, single in _PLURAL
        if word.endswith(ending)
    } & (_UNITS | SEVERAL | CLOCK)
    money = {"dollar"} if any(token.text[:1] in "$€£" for token in part) else set()
    return frozenset(found | money)


def mixed(units: frozenset[str]) -> bool:
    """Whether there are several units of a kind."""
    return any(len(units & kind) > 1 for kind in _MEASURES)
