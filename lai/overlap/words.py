"""Texts as normalised words, and the runs of words that two of them share."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

from lai.core.text import normalized
from lai.overlap.disguises import ATTRIBUTES, without_tex

Run = tuple[str, ...]

_TAG = re.compile(
    r"</?(?:a|b|br|code|div|em|font|h[1-6]|i|li|ol|p|pre|small|span|strong|sub|sup|u|ul)"
    + ATTRIBUTES,
    re.IGNORECASE,
)
START = 5
"""Shorter questions are found only as a whole or with all their options: they stand by chance."""
LONG = 13
"""Words in a row that two texts never share by chance (Brown et al. 2020, appendix C)."""
COPIED = 5
"""Words in a row that make a run of a copy: as many as rarely stand together by chance."""


def words(text: str) -> list[str]:
    """The words of `text`, whatever its case, punctuation, accents and markup; numbers are words.

    HTML's tags and entities and TeX's commands for text count as markup.
    """
    plain = unicodedata.normalize("NFKD", without_tex(_TAG.sub("", html.unescape(text))))
    if not plain.isascii():
        plain = "".join(one for one in plain if unicodedata.category(one) != "Mn")
    return normalized(plain).split()


def signless(text: Sequence[str]) -> list[str]:
    """The words of `text` without signs, where 13 are left, half of them no numbers.

    A percent sign is a word.
    """
    spoken = ["percent" if word == "%" else word for word in text]
    spoken = [word for word in spoken if word[0].isalnum()]
    return spoken if len(spoken) >= LONG and worded(spoken) else list(text)


def runs(text: Sequence[str], length: int) -> list[Run]:
    """Every `length` words in a row, in order; none where there are fewer words."""
    return [tuple(text[start : start + length]) for start in range(len(text) - length + 1)]


def numberless(run: Run) -> Run:
    """The run with one mark for every number, unless it is numbers more than anything else."""
    return tuple("#" if word[0].isdigit() else word for word in run) if worded(run) else run


def worded(run: Sequence[str], part: int = 2) -> bool:
    """Whether one in `part` is a word of letters at least: a row of numbers is anybody's."""
    return part * sum(word.isalpha() for word in run) >= len(run)


def copied_share(candidate: str, source: str) -> float:
    """How much of `candidate` stands in `source`: the share of its distinct runs of five words.

    0 to 1. Or how much of a source of 13 words or more stands in it, where that is more: a copy
    with words of its own around it. Numbers are words: the source with other numbers is another
    question. Texts of fewer than five words are copies (1.0) where they are equal.
    """
    asked, given = words(candidate), words(source)
    length = min(COPIED, len(asked), len(given))
    if length < COPIED:
        return float(asked == given)
    found, source_runs = set(runs(asked, COPIED)), set(runs(given, COPIED))
    whole = min(len(found), len(source_runs)) if len(given) >= LONG else len(found)
    return len(found & source_runs) / whole
