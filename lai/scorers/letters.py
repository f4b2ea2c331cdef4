"""Patterns for the letters (or numbers) of a multiple-choice question's options."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from lai.scorers.reading import Seldom

_NOUN = r"(?i:options?|choices?|answers?|statements?|situations?|scenarios?|letters?|cases?)"
_AND = r"(?:\s*+,?\s*+\b(?:and/or|and|or)\b\s*|\s*+[,/&+]\s*)"
_OPEN_END = r"(?=\s*(?:[.,;:!?)\]\n*\"']|$|(?:and|or|are|both)\b|\())"
_RIGHT = (
    r"\)?(?:\s*\([^()\n]{0,80}\)|,[^,.\n]{0,60},)?\s+"
    r"(?:is|are|would be|seems(?: to be)?|must be)\s+"
    r"(?:(?:clearly|therefore|thus|indeed|also|definitely|probably|likely|then)\s+){0,8}"
)
_SUPERLATIVE = (
    r"(?:(?:the|a)\s+)?(?:(?:only|most|best|single|more|closest|one|correct|right|appropriate"
    r"|accurate|suitable|likely|valid|possible|plausible)\s+){0,8}"
)


@dataclass(frozen=True)
class Letters:
    """Each pattern has a group `letter`, or several that end in it, of which one matches."""

    here: re.Pattern[str]
    more: re.Pattern[str]
    answer: re.Pattern[str]
    right: re.Pattern[str]
    thought: Seldom
    taken_back: Seldom
    copula: re.Pattern[str]
    heading: re.Pattern[str]
    alone: re.Pattern[str]
    aside: re.Pattern[str]
    mention: re.Pattern[str]


@functools.lru_cache(maxsize=64)
def letters(last: str, numbered: bool) -> Letters:
    """The patterns for the options A to `last`, or also 1 to 9 where options are `numbered`.

    A capital stands alone for an option, except A and I where they may be words; a small letter
    does in parentheses, before a stop or bracket, or at the end of a line.
    """
    capital = f"[A-{last}1-9]" if numbered else f"[A-{last}]"
    either = f"[A-{last}a-{last.lower()}1-9]" if numbered else f"[A-{last}a-{last.lower()}]"
    small = f"[a-{last.lower()}]"
    clear = "".join(set("BCDEFGHJKLMNOPQRSTUVWXYZ"[: ord(last) - ord("A")]) - {"I"}) or "B"
    return Letters(
        here=re.compile(
            rf"[(\[]\s*(?P<letter>{either})\s*[)\]]"
            rf"|(?P<plainletter>{capital})(?![\w'%]|[.,]\d|\(|\s*[=+×^*<>]\s*[\w(])"
            rf"|(?P<smallletter>{small})(?=[.)\]*\"'\s]*(?:\n|$)|[.)]\s|\))"
        ),
        more=re.compile(
            rf"[\"'*]*[)\].]?{_AND}(?:{_NOUN} )?[(\[\"']*(?P<letter>{capital})[)\]\"']*{_OPEN_END}"
        ),
        answer=re.compile(
            rf"(?<![\w'])\(?(?P<letter>{capital}){_RIGHT}{_SUPERLATIVE}"
            r"(?:answer|option|choice|response|one)\b"
        ),
        right=re.compile(
            rf"(?<![\w'])\(?(?P<letter>{capital}){_RIGHT}"
            r"(?:the\s+)?(?:only\s+|most\s+|best\s+)?(?:correct|right|best|appropriate|suitable"
            r"|closest)\b"
        ),
        thought=Seldom(
            r"\bi(?:'d| would)? (?:think|believe|guess|suspect|reckon|vote(?: for)?)(?: that)?"
            r"(?: it(?:'s| is| must be| would be| should be))?\s+[(\"']*"
            rf"(?-i:(?P<letter>{capital}))"
            r"[)\"']*(?=\s*(?:[.;!?\n]|$)|\s+(?:because|since)\b)",
            "think|believe|guess|suspect|reckon|vote",
        ),
        taken_back=Seldom(
            r"\b(?:answer|it|choice)\s+(?:is|was|can)(?:not| not|n't)(?: be)?\s+(?:option )?\(?"
            rf"(?-i:(?P<letter>[A-{last}]))\b",
            "not|n't",
        ),
        copula=re.compile(
            r"(?:\b(?:is|be|are|was|as|by|to|with|so|therefore|thus|hence)\b,?|[:=→])\s*[\"'*]*"
            rf"(?:(?:{_NOUN})\s+)?(?:\((?P<letter>{capital})\)"
            rf"|(?P<dottedletter>{capital})(?=[.):]\s|[.)\"']*\s*$|\s+\())",
            re.MULTILINE,
        ),
        heading=re.compile(
            rf"^[^\w\n(]*(?:{_NOUN}\s+)?(?:\((?P<letter>{either})\)"
            rf"|(?P<dottedletter>{either})[.):\]](?!\w))",
            re.MULTILINE | re.IGNORECASE,
        ),
        alone=re.compile(rf"^[^\w\n]*(?:{_NOUN}\s+)?(?P<letter>{either})[^\w\n]*$", re.MULTILINE),
        aside=re.compile(rf"\((?:{_NOUN}\s+)?(?P<letter>{capital})\)"),
        mention=re.compile(
            rf"\b{_NOUN}\s+\(?(?P<letter>{capital})\b(?!')|\((?P<asideletter>{capital})\)"
            rf"|(?<![\w'(^*+=-])(?P<bareletter>[{clear}])(?![\w'=^*+(\[])"
        ),
    )


def name(match: re.Match[str]) -> str:
    """The letter that a pattern of `Letters` found."""
    return next(value for value in match.groupdict().values() if value)
