"""The arithmetic written in a worked solution, computed again.

An equation is checked where both sides can be read and one of them computes something; units and
words after a number are passed over. Where it can be read in several ways (a percentage by its
value or as a share, a dash as a minus or as punctuation, a sum that goes on from the one before),
it is wrong only when it is wrong in all of them: a false alarm costs a good sample.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lai.verification.expressions import Token, Value, compute, tokens
from lai.verification.plain import plain
from lai.verification.units import CLOCK, SEVERAL, mixed, units_of

_CALCULATOR = re.compile(r"<<([^<>]*)>>")
_SENTENCE = re.compile(r"\n|(?<=[.;:!?])\s+(?=[^\d\s])")
_THOUSANDS = re.compile(r"(?<=\d)\s(?=\d{3}(?!\d))")
_HYPHEN = re.compile(r"(?<=\d)-(?=[^\W\d_]{2})")
_ABOUT = re.compile(
    r"\b(?:about|approx\w*|around|round\w*|roughly|nearest|whole|complete|rem(?:ainder)?"
    r"|(?:with|and|,) \d+ left|R ?\d+)\b|\d full\b|[≈~]",
    re.IGNORECASE,
)
# Where it stands alone, for of "4 times 17 / 5" it holds a part.
_DIVIDED = re.compile(
    r"(?:^\s*|[.;:!?,]\s+|[(=\[]\s*|\b(?:so|thus|then|hence|therefore|since|because)\s+)"
    r"((\d{1,9}) ?[/÷] ?(\d{1,9}) ?= ?(\d{1,9}),? (?:with )?"
    r"(?:a )?(?:R ?|rem(?:ainder|\.)? (?:of )?)(\d{1,9}))\b(?![.,\s]\d)",
    re.IGNORECASE,
)
_MODULAR = re.compile(r"\b[bp]?mod(?:ulo)?\b|\bin (?:binary|base (?!10\b)\d+)\b", re.IGNORECASE)
_LABELS = frozenset("step day week month year part case round question problem".split())
"""What is counted before a dash: "Day 1 - 5 + 3 = 8"."""
MOST = 20_000
MOST_SPACES = 8
LONGEST = 60
"""Tokens of one side of an equation; of a longer one the part next to the equals sign is read."""


@dataclass(frozen=True)
class _Side:
    """One side as far as it can be read: its possible values, and how it is written.

    `step`: where it is a number alone, what it may be off by, having been rounded.
    """

    values: Sequence[Value]
    numbers: int
    units: frozenset[str]
    step: Fraction
    adds: bool
    discounts: bool
    text: str


def wrong_equation(solution: str) -> str:
    """The first equation of `solution` that does not hold, as it is written, or "".

    What stands in GSM8K's marks for a calculator, "<<3*4=12>>", is looked at first. Of a long
    solution only the whole lines among its first `MOST` characters are.
    """
    if len(solution) > MOST:
        solution = solution[:MOST].rpartition("\n")[0]
    marked = [match[1] for match in _CALCULATOR.finditer(solution)]
    for sentence in (*marked, *_SENTENCE.split(plain(_CALCULATOR.sub("", solution)))):
        asked = sentence.rstrip().endswith("?")
        if "=" in sentence and not asked and not _MODULAR.search(sentence):
            for found in _DIVIDED.finditer(sentence):
                whole, by, times, left = map(int, found.groups()[1:])
                if whole != by * times + left:
                    return found[1]
            wrong = {place: text for place, text, holds in _judged(sentence) if not holds}
            for joined in _joined(sentence):
                if wrong:
                    right = {place for place, _, holds in _judged(joined) if holds}
                    wrong = {place: text for place, text in wrong.items() if place not in right}
            if wrong:
                return next(iter(wrong.values()))
    return ""


def _joined(sentence: str) -> Iterator[str]:
    """The sentence without its spaces that may be of thousands, or without the first few.

    Of "1 000 / 250 = 4 250-ml cups" only the first is one.
    """
    spaces = len(_THOUSANDS.findall(sentence))
    for count in (spaces, *range(1, min(spaces, MOST_SPACES + 1))):
        if count:
            yield _THOUSANDS.sub("", _HYPHEN.sub(" ", sentence), count)


def _judged(sentence: str) -> Iterator[tuple[int, str, bool]]:
    """The equations that can be read: the place of each, how it is written, whether it holds."""
    about = bool(_ABOUT.search(sentence))
    segments: list[list[Token]] = [[]]
    for token in tokens(sentence):
        if token.kind == "=":
            segments.append([])
        else:
            segments[-1].append(token)
    for place, (before, after) in enumerate(itertools.pairwise(segments)):
        left = _left(before, place > 0, sentence, about)
        right = _right(after, place + 2 < len(segments), sentence, about)
        if left and right:
            yield place, f"{left.text} = {right.text}", _holds(left, right)


def _left(segment: Sequence[Token], between: bool, sentence: str, about: bool) -> _Side | None:
    """The longest expression that ends a segment, if nothing before it belongs to it.

    `between`: the segment stands between two equals signs. `about`: the sentence rounds.
    """
    for start in range(max(0, len(segment) - LONGEST), len(segment)):
        part = segment[start:]
        if _begins(segment, start) and compute(part):
            break
    else:
        return None
    alone = _numbers(part) == 1
    follows = start and segment[start - 1].kind != "stop"
    if alone and (follows or (len(part) > 1 and not between)):
        return None  # "Each of 5 friends = 250/5" says nothing of the 5
    readings = [part]
    for place, token in enumerate(part):
        after_words = not place or part[place - 1].kind == "word"
        labelled = place == 1 and start and segment[start - 1].text.lower() in _LABELS
        if token.text == "-" and token.spaced and (after_words or labelled):
            readings.append(part[place + 1 :])
    return _side(part, readings, sentence, about)


def _begins(segment: Sequence[Token], start: int) -> bool:
    """Whether an expression may begin at `start`: not after an operator, or after a variable."""
    if not start:
        return True
    before = segment[start - 1]
    if before.text in ("of", "at", "than") and _numbers(segment[max(0, start - 4) : start]):
        return False  # "2 packs of 6 + 3"
    if before.text == "-" and before.spaced:
        return start == 1 or segment[start - 2].kind in ("word", "stop")
    if before.kind == "word" and start > 1 and segment[start - 2].kind == "number":
        return not mixed(units_of([before, *segment[start : start + 2]]))
    return before.kind not in ("operator", "unknown")


def _right(segment: Sequence[Token], between: bool, sentence: str, about: bool) -> _Side | None:
    """The longest expression that begins a segment, if nothing after it belongs to it."""
    for end in range(min(len(segment), LONGEST), 0, -1):
        part = segment[:end]
        after = "" if end == len(segment) else segment[end].kind
        if after not in ("operator", "unknown") and compute(part):
            break
    else:
        return None
    if after == "number" and mixed(units_of([*part, *segment[end : end + 2]])):
        return None  # "1 hour 15 minutes"
    dashes = [i for i, token in enumerate(part) if token.text == "-" and token.spaced]
    readings = [part, *(part[:place] for place in dashes if place)]
    if between:
        # "3 * 4 = 12 + 5 = 17" goes on with what it found.
        first = next(place for place, token in enumerate(part) if token.kind == "number")
        readings.append(part[: first + 1])
    return _side(part, readings, sentence, about)


def _side(
    part: Sequence[Token], readings: Sequence[Sequence[Token]], sentence: str, about: bool
) -> _Side:
    numbers = [token for token in part if token.kind == "number"]
    return _Side(
        values=[value for one in readings for value in compute(one)],
        numbers=len(numbers),
        units=units_of(part),
        step=_step(numbers[0], about) if len(numbers) == 1 else Fraction(),
        adds=any(token.text in ("+", "-") for token in part),
        discounts=_discounts(part),
        text=sentence[part[0].start : part[-1].end].strip(),
    )


def _discounts(part: Sequence[Token]) -> bool:
    """Whether a percentage is added or taken off that may be one of what is before: "80 - 25%"."""
    return part[0].share == part[0].value and any(
        sign.text in ("+", "-") and token.share != token.value and after.text not in ("*", "/")
        for sign, token, after in zip(part, part[1:], [*part[2:], part[0]], strict=False)
    )


def _numbers(part: Sequence[Token]) -> int:
    return sum(token.kind == "number" for token in part)


def _step(result: Token, about: bool) -> Fraction:
    """A unit of a result's last digit; of a whole number only where the sentence says "about",
    of whole percents always."""
    percent = result.share != result.value
    if result.decimals <= 0 and not about and not percent:
        return Fraction()
    step = Fraction(1, 10 ** max(0, result.decimals))
    return step / 100 if percent else step


def _holds(left: _Side, right: _Side) -> bool:
    """Whether the sides agree in some reading, or nothing is computed that could be wrong."""
    units = left.units | right.units
    if left.numbers == right.numbers == 1 or left.discounts or right.discounts or mixed(units):
        return True
    if units & CLOCK or ((left.units ^ right.units) & SEVERAL and (left.adds or right.adds)):
        return True
    step = max(left.step, right.step)
    return any(
        (apart := abs(one - other)) <= off + also or apart < step
        for one, off in left.values
        for other, also in right.values
    )
