"""Options that a response only restates, and letters that it puts beside another option's text."""

from __future__ import annotations

import re

from lai.scorers.letters import Letters, name
from lai.scorers.options import Options

_BETWEEN = r"[\s()\[\].,:;*•·\"'`_|/-]{0,8}"
"""What may stand around the letters and texts of a list; a tick or an arrow would be a verdict."""
_TITLE = re.compile(r"(?:(?<=[.!?]\s)|(?<=\n)|^)[^\n.!?]{1,200}:\s{0,8}$")
_LETTER = re.compile(r"\b[B-HJ-Z]\b|\([A-Z]\)")
_CLOSES = re.compile(r"[)\"'*\]]{0,3}\s*(?:[.;!](?!\d)|\n|$|\s(?:because|since)\b)")
_CLAIMS = re.compile(
    r"(?<![\w'])[(\[]?([A-Z1-9])(?:[)\].:,]{1,2}\s{0,3}|\s(?:[-–—]\s)?)[(\"'*]{0,2}(?=\S)"
)
_DISCUSSED = re.compile(r"\b(?:each|every|all|the other|another)(?: of the| the)?(?: \w+)?\s+$")

_LONGEST = 8000
"""How many characters a list that goes through the options may have."""


def without_list(options: Options, text: str) -> str:
    """`text` without lists of all options, letters in order with their texts, and their titles.

    Who restates the options chooses none of them. Less than all options, or words beside them,
    are an answer or a discussion.
    """
    if len(options.texts) < 2 or not all(options.texts):
        return text
    # Most responses name some options alone, and that is seen ten times as fast.
    said = " ".join(text.casefold().split())
    if not all(option in said for option in options.texts):
        return text
    kept: list[str] = []
    start = 0
    for match in _list(options).finditer(text):
        kept.append(_untitled(options, text[start : match.start()]))
        start = match.end()
    return "\n".join([*kept, text[start:]]).strip() if kept else text


def _untitled(options: Options, before: str) -> str:
    """`before` without a last line (or sentence of it) "The options are:" that names none."""
    title = _TITLE.search(before[-300:])
    if not title or _LETTER.search(title.group()) or options.named(title.group().casefold()):
        return before
    return before[: len(before) - len(title.group())]


def _list(options: Options) -> re.Pattern[str]:
    """The pattern of a list of all options; `re` keeps it for as long as it is needed."""
    items = []
    for index, option in enumerate(options.texts):
        names = "|".join(map(re.escape, {options.letters[index], options.labels[index]}))
        written = r"\s{1,3}".join(map(re.escape, option.split()))
        items.append(rf"(?:{names})[).:\]]{{1,2}}{_BETWEEN}{written}(?!\w|[.,/]\d)")
    joined = rf"{_BETWEEN}(?:\b(?:and|or)\s)?(?:option |choice )?{_BETWEEN}".join(items)
    return re.compile(
        rf"(?<![\w'])(?:(?:option|choice)\s)?[(\[]?{joined}"
        r"[.,;)\]\"'*|_`]{0,4}(?:(?=[^\S\n]{0,8}(?:\n|$))|(?<=[.?!;])(?=\s)|\?(?=\s))",
        re.IGNORECASE,
    )


def goes_through(pattern: Letters, options: Options, text: str, start: int) -> bool:
    """Whether the letter at `start` begins a run of lines that go through all options in order."""
    wanted = list(range(len(options.letters)))
    found: list[int | None] = []
    first = text.rfind("\n", 0, start) + 1
    for line in text[first : start + _LONGEST].split("\n"):
        match = pattern.heading.match(line)
        if match:
            found.append(options.index(name(match)))
        if (line.strip() and not match) or len(found) == len(wanted):
            break
    return len(wanted) > 1 and found == wanted


def below(options: Options, pattern: Letters, rest: str, found: list[int]) -> list[int]:
    """The options of the lines right below: "The answer is:", then "B. ..." and "C. ..."."""
    more: list[int] = []
    for line in rest.split("\n")[1:]:
        match = pattern.heading.match(line)
        index = options.index(name(match)) if match else None
        if index is None or index in found:
            break
        more.append(index)
    return more


def discusses(before: str) -> bool:
    """Whether "option:" comes after "each": what follows goes through them."""
    return bool(_DISCUSSED.search(before[-80:].lower()))


def belied(options: Options, text: str, chosen: int) -> int | None:
    """The other option of the last claim that gives the letter of one the text of another.

    Of claims with the letter or the text of `chosen`; one that has both is none.
    """
    other = None
    for match in _CLAIMS.finditer(text):
        letter = options.index(match[1])
        if letter is None or (letter != chosen and match.group() in ("A ", "I ")):  # "A dog."
            continue
        rest = text[match.end() : match.end() + 300]
        named = options.leading(rest)
        if named == letter:
            other = None if letter == chosen else other
        elif named is not None and chosen in (letter, named):
            if re.fullmatch("[a-z]", options.texts[named]):
                continue
            written = r"\s+".join(map(re.escape, options.texts[named].split()))
            end = re.match(rf"\W{{0,4}}?{written}", rest, re.IGNORECASE)
            if end and _CLOSES.match(rest, end.end()):
                other = named if letter == chosen else letter
    return other
