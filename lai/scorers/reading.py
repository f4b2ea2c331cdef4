"""What the scorers share in reading a response: plain text, sentences, taking back, giving up."""

from __future__ import annotations

import collections
import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import Protocol

LATEST = 50
"""How many commitments of a response are looked at, the last ones: models fall into loops."""
AFTER = 2000
"""How many characters after a commitment may tell what it is to."""
BEFORE = 80
"""How many characters before a number or an option may rule it out, or say that it is a result."""


class Searchable(Protocol):
    """What `last` goes through."""

    def finditer(self, text: str, position: int = 0, /) -> Iterator[re.Match[str]]: ...


class Seldom:
    """A pattern, case ignored, that needs one of `words` (lower case, apart by |) to match.

    Most texts have none of them, and that is seen ten times as fast as the pattern fails.
    """

    def __init__(self, pattern: str, words: str) -> None:
        self.pattern = re.compile(pattern, re.IGNORECASE)
        self._words = words.split("|")

    def finditer(self, text: str, position: int = 0) -> Iterator[re.Match[str]]:
        """The matches from `position` on."""
        lowered = _lowered(text)
        for word in self._words:
            if word in lowered:
                yield from self.pattern.finditer(text, position)
                return


@functools.lru_cache(maxsize=16)
def _lowered(text: str) -> str:
    """`text` in lower case: several patterns are sought in each text."""
    return text.lower()


