"""Numbers as they are written: `$1,200.50`, `12,5`, `-5`, `36%`, `3/4`, `1 1/2`, `10^6`, `1.2k`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from lai.scorers.worded import worded

_NUMBER = re.compile(
    r"""
    (?P<sign>(?<![\w.,)%\]}])[-–][ ]?(?=[$€£]?[ ]?\.?\d)|\b(?:minus|negative)\s+)?
    (?P<money>[$€£]\s?(?P<inner>-)?)?
    (?<![A-Za-z_\d.])(?<![A-Za-z)\]]\^)(?<![A-Za-z)\]]\^\{)
    (?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(?P<decimals>\.\d+)?
    (?(whole)|(?(decimals)|(?!)))
    (?:[eE](?P<exponent>[+-]?\d{1,3})(?!\w)|[ ]?\^[ ]?\{?(?P<raised>-?\d{1,3})(?![\d.])\}?)?
    (?:[ ](?P<over>\d+)/(?P<under>\d+)(?![\d/]|\.\d))?
    (?:\s?(?P<bar>/|:(?=\d))\s?[$€£]?(?P<below>\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?)(?!\d))?
    (?:\s*[×x*]\s*10\s*\^\s*\{?(?P<power>-?\d{1,3})\}?)?
    (?P<percent>\s?(?:%|percent\b))?
    (?!\d|st\b|nd\b|rd\b|th\b|[xyzn]\b)
    (?:\s?(?P<scale>hundred|thousand|million|billion|trillion)\b
    |(?P<letter>(?(money)[kKMB]|k))(?![\w'^]|[ ]?[=+*/×(-]))?
    """,
    re.VERBOSE,
)
LONGEST = 300
"""Digits that a number may have; Python itself reads 4,300."""
_SCALE = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_LETTER = {"k": 3, "m": 6, "b": 9}
_VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8"}
_RAISED = re.compile("(?<=\\d)[⁰¹²³⁴-⁹⁻]{1,4}")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_COMMA = re.compile(r"(?<![\w,.(\[{])(\d{1,3}),(?=\d{1,2}(?![\d)\]}]|[,.]\d))")
_SPACED = re.compile(
    r"(?:^[\s*$€£]*|\b(?:is|are|of|to)\s[$€£]?|[=:]\s?[$€£]?|[$€£])\d{1,3}(?:[ ]\d{3})+"
    r"(?=[\s.!?*$)]*$|[.,;!?)]\s|\s?[A-Za-z%€£]+[\s.!?*)]*$)"
)
_RACE = re.compile(r"\s?-?(?:run|race|walk|jog|course|marathon)\b", re.IGNORECASE)
_SPACES = re.compile(r"(?<=\d)[\u2009\u202f\u00a0](?=\d{3}(?!\d))")


@dataclass(frozen=True)
class Numeral:
    """A number in a text: where it stands, how it is written, and the values it may stand for.

    `values[0]` is the number as written; "36%" may also stand for 0.36, "5 k" for 5 (kilometres).
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
    """`text` with `2½` as `2 1/2`, `10⁶` as `10^6`, and commas for narrow spaces in a number."""
    if not text.isascii():
        text = _SPACES.sub(",", text).replace("\u2009", " ")
        text = _RAISED.sub(lambda match: f"^{match.group().translate(_SUPERSCRIPT)}", text)
    for sign, written in _VULGAR.items():
        if sign in text:
            text = re.sub(rf"(?<=\d)\s?{sign}", f" {written}", text).replace(sign, written)
    return text


def numerals(text: str) -> list[Numeral]:
    """Every number in `text`, in order; "12,5" is 12.5, and "1 200" at an end of `text` 1,200."""
    found = []
    if "," in text:
        text = _COMMA.sub(r"\1.", text)
    if " " in text:
        text = _SPACED.sub(lambda match: re.sub(r"(?<=\d) (?=\d)", ",", match.group()), text)
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
    """The number that `text` starts with in words: "five", "twenty-one", "two thirds"."""
    found = words(text[:100])
    return found[0] if found and not found[0].start else None


def words(text: str) -> list[Numeral]:
    """Every number in words in `text`, in order."""
    return [
        Numeral(start, end, text[start:end], (value,), 0 if value.denominator == 1 else None)
        for start, end, value in worded(text)
    ]


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
    if match["raised"]:
        exponent = int(match["raised"])
        if len((match["whole"] or "") + (match["decimals"] or "")) > 6 or (
            not value and exponent < 0
        ):
            return ()
        value **= exponent
    for power in (match["exponent"], match["power"]):
        if power:
            value *= Fraction(10) ** int(power)
    if match["sign"] or match["inner"]:
        value = -value
    if match["scale"]:
        return (value * 10 ** _SCALE[match["scale"].lower()],)
    if match["letter"]:
        scaled = value * 10 ** _LETTER[match["letter"].lower()]
        kilometres = match.group().endswith(" k") or _RACE.match(match.string, match.end())
        return (scaled, value) if kilometres else (scaled,)
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
