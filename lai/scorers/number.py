"""Numeric answers: the number that a response commits to, compared by value."""

from __future__ import annotations

import re

from lai.scorers.base import Judgement, Question
from lai.scorers.besides import (
    BOUND,
    NOT,
    ends,
)
from lai.scorers.conclusions import LONGEST, concluded, of_sentence, refuses
from lai.scorers.numerals import Numeral, in_words, numerals, same, spelled
from lai.scorers.reading import (
    AFTER,
    BEFORE,
    BOXED,
    COMMITMENT,
    CORRECTION,
    DOUBTED,
    first_turn,
    last,
    latest,
    plain,
    sentences,
)
from lai.scorers.roles import restated, revision, rounds

_CALCULATOR = re.compile(r"<<[^<>]*>>")
_MARK = re.compile(rf"####|^[^\S\n]*+A:|{COMMITMENT}", re.IGNORECASE | re.MULTILINE)
_LEAD = re.compile(
    r"^(?:[\s*\"'(\[$:=≈~_`]|(?:about|approximately|around|exactly|roughly|only|just|therefore|thus"
    r"|simply|a total of|equal to|that|at least|at most|[a-z]\s*=)\b\s*)*",
    re.IGNORECASE,
)
_SECOND = re.compile(r"^\s*(?:\w+\s+)?(?:or|to|and/or|-|–)\s*$", re.IGNORECASE)
_OPERATOR = re.compile(r"^\s*(?:\w+\s+){0,2}?[-+*×x÷/^](?=[\s$(\d])")
_LOSS = re.compile(r"\s*\(([$€£][\d,.]+)\)\s*")
_UNKNOWN = re.compile(
    r"(?:still |currently )?(?:unknown|undetermined|indeterminate|not known|undefined|unclear)\b"
    r"(?:\s*(?:[.!;\n]|$)|,?\s+(?:because|since|as|without|from)\b)",
    re.IGNORECASE,
)
_BROKEN_DOWN = re.compile(
    r"\s*(?:[a-z%]{1,15}\s*)?=\s*[$(]*\d[\d.,]*\s*[-+*×x÷/][^=]*$", re.IGNORECASE
)
_DIFFERENCE = re.compile(r"\s*[-–]\s*[$(]*\d[\d.,]*\s*[a-z%]{0,15}\s*=", re.IGNORECASE)
_NO_ANSWER = re.compile(r"\bNone\b")
NONE = "None"
"""The reference of a question that cannot be answered (GSM-PLUS, critical thinking)."""


class Number:
    """The number after the last commitment ("The answer is", "####"), else that of the conclusion.

    `$18.00`, `18`, `1,200`, `-5`, `36%` and `3/4` are read by value; a response that names no
    number, gives up, or takes its result back gives no answer. Where the reference is `None`, no
    number can be right and giving up is.
    """

    parallel = False

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        found = extract(text, truncated)
        if isinstance(found, str):
            if question.reference == NONE and not truncated and _gives_up(text):
                return Judgement("C", NONE)
            return Judgement("N", None, "the response was cut off" if truncated else found)
        number, hedge = found
        expected = numerals(question.reference)
        if not hedge and expected and same(number, expected[0]):
            return Judgement("C", number.written)
        written = number.written + hedge
        return Judgement("I", written, f"answered {written}, expected {question.reference}")

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """The number after `####` when there is one (GSM8K), else the whole field; or `None`."""
        solution, mark, final = raw.rpartition("####")
        written = final.strip()
        if written != NONE and len(numerals(written)) != 1:
            raise ValueError(f"{written[:60]!r} is not one number")
        return written, _CALCULATOR.sub("", solution).strip() if mark else ""


def _gives_up(text: str) -> bool:
    return refuses(text) or bool(_NO_ANSWER.search(text))


def extract(text: str, truncated: bool = False) -> tuple[Numeral, str] | str:
    """(the number that `text` commits to, "" or the second number it hedges with), or why none."""
    loss = _LOSS.fullmatch(text)
    text = f"-{loss[1]}" if loss else text
    text = plain(spelled(_CALCULATOR.sub("", first_turn(text)))).rstrip()
    boxed = last(BOXED, text) if "boxed" in text else None
    if boxed and not _MARK.search(text, boxed.end()):
        inside = numerals(boxed[1][-LONGEST:])
        if inside:
            return _settled(text, boxed.end(), (inside[-1], ""))
    text = BOXED.sub(r"\1", text) if boxed else text
    for mark in reversed(latest(_MARK, text)):
        if DOUBTED.search(text, max(0, mark.start() - BEFORE), mark.start()):
            continue
        found = _committed(text, mark, truncated)
        if found:
            return _settled(text, mark.end(), found)
        if _UNKNOWN.match(text[mark.end() :].lstrip(" *:\n\"'")):
            return "the response says that the answer is unknown"
    if truncated:
        return "the response was cut off"
    return concluded(text)


def _committed(text: str, mark: re.Match[str], truncated: bool) -> tuple[Numeral, str] | None:
    """The number that follows a commitment, when the commitment is to a number."""
    rest = text[mark.end() :].lstrip(" *:\n\"'([_`")
    said = sentences(rest[:AFTER])
    if not said or refuses(said[0]):
        return None
    sentence = said[0]
    found = [n for n in numerals(sentence) if not ends(NOT, sentence, n)]
    if truncated and found and found[-1].end == len(rest):
        found = found[:-1]  # "The answer is 12" may have been going to be 120.
    lead = _LEAD.match(sentence)
    start = lead.end() if lead else 0
    if not found:
        return (word, "") if (word := in_words(sentence[start:])) else None
    if ends(BOUND, sentence, found[0]):
        return None
    if found[0].start <= start:
        after = sentence[found[0].end :]
        if _BROKEN_DOWN.match(after):
            return found[0], ""
        if len(found) > 1 and (both := restated(sentence, found[0], found[1])):
            return both, ""
        second = len(found) > 1 and _SECOND.match(sentence[found[0].end : found[1].start])
        if second and not _DIFFERENCE.match(sentence, found[0].end):
            if not rounds(found[0], found[1]):
                return found[0], f" or {found[1].written}"
            return found[1], ""
        if not _OPERATOR.match(after) and "=" not in after:
            return found[0], ""
    explicit = not mark.group().rstrip().endswith(":") or len(said) == 1
    return (of_sentence(sentence, found, text[: mark.start()]), "") if explicit else None


def _settled(text: str, position: int, found: tuple[Numeral, str]) -> tuple[Numeral, str] | str:
    """`found`, unless what follows takes it back; then what is put in its place."""
    again = last(CORRECTION, text, position)
    revised = revision(text, again.start() if again else position)
    if revised:
        return revised, ""
    if not again:
        if any(map(refuses, sentences(text[position:])[-2:])):
            return "the response takes its answer back"
        return found
    return concluded(text[again.start() :])