_FRACTION = re.compile(r"\\[dtc]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_MIXED = re.compile(r"(?<=\d)(?=\\[dtc]?frac)")
_SHORT_FRACTION = re.compile(r"\\[dtc]?frac\s*(\d)\s*(\d)")
_TEXT = re.compile(r"\\(?:text|textbf|textit|mathrm|mathbf|operatorname|mbox)\s*\{([^{}]*)\}")
_SPACING = re.compile(
    r"\\[,;:! ]|\\(?:quad|qquad|left|right)(?![a-z])|\\[()\[\]]|\$\$|\{,\}|~(?=\d)"
)
_SYMBOLS = (("\\times", "×"), ("\\cdot", "*"), ("\\approx", "≈"), ("\\div", "/"))
_EMPHASIS = re.compile(r"\*\*|(?<!\w)__(?=\S)|(?<=\S)__(?!\w)")
BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")

COMMITMENT = (
    r"\b(?:answer|solution|choice|option|response|pick|selection|conclusion)\b"
    r"(?:\s+(?:to|for|of|in|from|among|given|here)\b(?:[^\S\n]+(?!is\b|are\b)[^\s.:;!?]+){0,14}?)?"
    r"(?:\s*(?:is|are|was|=|:)(?=[\s:*\"'($\[\\]|\d|-\d|$)"
    r"|\s+(?:would|should|must|will|could|has to|seems to|appears to)\s+be\b|\s+becomes\b)"
    r"(?:\s*:)?"
)
"""What leads up to an answer; `answer`, `choice` ... up to the copula or colon. Ignore case."""

_NEXT_TURN = re.compile(
    r"\n[^\S\n]*+(?:Q|Question|Problem|Human|User|Input)\s*+\d*+\s*+:"
    r"|<\|(?:im_end|eot_id|endoftext)\|>|</s>",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"\W*+(?:sure|ok(?:ay)?|certainly|absolutely|of course|all ?right|great|good|here"
    r"|let(?:'s|’s| us| me)|hello|hi|thanks?|i|we|to|first|step|solution|answer|response|note)\b",
    re.IGNORECASE,
)
SHORTEST = 60
"""How many characters an answer without any reasoning has at most."""
_COMMITTED = re.compile(rf"####|\\boxed|^[^\S\n]*+A:|{COMMITMENT}", re.IGNORECASE | re.MULTILINE)

CORRECTION = Seldom(
    r"\b(?:wait\b|correction\b|oops\b|scratch that|my mistake|on second thought|i apologi[sz]e"
    r"|(?:i|we) (?:have )?(?:made|make) (?:a|an) (?:\w+ )?(?:mistake|error)"
    r"|let(?:'s| me| us) (?:re-?(?:check|calculate|compute|do|consider|evaluate)|correct|fix)"
    r"|(?:that|this|which)(?:'s| is| was) (?:wrong|incorrect|not (?:right|correct)))",
    "wait|correction|oops|scratch that|mistake|error|second thought|i apologi|let's|let me|let us"
    "|wrong|incorrect|not right|not correct",
)
"""A writer stops and starts again: what was committed to before it counts no more."""

REVISION = Seldom(
    r"(?:\b(?:actually|sorry|nope|i meant?|make (?:that|it)|or rather)\b"
    r"|\b(?:no(?=[,.:;!—–]| wait\b)|correction(?=:)|wait(?=[,:—–])))"
    r"(?:[\s,.:;!…—–]{1,4}(?:no|actually|sorry|wait|rather)\b){0,3}"
    r"(?P<stated>[\s,.:;!…—–]{1,4}(?:(?:it|(?:the|my) (?:\w+ )?(?:answer|result|total))"
    r"(?:'s| is| was| should be| should have been| must be| would be)(?: actually)?|i meant?"
    r"|make (?:that|it)))?(?:[\s,:.…—–]{1,4}|$)",
    "actually|sorry|nope|correction|wait|i mean|make that|make it|or rather"
    "|no,|no.|no:|no;|no!|no—|no–|no wait",
)
"""A writer puts one answer in the place of another; what follows the match is the new one."""

REFUSAL = re.compile(
    r"\b(?:can ?not|can'?t|could ?n[o']t|unable to|impossible to|not possible to|not able to"
    r"|do(?:es)?(?: not|n't) (?:allow|let) us to|difficult to|hard to|not clear"
    r"|(?:no|n't any|not any) (?:\w+ )?way (?:to|of))\s+"
    r"(?:(?:be|definitively|accurately|exactly|say|precisely|actually|even)\s+)*"
    r"(?:determin|calculat|answer|solv|know|say|tell|figure|find|conclud|comput|provide|which"
    r"|what|give|deduc|infer)"
    r"|\b(?:not enough|insufficient|lacks?|missing|without (?:more|additional|further|knowing))\s+"
    r"(?:\w+\s+){0,2}?(?:information|data|context|details?|facts)"
    r"|\b(?:do(?:es)?(?: not|n't)) (?:have|provide|contain|give|specify) "
    r"(?:us )?(?:enough|sufficient)"
    r"|\b(?:i (?:do(?: not|n't) know|am not sure|'m not sure)|i'm not sure)",
    re.IGNORECASE,
)
"""A writer says that there is no telling."""

RETRACTION = re.compile(
    r"\b(?:do(?:es)?(?: not|n't)|doesn’t) (?:make (?:any )?sense|seem (?:right|correct|to result))"
    r"|\b(?:answer|result|calculation|value|solution|number|this|that|it)\s+(?:\w+\s+){0,2}?"
    r"(?:is|seems?|appears?|must be|looks?|would be|was)\s+(?:to be\s+)?"
    r"(?:incorrect|wrong|inconsistent|unreasonable|impossible|invalid|contradict"
    r"|not (?:correct|right|reasonable|possible|valid|realistic|sensible))"
    r"|\b(?:an?|some|the) (?:\w+ )?(?:error|mistake|inconsistency|typo|contradiction|discrepancy)"
    r"(?: \w+)? (?:in|with|within) (?:the|this|our|your|my)\b"
    r"|\bdouble-?check (?:the|your|that)\b(?![^\n]{0,80}=)",
    re.IGNORECASE,
)
"""A writer doubts what was just worked out, without putting anything in its place."""

DOUBTED = re.compile(
    r"(?:\bnot|n't)\s+(?:\w+ly\s+)?(?:think|believe|feel|say|suppose|agree)\s+(?:that\s+)?"
    r"(?:(?:the|my|this|your|option|correct|right|final|best)\s+){0,4}$",
    re.IGNORECASE,
)
"""What stands before a commitment that a writer does not make: "I don't think that the"."""


def plain(text: str) -> str:
    """`text` without Markdown emphasis and with the simplest LaTeX written out (`\\frac34` as 3/4).

    `\\boxed{...}` stays: it is a commitment.
    """
    if "\\" in text or "$$" in text:
        text = _MIXED.sub(" ", text)
        for _ in range(2):
            text = _FRACTION.sub(r"\1/\2", text)
            text = _TEXT.sub(r"\1", text)
        text = _SHORT_FRACTION.sub(r"\1/\2", text)
        text = text.replace("{,}", ",").replace("\\$", "$").replace("\\%", "%")
        for symbol, written in _SYMBOLS:
            text = text.replace(symbol, written)
        text = _SPACING.sub(" ", text)
    if "**" in text or "__" in text:
        text = _EMPHASIS.sub("", text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFC", text)
    return text.replace("−", "-").replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")


def first_turn(text: str) -> str:
    """`text` up to where a model answers its question and then invents the next one."""
    committed = None
    for match in _NEXT_TURN.finditer(text):
        if match.group().startswith("<"):
            if unspaced(text, match.start()):
                return text[: match.start()]
            continue
        end = unspaced(text, match.start())
        if not end:
            continue
        line = text.index("\n", end)
        # What leads up to an answer never goes on into the next turn, so the first one decides.
        if committed is None:
            first = _COMMITTED.search(text)
            committed = first.end() if first else len(text)
        # Nothing was answered where the lead-in is the last thing before the turn.
        if committed < end or _bare(text[:end]):
            return text[:line]
    return text


def _bare(text: str) -> bool:
    """Whether `text` is an answer alone, as a model gives it after examples: "B", "17", "No"."""
    words = text[-SHORTEST:].split() if len(text) <= SHORTEST else []
    return 0 < len(words) <= 5 and not text.endswith(":") and not _GREETING.match(text)


def unspaced(text: str, end: int) -> int:
    """Where the white space before `end` begins."""
    while end and text[end - 1].isspace():
        end -= 1
    return end


def last(pattern: Searchable, text: str, position: int = 0) -> re.Match[str] | None:
    """The last match of `pattern` in `text` from `position` on."""
    found = None
    for match in pattern.finditer(text, position):
        found = match
    return found


def latest(pattern: Searchable, text: str) -> list[re.Match[str]]:
    """The last matches of `pattern` in `text`, LATEST at most."""
    return list(collections.deque(pattern.finditer(text), LATEST))


_END = re.compile(r"(?<=[.!?])[\"')\]]*+\s++(?=\S)|\n++")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|vs|approx|e\.g|i\.e|No|[A-Z])\.$")


def sentences(text: str) -> list[str]:
    """`text` cut at line ends and after full stops; "3.5" and "Mr. Lee" stay whole."""
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        near = max(start, match.start() - 8)
        if "\n" not in match.group() and _ABBREVIATION.search(text, near, match.start()):
            continue
        found.append(text[start : match.end()])
        start = match.end()
    found.append(text[start:])
    return [sentence.strip() for sentence in found if sentence.strip()]
