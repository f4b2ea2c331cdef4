"""The number of a response that states no answer: what its last sentences come to."""

from __future__ import annotations

import itertools
import re

from lai.scorers.besides import EQUALS, NOT, ONLY_BOUND, TOTAL, ends, nothing, without_working
from lai.scorers.numerals import Numeral, in_words, numerals, words
from lai.scorers.reading import REFUSAL, RETRACTION, sentences
from lai.scorers.roles import central, last_result, merged, rounds

_THEN = re.compile(
    r"\b(?:so|therefore|thus|hence|means?|leaves|leaving|giv(?:es|ing)|which is|rounds?)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"(?<!\w)\((?=[^()a-z]*+[a-z])[^()]*+\)", re.IGNORECASE)
_ENUMERATOR = re.compile(r"^\s*(?:\d{1,2}[.)]|step \d+[.:)]?)\s+(?=\S)", re.IGNORECASE)
_UNTOLD = re.compile(
    r"\b(?:is|are|was|remains?) (?:still )?(?:unknown|indeterminate)\b|^we do(?: not|n't) know\b",
    re.IGNORECASE,
)
_STATES = re.compile(
    r"(?!(?:if|to|since|as|when|let|first)\b).*[.!)\"]$", re.IGNORECASE | re.DOTALL
)
_ALONE = re.compile(r"(?:\s+[a-z]{1,15})?[\s.!*\"')]*", re.IGNORECASE)
_THESE = re.compile(r"\b(?:the|these|those|both|each|of|all)\s+$", re.IGNORECASE)
_REMARK = re.compile(r"\W*(?:(?:please )?note\b|remember\b|i hope\b|let me know\b)", re.IGNORECASE)
LONGEST = 4000
"""How many characters of a concluding sentence are looked at, the last ones."""


def concluded(text: str) -> tuple[Numeral, str] | str:
    """The number of the last sentence that has one, unless it or a later one takes it back."""
    said = sentences(text)
    for index in range(len(said) - 1, -1, -1):
        sentence = _ENUMERATOR.sub("", said[index])[-LONGEST:]
        if _REMARK.match(sentence) and index:
            continue
        if refuses(sentence):
            return "the response gives up or takes its result back"
        if sentence.startswith("(") and sentence.rstrip(".").endswith(")") and index:
            continue
        main = without_working(_ASIDE.sub(" ", sentence))
        found = numerals(main)
        if not found:
            main, found = sentence, numerals(sentence)
        zero = nothing(sentence, text) if index == len(said) - 1 and not found else None
        if zero:
            return zero, ""
        if found and all(ends(ONLY_BOUND, main, number) for number in found):
            return "the response only names a bound"
        if any(not ends(NOT, main, number) for number in found):
            return of_sentence(main, found, "\n".join(said[:index])), ""
    return _in_words_alone(said) or "the response names no number"


def _in_words_alone(said: list[str]) -> tuple[Numeral, str] | None:
    """The number that a response without digits starts with, or that its last sentence has."""
    for sentence in (*said[:1], *said[-1:]):
        first = in_words(sentence.lstrip(" *\"'("))
        if first and _ALONE.fullmatch(sentence.lstrip(" *\"'("), first.end):
            return first, ""
    sentence = said[-1] if said else ""
    if not _STATES.match(sentence):
        return None
    found = [
        number
        for number in words(sentence)
        if number.written.lower() != "one"
        and not _THESE.search(sentence[: number.start])
        and not ends(ONLY_BOUND, sentence, number)
    ]
    return (of_sentence(sentence, found, ""), "") if found else None


def refuses(sentence: str) -> bool:
    """Whether a sentence says that there is no telling, or takes a result back."""
    return bool(REFUSAL.search(sentence) or RETRACTION.search(sentence) or _UNTOLD.search(sentence))


def of_sentence(sentence: str, found: list[Numeral], before: str) -> Numeral:
    """Which number of a sentence is its result.

    What stands after the last equals sign, unless a conclusion follows it; else, of several, the
    one that repeats the last equation before the sentence; else the last.
    """
    found = merged(sentence, found)
    equal = [number for number in found if ends(EQUALS, sentence, number)]
    if equal:
        tail = [number for number in found if number.start >= equal[-1].end]
        said = sentence[equal[-1].end :]
        if not tail or not _THEN.search(said):
            return equal[-1]
        found = tail
    found = [number for number in found if not ends(NOT, sentence, number)] or found
    for number in reversed(found):
        if ends(TOTAL, sentence, number):
            return number
    for number, second in itertools.pairwise(found):
        if sentence[number.end : second.start].strip() == "or" and rounds(number, second):
            return second
    if len(found) > 1:
        result = last_result(before)
        for number in found:
            if result and number.value == result.value:
                return number
    return central(sentence, found)[-1]
