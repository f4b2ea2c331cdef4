"""Numeric answers: the number that a response commits to, compared by value."""

from __future__ import annotations

import re
from fractions import Fraction

from lai.scorers.base import Judgement, Question

_DIGITS = re.compile(
    r"(?P<sign>(?:(?<=^)|(?<=[\s($€£=:*]))[-−]\s?)?[$€£]?\s?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+(?!\d)|\d+)?(?P<decimals>\.\d+)?(?:\s?/\s?(?P<below>\d+))?"
)
_COMMITMENT = re.compile(
    r"####|\b(?:final |correct )?answer\b\s*(?:is\b|are\b|would be\b|will be\b|=|:)\s*:?|^\s*A:",
    re.IGNORECASE | re.MULTILINE,
)
_CALCULATOR = re.compile(r"<<[^<>]*>>")


def numbers(text: str) -> list[tuple[int, int, Fraction, str]]:
    """Every number in `text` as (start, end, value, as written)."""
    found = []
    for match in _DIGITS.finditer(text):
        value = _value(match)
        if value is not None:
            found.append((match.start(), match.end(), value, match.group().strip()))
    return found


def _value(match: re.Match[str]) -> Fraction | None:
    whole, decimals, below = match["whole"], match["decimals"], match["below"]
    if not whole and not decimals:
        return None
    value = Fraction((whole or "0").replace(",", "") + (decimals or ""))
    if below:
        if int(below) == 0:
            return None
        value /= int(below)
    return -value if match["sign"] else value


class Number:
    """The number after the last commitment ("The answer is", "####"), else the last number.

    `$18.00`, `18`, `1,200`, `-5` and `3/4` are read by value; a response that names no number
    gives no answer.
    """

    parallel = False

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        found = self.extract(text, truncated)
        if found is None:
            why = "the response was cut off" if truncated else "the response names no number"
            return Judgement("N", None, why)
        value, written = found
        expected = numbers(question.reference)
        if expected and value == expected[0][2]:
            return Judgement("C", written)
        return Judgement("I", written, f"answered {written}, expected {question.reference}")

    def extract(self, text: str, truncated: bool = False) -> tuple[Fraction, str] | None:
        """The value that `text` commits to and how it was written, or None."""
        text = _CALCULATOR.sub("", text).replace("\\$", "$")
        commitments = list(_COMMITMENT.finditer(text))
        for commitment in reversed(commitments):
            line = text[commitment.end() :].lstrip(" *\\($").split("\n", 1)[0]
            after = numbers(line)
            if after:
                # "The answer is 3 + 4 = 7.": what follows the equals sign is the answer.
                equals = [
                    number for number in after if line[: number[0]].rstrip(" $").endswith("=")
                ]
                chosen = equals[-1] if equals else after[0]
                return chosen[2], chosen[3]
        if truncated:
            return None
        every = numbers(text)
        return (every[-1][2], every[-1][3]) if every else None

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """The number after `####` when there is one (GSM8K), else the whole field."""
        solution, mark, final = raw.rpartition("####")
        found = numbers(final)
        if len(found) != 1:
            raise ValueError(f"{final.strip()[:60]!r} is not one number")
        written = final.strip()
        return written, _CALCULATOR.sub("", solution).strip() if mark else ""
