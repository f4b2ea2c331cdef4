"""Numbers as they are written: `$1,200.50`, `-5`, `36%`, `3/4`, `1 1/2`, `3:4`, `1.2 million`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_NUMBER = re.compile(
    r"""
    (?P<sign>(?<![\w.,)%\]}])[-–][ ]?(?=[$€£]?[ ]?\.?\d)|\b(?:minus|negative)\s+)?
    (?P<money>[$€£]\s?(?P<inner>-)?)?
    (?<![A-Za-z_\d.])
    (?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(?P<decimals>\.\d+)?
    (?(whole)|(?(decimals)|(?!)))
    (?:[eE](?P<exponent>[+-]?\d{1,3})(?!\w))?
    (?:[ ](?P<over>\d+)/(?P<under>\d+)(?![\d/.]))?
    (?:\s?(?P<bar>/|:(?=\d))\s?[$€£]?(?P<below>\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?)(?!\d))?
    (?:\s*[×x*]\s*10\s*\^\s*\{?(?P<power>-?\d{1,3})\}?)?
    (?P<percent>\s?(?:%|percent\b))?
    (?!\d|st\b|nd\b|rd\b|th\b|[xyzn]\b)
    (?:\s?(?P<scale>hundred|thousand|million|billion|trillion)\b)?
    """,
    re.VERBOSE,
)
LONGEST = 300
"""Digits that a number may have; Python itself reads 4,300."""
_SCALE = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * value for value, word in enumerate(_TENS, 2)
}
_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_IN_WORDS = re.compile(
    rf"(?P<sign>minus |negative )?\b(?P<first>{_WORD})(?:[- ](?P<second>{_WORD}))?"
    r"(?P<hundred> hundred)?\b",
    re.IGNORECASE,
)
_VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8"}


@dataclass(frozen=True)
class Numeral:
    """A number in a text: where it stands, how it is written, and the values it may stand for.

    `values[0]` is the number as written; "36%" may also stand for 0.36, "2 million" for 2.
    `decimals`: how many digits after the point, None for a fraction.
    """

    start: int
    end: int
    written: str
    values: tuple[Fraction, ...]
    decimals: int | None

    @property
    def value(self) -> Fraction:
        """The number as written."""
        return self.values[0]


def spelled(text: str) -> str:
    """`text` with vulgar fractions spelled out: `2½` as `2 1/2`."""
    for sign, written in _VULGAR.items():
        if sign in text:
            text = re.sub(rf"(?<=\d)\s?{sign}", f" {written}", text).replace(sign, written)
    return text


def numerals(text: str) -> list[Numeral]:
    """Every number in `text`, in order."""
    found = []
    for match in _NUMBER.finditer(text):
        values = _values(match)
        if values:
            start = match.start()
            if match["sign"] and _subtracts(text, match):
                start, values = match.end("sign"), tuple(-value for value in values)
            written = text[start : match.end()].strip()
            decimals = (
                None if match["below"] or match["over"] else len(match["decimals"] or ".") - 1
            )
            found.append(Numeral(start, match.end(), written, values, decimals))
    return found


def _subtracts(text: str, match: re.Match[str]) -> bool:
    """Whether the minus before a number is an operator or a bullet: "60 - 208", "- 5 apples"."""
    if match["sign"] == "-" or match["sign"][0] not in "-–":
        return False
    return not text[: match.start()].rstrip(" ").endswith(("=", ":", "(", "≈"))


def in_words(text: str) -> Numeral | None:
    """The number that `text` starts with in words: "five", "twenty-one", "three hundred"."""
    match = _IN_WORDS.match(text)
    if not match:
        return None
    value = _WORDS[match["first"].lower()]
    if match["second"]:
        second = _WORDS[match["second"].lower()]
        if value < 20 or second > 9:
            return None
        value += second
    value *= 100 if match["hundred"] else 1
    value *= -1 if match["sign"] else 1
    return Numeral(0, match.end(), match.group(), (Fraction(value),), 0)


def _values(match: re.Match[str]) -> tuple[Fraction, ...]:
    # A model that repeats a digit until it is cut off has named no number.
    if any(len(part) > LONGEST for part in match.groups() if part):
        return ()
    value = Fraction((match["whole"] or "0").replace(",", "") + (match["decimals"] or ""))
    if match["over"]:
        over, under = int(match["over"]), int(match["under"])
        if not 0 < over < under:
            return ()
        value += Fraction(over, under)
    if match["below"]:
        below = Fraction(match["below"].replace(",", ""))
        if not below:
            return ()
        value /= below
    for exponent in (match["exponent"], match["power"]):
        value *= Fraction(10) ** int(exponent or 0)
    if match["sign"] or match["inner"]:
        value = -value
    if match["scale"]:
        return value * 10 ** _SCALE[match["scale"].lower()], value
    if match["percent"]:
        return value, value / 100
    return (value,)


def same(answer: Numeral, reference: Numeral) -> bool:
    """Whether two numbers agree by value.

    A reference rounded to two decimals or more (2.33) takes any answer that rounds to it (7/3,
    2.333); a reference that is a fraction (1/3) takes its rounding to two decimals or more (0.33).
    """
    wanted = reference.value
    if any(value == wanted for value in answer.values):
        return True
    if reference.decimals is not None and reference.decimals >= 2:
        finer = answer.decimals is None or answer.decimals > reference.decimals
        return finer and abs(answer.value - wanted) <= Fraction(1, 2 * 10**reference.decimals)
    if reference.decimals is None and answer.decimals is not None and answer.decimals >= 2:
        return abs(answer.value - wanted) <= Fraction(1, 2 * 10**answer.decimals)
    return False
