"""What stands beside a number and tells what it is to the answer; and a result of no number."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from lai.scorers.numerals import Numeral, numerals
from lai.scorers.reading import BEFORE
from lai.scorers.roles import last_result

NOT = re.compile(
    r"(?:\bnot|n't|\bcannot be|\bcan't be|\binstead of|\brather than|\bnever)\s+(?:\w+\s+)?[$(]*$"
    r"|(?:\bnot|n't)\s+(?:think|believe)\s+(?:that\s+)?(?:it|this|that|the (?:\w+ )?answer)"
    r"(?:'s| is| was| would be)\s+[$(]*$",
    re.IGNORECASE,
)
"""The number is said not to be the answer."""
BOUND = re.compile(
    r"\b(?:greater|more|less|fewer|larger|smaller|higher|lower|other) than\s+[$(]*$"
    r"|[<>≤≥]\s*[$(]*$",
    re.IGNORECASE,
)
"""The number is only compared with."""
ONLY_BOUND = re.compile(
    r"(?<!\bno )(?<!\bnot )\b(?:greater|more|less|fewer|larger|smaller|higher|lower) than\s+[$(]*$"
    r"|(?<![-=<>~])[<>]\s*[$(]*$",
    re.IGNORECASE,
)
"""The answer lies beyond the number, which is no answer then; "no more than 5" is one."""
TOTAL = re.compile(
    r"\b(?:total|sum|altogether)\b(?:\s+(?:of|is|=|to|about|approximately))*\s*[$(]*$",
    re.IGNORECASE,
)
"""The number is a total."""
EQUALS = re.compile(r"[=≈]\s*(?:about|approximately|roughly)?[\s$(*\"']*$", re.IGNORECASE)
"""The number is a result."""
_WORKING = re.compile(
    r"(?<=[\w.%])\s{1,3}\(\s?[$€£]?\d[\d.,]{0,12}+(?:\s?[-+*×x÷/–]\s?[$€£]?\d[\d.,]{0,12}+){1,20}\s?\)"
    r"(?=[\s.!*]{0,4}$)"
)
"""How a result came about, after it: "18 steps in total (5 + 13)"."""
_NOTHING = re.compile(
    r"\b(?:no(?: more)?(?! (?:other|steps?|calculations?|questions?|doubts?|options?|unknowns?))"
    r"(?: [a-z]+){1,3}? (?:are |is |will be |were |was )?(?:left(?! to\b)|remain(?:s|ing)?)"
    r"|none (?:are |is |will be |were |was |of (?:the|them) (?:\w+ )?)?(?:left|remain(?:s|ing)?))\b"
    r"(?:(?: for| in| on| at| over| with) [a-z ]{1,40}| now)?\W*$",
    re.IGNORECASE,
)


def nothing(sentence: str, text: str) -> Numeral | None:
    """Zero, where a sentence says that nothing is left ("There are no apples left").

    Not where the last equation of `text` has another result.
    """
    found = _NOTHING.search(sentence[-200:])
    worked = last_result(text) if found else None
    if not found or (worked and worked.value):
        return None
    start = max(0, len(sentence) - 200) + found.start()
    return Numeral(start, len(sentence), found.group().rstrip(" .!*)"), (Fraction(0),), 0)


def without_working(sentence: str) -> str:
    """`sentence` without sums at its end that only show how its result came about.

    Right after another number, "2 (5 + 4)", brackets may be a factor: unless they come to it.
    """
    match = _WORKING.search(sentence)
    if not match:
        return sentence
    before = numerals(sentence[: match.start()][-40:])
    factor = before and sentence[: match.start()][-1].isdigit()
    parts = [part.value for part in numerals(re.sub(r"[-+–()*×x]", " , ", match.group()))]
    results = {sum(parts), math.prod(parts), 2 * parts[0] - sum(parts)} if parts else set()
    if factor and before[-1].value not in results:
        return sentence
    return sentence[: match.start()] + sentence[match.end() :]


def ends(pattern: re.Pattern[str], sentence: str, number: Numeral) -> bool:
    """Whether what stands before a number ends in `pattern`."""
    return bool(pattern.search(sentence, max(0, number.start - BEFORE), number.start))
