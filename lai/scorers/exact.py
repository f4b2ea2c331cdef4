"""Exact match, each kind of reference in its own terms: a text, one of two words, a list, brackets.

A reference of brackets alone is compared bracket by bracket (BIG-Bench Hard, dyck_languages), one
of several words word by word in order (word_sorting), yes/no, true/false and valid/invalid as the
word that the response settles on, a number by value, an option by the `choice` scorer.
"""

from __future__ import annotations

import re
import unicodedata

from lai.scorers.base import Judgement, Question
from lai.scorers.choice import Choice
from lai.scorers.number import Number
from lai.scorers.numerals import numerals
from lai.scorers.reading import (
    AFTER,
    BOXED,
    COMMITMENT,
    CORRECTION,
    REFUSAL,
    REVISION,
    first_turn,
    last,
    latest,
    plain,
    sentences,
)

_MARK = re.compile(
    rf"####|^[^\S\n]*+A:|{COMMITMENT}|\b(?:sorted|alphabetical)\b[^\n:]{{0,40}}:",
    re.IGNORECASE | re.MULTILINE,
)
_BRACKETS = re.compile(r"[\s()\[\]{}<>]+")
_RUN = re.compile(r"(?<!\w)[()\[\]{}<>](?:\s{0,3}[()\[\]{}<>])*(?!\w)")
_WORD_A_LINE = re.compile(r"(?:[^\s:]+[ \t]*(?:\n|$)){2,}")
_LAST_AND = re.compile(r"(,[^,]*?),? and (?=\S+\s*$)", re.IGNORECASE)
_COMES_TO = re.compile(r"=|\bis\b|\bequals\b|\bto\b|→|->", re.IGNORECASE)
_NEXT_SENTENCE = re.compile(
    r"(?<=[^\s.]{2})(?<!\bSt)(?<!\bMr)(?<!\bMrs)(?<!\bDr)(?<!\bNo)[.!?]\s+(?=[A-Z\"'(*])"
)
_PAIRS = (("yes", "no"), ("true", "false"), ("valid", "invalid"), ("plausible", "implausible"))
_NOTHING = "the response names no answer"
LONGEST = 200
"""A response in one paragraph of at most this many characters is an answer without lead-in."""


