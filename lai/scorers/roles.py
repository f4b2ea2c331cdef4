"""What numbers are to each other: a result and its parts, one quantity twice, a correction."""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction

from lai.scorers.numerals import Numeral, in_words, numerals
from lai.scorers.reading import REVISION, last

_KINDS = (
    {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "hr": 3600, "day": 86400}
    | {"week": 604800},
    {"inch": 1, "inche": 1, "foot": 12, "feet": 12, "yard": 36},
    {"mm": 1, "millimeter": 1, "cm": 10, "centimeter": 10, "m": 1000, "meter": 1000}
    | {"metre": 1000, "km": 10**6, "kilometer": 10**6, "kilometre": 10**6},
    {"g": 1, "gram": 1, "kg": 1000, "kilogram": 1000, "kilo": 1000, "ton": 10**6},
    {"ounce": 1, "oz": 1, "pound": 16, "lb": 16},
    {"ml": 1, "milliliter": 1, "l": 1000, "liter": 1000, "litre": 1000},
    {"cup": 1, "pint": 2, "quart": 4, "gallon": 16},
    {"cent": 1, "dime": 10, "quarter": 25, "dollar": 100},
    {"month": 1, "year": 12},
)
_AGAIN = re.compile(
    r"\s*(?P<unit>[a-z]{0,12})\s?(?:,?\s+or\s+|\s\(\s?(?:or |= ?|i\.e\.,? )?)$", re.I
)
_UNIT = re.compile(r"\s?([a-z]{1,12})\b", re.IGNORECASE)
_DURATION = re.compile(
    r"\b(?:in|for|within|over|during|after|per|every)\s+(?:the\s+)?(?:\w+\s+){0,1}?$", re.IGNORECASE
)
_TIME = re.compile(
    r"\s?-?(?:more |full |school |work(?:ing)? )?(?:second|minute|hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(r"\b(?:after|(?:at|by) the end of)\s+(?:the\s+)?$", re.IGNORECASE)
_COPULA = re.compile(r"(?<!\bthere)\s(?:is|are|was|were|be)\s+[$€£]?$", re.IGNORECASE)
_REMAINING = re.compile(
    r"\s(?:[a-z]{1,15}\s){0,3}?(?:remain(?:s|ed|ing)?|(?:is|are|was|were|be) left|left)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:=]|\b(?:and|but|so|who|which|that|when|if|until|will|would|can)\b", re.I)
_GIVEN = re.compile(r"\b(?:the|these|those)\s+[$€£]?$", re.IGNORECASE)
_OBJECT = re.compile(
    r"\b(?!(?:the|an?|his|her|their|its|these|those|all|both|each|every|and|or|but|with|for|in|on"
    r"|at|to|of|from|by|after|within|over|per|than|so|if|when|since|because|day|step|only)\b)"
    r"[a-z]{3,15}\s+(?:a total of |about |only |exactly |just |around )?[$€£]?$",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[^,.;:=\d]{0,60}:\s", re.IGNORECASE)
_REMAINS = re.compile(r"\b(?:left|leav\w+|remain\w*|so|total|altogether)\b|=", re.IGNORECASE)

_REVISED = re.compile(
    r"(?P<end>(?:\s+[a-z%]{1,15})?\s*(?:[.,;!\n]|$))|(?!\s+(?:more|less|fewer|times|of)\b|-\w)",
    re.IGNORECASE,
)


def restated(sentence: str, first: Numeral, second: Numeral) -> Numeral | None:
    """`first` with the values of `second`, where both are one quantity: "1 hour, or 60 minutes"."""
    between = _AGAIN.match(sentence[first.end : min(second.start, first.end + 30)])
    after = _UNIT.match(sentence, second.end)
    if not between or not after:
        return None
    one = between["unit"].lower().rstrip("s") or ("dollar" if first.written[0] == "$" else "")
    other = after[1].lower().rstrip("s")
    for kind in _KINDS:
        if one in kind and other in kind and one != other:
            equal = first.value * kind[one] == second.value * kind[other]
            both = (first.value, second.value)
            written = f"{sentence[first.start : after.end()]}"
            merged = dataclasses.replace(first, end=second.end, written=written, values=both)
            return merged if equal else None
    return None


def merged(sentence: str, found: list[Numeral]) -> list[Numeral]:
    """`found` with each quantity that is given in two units as one number."""
    kept: list[Numeral] = []
    for number in found:
        both = restated(sentence, kept[-1], number) if kept else None
        if both:
            kept[-1] = both
        else:
            kept.append(number)
    return kept


def central(sentence: str, found: list[Numeral]) -> list[Numeral]:
    """`found` without what stands beside an object that is a number: how long, out of what.

    "earned $10 for 50 minutes", "needs $5 more for the $100 wallet", "72 clips: 48 and 24". Where
    no number is an object ("3 men finish in 5 days") nothing is left out.
    """
    if len(found) > 1 and _lasting(sentence, found[-2], found[-1]):
        found = found[:-1]
    ahead = sum((part.value for part in found), Fraction(0))
    for number, one in enumerate(found[:-2]):
        following = found[number + 1].start
        ahead -= one.value
        if ahead == one.value and _PARTS.fullmatch(sentence[one.end : following]):
            return found if _REMAINS.search(sentence, following) else found[: number + 1]
    objects = [bool(_OBJECT.search(_just_before(sentence, number))) for number in found]
    first = objects.index(True) if any(objects) else len(found)
    for number in range(len(found) - 1, first, -1):
        before = _just_before(sentence, found[number])
        timed = _DURATION.search(before) and _TIME.match(sentence, found[number].end)
        if not timed and not _GIVEN.search(before):
            return found[: number + 1]
    return found[: first + 1]


def _lasting(sentence: str, state: Numeral, time: Numeral) -> bool:
    """Whether `time` only says when: "is 45 miles away after 4 hours", "8 remain after 3 hours"."""
    between = sentence[state.end : time.start]
    return bool(
        len(between) <= 80
        and _AFTERWARDS.search(between)
        and _TIME.match(sentence, time.end)
        and not _TIME.match(sentence, state.end)
        and not _CLAUSE.search(between)
        and (_COPULA.search(_just_before(sentence, state)) or _REMAINING.match(between))
    )


def _just_before(sentence: str, number: Numeral) -> str:
    return sentence[max(0, number.start - 40) : number.start]


def revision(text: str, position: int) -> Numeral | None:
    """The number that is put in the place of another: "No, actually it's 25"."""
    again = last(REVISION, text, position)
    rest = text[again.end() : again.end() + 80].lstrip(" *$(") if again else ""
    found = [one for one in (*numerals(rest), in_words(rest)) if one and not one.start]
    if not again or not found:
        return None
    after = _REVISED.match(rest, found[0].end)
    told = after and (again["stated"] or after["end"] is not None)
    return found[0] if told else None


def rounds(number: Numeral, second: Numeral) -> bool:
    """Whether the second number is the first one, or the first one rounded: "1.995 or 2"."""
    return abs(number.value - second.value) <= Fraction(1, 2 * 10 ** (second.decimals or 0)) and (
        number.value == second.value or (number.decimals or 0) > (second.decimals or 0)
    )


def last_result(text: str) -> Numeral | None:
    """The number after the last equals sign of `text`."""
    position = text.rfind("=")
    after = numerals(text[position : position + 60]) if position >= 0 else []
    return after[0] if after else None
