"""Numbers in words: "thirty-six", "one hundred and five", "two thirds", "two and a half"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_ROUND = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_BELOW = {word: value for value, word in enumerate(_SMALL)} | {
    word: 10 * value for value, word in enumerate(_ROUND, 2)
}
_TIMES = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8}
_PARTS |= {f"{word}s": value for word, value in _PARTS.items()} | {"halves": 2, "tenths": 10}
_ANY = "|".join(sorted({*_BELOW, *_TIMES, *_PARTS}, key=len, reverse=True))
_RUN = re.compile(
    rf"\b(?P<sign>minus |negative )?(?P<words>(?:an? )?(?:{_ANY})\b"
    rf"(?:(?: and an? | and |[- ])(?:{_ANY})\b){{0,12}})(?!-\w)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[a-z]+", re.IGNORECASE)


def worded(text: str) -> Iterator[tuple[int, int, Fraction]]:
    """(start, end, value) of every number in words; digits read out ("two three") are none."""
    for run in _RUN.finditer(text):
        tokens = list(_TOKEN.finditer(text, run.start("words"), run.end("words")))
        words = [token.group().lower() for token in tokens]
        first = 0
        while first < len(words):
            value, used = _read(words[first:])
            if value is None:
                first += 1
                continue
            after = first + used
            if after < len(words) and words[after] != "and":
                break
            signed = run["sign"] and not first
            start = run.start() if signed else tokens[first].start()
            yield start, tokens[after - 1].end(), -value if signed else value
            first = after


def _read(words: list[str]) -> tuple[Fraction | None, int]:
    """(the number that `words` start with or None, how many words it takes)."""
    total, part, limit, used = Fraction(0), Fraction(0), 10**12, 0
    digits = ""  # What the last word was: "" (nothing yet), "unit", "tens", "times" or "end".
    for number, word in enumerate(words):
        joined = number > used
        if word == "and" and digits in ("unit", "times") and not joined:
            continue
        if word in ("a", "an") and (not number or joined):
            following = words[number + 1 : number + 2]
            if following and (following[0] in _PARTS or (not number and following[0] in _TIMES)):
                if joined and digits:
                    return total + part + Fraction(1, _PARTS[following[0]]), number + 2
                part, digits, used = Fraction(1), "unit", number + 1
                continue
            break
        if word in _BELOW:
            value = _BELOW[word]
            fits = not digits or digits == "times" or (digits == "tens" and 0 < value < 10)
            if not fits or (joined and digits != "times") or (part % 100 and value > 9):
                break
            part += value
            digits = "tens" if value > 19 else "unit"
        elif word in _TIMES and not joined and digits and (part or digits == "times"):
            if _TIMES[word] >= limit:
                break
            if _TIMES[word] < 1000:
                if part >= 100:
                    break
                part *= _TIMES[word]
            else:
                total, part, limit = total + part * _TIMES[word], Fraction(0), _TIMES[word]
            digits = "times"
        elif word in _PARTS and not joined and digits == "unit" and part < 20 and not total:
            return part / _PARTS[word], number + 1
        else:
            break
        used = number + 1
    return (total + part, used) if digits else (None, 0)
