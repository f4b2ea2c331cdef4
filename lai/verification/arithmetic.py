"""The arithmetic written in a worked solution, computed again.

An equation is checked where both sides can be read and one of them computes something. Units and
words after a number are passed over. Where an equation can be read in several ways (a percentage
by its value or as a share, a dash as minus or as punctuation, a sum that goes on to the next one),
it is wrong only when it is wrong in all of them: a false alarm costs a good sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lai.verification.expressions import Token, compute, operands, plain, tokens

_CALCULATOR = re.compile(r"<<([^<>]*)>>")
_SENTENCE = re.compile(r"\n|(?<=[.;:!?])\s+(?=[^\d\s])")
_ABOUT = re.compile(r"\b(?:about|approx\w*|around|round\w*|roughly|nearest|whole)\b|[≈~]", re.I)
LONGEST = 60
"""Tokens of one side of an equation; a longer one is not read."""
_MEASURES = frozenset(
    "second minute hour day week month year inch foot feet yard mile meter metre kilometer km cm mm"
    " m gram g kilogram kg mg pound lb ounce oz ton gallon quart pint cup liter litre l ml dollar"
    " cent penny pennies nickel dime quarter dozen pair half score decade century hr min sec".split()
)
"""Units with others of their kind: an equation may turn one into another, "2 hours - 30 minutes"."""


@dataclass(frozen=True)
class _Side:
    """What stands on one side of an equals sign, as far as it can be read, and as it is written."""

    values: list[tuple[Fraction, Fraction]]
    operators: int
    text: str
    units: frozenset[str]
    step: Fraction


def wrong_equation(solution: str) -> str:
    """The first equation of `solution` that does not hold, as it is written, or ""."""
    inner = [one.group(1) for one in _CALCULATOR.finditer(solution)]
    for part in (*inner, *_SENTENCE.split(plain(_CALCULATOR.sub("", solution)))):
        if "=" in part and not part.rstrip().endswith("?"):
            for equation in _wrong(part):
                return equation
    return ""


def _wrong(sentence: str) -> Iterator[str]:
    segments: list[list[Token]] = [[]]
    for token in tokens(sentence):
        if token.kind == "=":
            segments.append([])
        else:
            segments[-1].append(token)
    for place, (before, after) in enumerate(zip(segments, segments[1:], strict=False)):
        left = _read(before, sentence, last=True, whole=place > 0)
        right = _read(after, sentence, last=False, whole=place + 2 < len(segments))
        if left and right and not _holds(left, right):
            yield f"{left.text} = {right.text}"


def _read(
    given: Sequence[Token], sentence: str, last: bool, whole: bool
) -> _Side | None:
    """The expression next to the equals sign: the `last` of a segment, or its first.

    `whole`: the segment stands between two equals signs, and is read as a whole or by the number
    next to the sign, for "3 * 4 = 12 + 5 = 17" goes on with what it found.
    """
    if not given:
        return None
    found: list[Sequence[Token]] = []
    for size in range(min(len(given), LONGEST), 0, -1):
        part = given[-size:] if last else given[:size]
        if _complete(part, given, last) and compute(part):
            found.append(part)
            break
    if not found:
        return None
    longest = found[0]
    first = operands(longest) == 1 and last and not whole
    if first and (len(longest) > 1 or (longest != given and given[-2].kind != "stop")):
        return None  # "Each of 5 friends = 250/5" says nothing of 5
    readings = [longest, *_shorter(longest, last, whole)]
    values = [value for part in readings for value in compute(part)]
    text = sentence[longest[0].start : longest[-1].end].strip()
    alone = [token for token in longest if token.kind == "number"]
    step = _step(alone[0], sentence) if len(alone) == 1 else Fraction()
    return _Side(values, len(alone) - 1, text, _units(longest), step)


def _step(result: Token, sentence: str) -> Fraction:
    """What a result may be off by, less than a unit of its last digit: rounded, or cut short.

    A whole number may be so where the sentence says it.
    """
    if result.decimals > 0 or _ABOUT.search(sentence):
        step = Fraction(1, 10**result.decimals) if result.decimals >= 0 else Fraction(1)
        return step / 100 if result.share != result.value else step
    return Fraction()


def _complete(part: Sequence[Token], given: Sequence[Token], last: bool) -> bool:
    """Whether nothing that belongs to `part` was left out: no operator stands before or after it."""
    rest = given[: len(given) - len(part)] if last else given[len(part) :]
    if not rest:
        return True
    beside = rest[-1] if last else rest[0]
    if last and beside.text == "-" and beside.spaced:
        return len(rest) == 1 or rest[-2].kind in ("word", "stop")
    return beside.kind not in ("operator", "unknown")


def _shorter(part: Sequence[Token], last: bool, whole: bool) -> list[Sequence[Token]]:
    """Other readings: after a dash that may be punctuation; the number next to the sign."""
    found: list[Sequence[Token]] = []
    for place, token in enumerate(part):
        if token.kind == "operator" and token.text == "-" and token.spaced:
            after_word = place > 0 and part[place - 1].kind == "word"
            if after_word or place == 0 or not last:
                found.append(part[place + 1 :] if last else part[:place])
    if not last and whole:
        found.append(part[: next(i + 1 for i, one in enumerate(part) if one.kind == "number")])
    return [one for one in found if one]


def _units(part: Sequence[Token]) -> frozenset[str]:
    words = {token.text.lower() for token in part if token.kind == "word"}
    found = {word if word in _MEASURES else word.rstrip("s") for word in words}
    money = {"dollar"} if any(token.text[:1] in "$€£" for token in part) else set()
    return frozenset(found & _MEASURES) | money


def _holds(left: _Side, right: _Side) -> bool:
    if not left.operators and not right.operators:
        return True
    if len(left.units | right.units) > 1:
        return True
    step = max(left.step, right.step)
    return any(
        (apart := abs(one - other)) <= off + also or apart < step
        for one, off in left.values
        for other, also in right.values
    )