def folded(text: str) -> str:
    """`text` in lower case, white space folded, quotes and the closing stop removed."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split()).strip(" .\"'`*")


class Exact:
    """What follows the last "the answer is", else a response that is nothing but an answer."""

    parallel = False

    def __init__(self) -> None:
        self._choice, self._number = Choice(), Number()

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        reference = question.reference
        if question.choices:
            return self._choice(question, text, truncated)
        number = numerals(reference)
        if len(number) == 1 and number[0].written == reference.strip():
            return self._number(question, text, truncated)
        text = BOXED.sub(r" the answer is \1 ", plain(first_turn(text))).strip()
        pair = next((pair for pair in _PAIRS if folded(reference) in pair), None)
        if pair:
            answer, expected = _word(text, pair, truncated), folded(reference)
        else:
            answer, expected = _span(text, truncated, reference), _comparable(reference, reference)
        if not answer:
            return Judgement("N", None, "the response was cut off" if truncated else _NOTHING)
        if _comparable(answer, reference) == expected:
            return Judgement("C", answer)
        return Judgement("I", answer, f"answered {answer[:200]!r}, expected {reference!r}")

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """The field as it is; with `choices`, a letter."""
        if choices:
            return self._choice.reference(raw, choices)
        if not folded(raw) and not raw.strip():
            raise ValueError("it is empty")
        return raw.strip(), ""


def _brackets(answer: str) -> str:
    """A line `answer`, or the last brackets in it where it has words too."""
    runs = list(_RUN.finditer(answer))
    if not runs or "\n" in answer or _BRACKETS.fullmatch(re.sub(r"[\s,.\"'`]", "", answer)):
        return answer
    denied = re.search(
        r"\bnot?\s+[\"'`]?$", answer[max(0, runs[-1].start() - 10) : runs[-1].start()]
    )
    return "" if denied else runs[-1].group()


def _listed(reference: str) -> bool:
    """Whether `reference` is a list of words."""
    return len(reference.split()) > 1 and "," not in reference


def _comparable(text: str, reference: str) -> str:
    """`text` as it is compared with a reference of this kind."""
    if _BRACKETS.fullmatch(reference):
        stripped = re.sub(r"[\s,.\"'`]", "", text)
        return stripped if _BRACKETS.fullmatch(stripped) else text
    if _listed(reference):
        if "and" not in reference.split():
            text = _LAST_AND.sub(r"\1, ", text)
        text = re.sub(r"^[^\S\n]*+(?:\d+[.)]|[-*•])\s+", " ", text, flags=re.MULTILINE)
        text = re.sub(r"[,;\[\]\"“”]|(?<!\w)'|'(?!\w)|\s->|\s<\s", " ", text)
    return folded(text)


def _span(text: str, truncated: bool, reference: str) -> str:
    """What a response commits to: the rest of the line after the last commitment."""
    answer = _committed(text, truncated, reference)
    if _BRACKETS.fullmatch(reference):
        return _brackets(answer)
    return _revised(text, answer) or answer


def _revised(text: str, answer: str) -> str:
    """What is put in the place of `answer`, as short and in the same case: "No: Paris"."""
    again = last(REVISION, text)
    if not again or not answer or text.find(answer) > again.start():
        return ""
    new = (sentences(text[again.end() : again.end() + 200].strip()) or [""])[0]
    new = new.removesuffix(".").strip(" \"'`*")
    longest = len(answer.split()) + (2 if again["stated"] else 1)
    described = re.match(r"(?:an?|not|the)\b", new, re.IGNORECASE)
    fits = new and len(new.split()) <= longest and new[0].isupper() == answer[0].isupper()
    return new if fits and not described else ""


def _committed(text: str, truncated: bool, reference: str) -> str:
    """The rest of the line, or the list of lines, after the last commitment; or the whole text."""
    mark = last(_MARK, text)
    if mark:
        rest = text[mark.end() :].strip(" :*\"'`\n")
        list_below = re.match(r"(?:(?:\d+[.)]|[-*•])\s.*\n?)+", rest)
        if not list_below and _listed(reference):
            list_below = _WORD_A_LINE.match(rest)
        line = list_below.group() if list_below else rest.split("\n", 1)[0]
        line = _NEXT_SENTENCE.split(line, maxsplit=1)[0].strip()
        if truncated and len(rest) == len(line):
            return ""
        if line and not re.match(r"(?:not|n't)\b", line):
            return line.removesuffix(".").strip(" \"'`*") or line
    if truncated or "\n\n" in text or len(text) > LONGEST or REFUSAL.search(text):
        return ""
    return text.removesuffix(".").strip(" \"'`*") or text


def _word(text: str, pair: tuple[str, str], truncated: bool) -> str:
    """Which word of `pair` a response settles on: stated, first of all, or in its last sentence."""
    either = re.compile(
        rf"(?P<not>\bnot\s+(?:\w+ly\s+)?)?\b(?P<word>{'|'.join(pair)})\b", re.IGNORECASE
    )
    again = last(CORRECTION, text)
    if again and either.search(text, again.start()):
        text = text[again.start() :]
    for mark in reversed(latest(_MARK, text)):
        stated = sentences(text[mark.end() :].lstrip(" :*\"'`\n")[:AFTER])[:1]
        found = _one(either, stated[0], pair) if stated else ""
        if found:
            return found
    if truncated or not text:
        return ""
    said = sentences(text)
    if re.match(rf"\W*(?:{'|'.join(pair)})\b", text, re.IGNORECASE):
        result = _COMES_TO.split(said[0])[-1]
        return _one(either, said[0], pair) or _one(either, result, pair)
    if any(map(REFUSAL.search, said[-2:])):
        return ""
    return _one(either, said[-1].rpartition("=")[2], pair) or _one(either, said[0], pair)


def _one(either: re.Pattern[str], said: str, pair: tuple[str, str]) -> str:
    """The word of `pair` that `said` starts with, or the only one that it holds."""
    found = [
        pair[1 - pair.index(match["word"].lower())] if match["not"] else match["word"].lower()
        for match in either.finditer(said)
    ]
    hedged = re.match(rf"\W*(?:{'|'.join(pair)})\W+(?:or|and)\W+(?:{'|'.join(pair)})\b", said, re.I)
    if found and not hedged and re.match(rf"\W*{found[0]}\b", said, re.IGNORECASE):
        return found[0]
    return found[0] if len(set(found)) == 1 else ""
