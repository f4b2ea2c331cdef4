"""Text compared regardless of case, punctuation, markup and white space."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(
    r"\d+(?:\.\d+)?|\w+"
    # Signs that change what a sum asks for: spaced alike on both sides, or they are markup.
    r"|(?<=[\w)\]])[+*/=<>^](?=[\w(\[-])|(?<=[\w)\]])\s+[+*/=<>^]\s+(?=[\w(\[-])"
    r"|-(?=\s*\d)|(?<=\d)%"
    # Brackets that stand alone within a line are what is asked about (a sequence to be closed).
    r"|(?<=[^\S\n])[()\[\]{}<>](?!\S)"
)
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SIGNS = {0x2212: "-", 0x115F: " ", 0x1160: " "}
_ZEROS = re.compile(r"(?<=\d)\.0+(?!\d)")


def normalized(text: str) -> str:
    """Words, numbers and arithmetic signs of `text` in lower case, one space between (NFKC).

    Markup, punctuation, format and control characters (Unicode's Cf and Cc) are dropped, except
    brackets with space on both sides; Hangul fillers are spaces, which they look like. `1,200`,
    `1200.0` and `1200` are one number, and so are the two minus signs.
    """
    text = unicodedata.normalize("NFKC", text).casefold().translate(_SIGNS)
    if not text.isprintable():
        text = "".join(one for one in text if one.isspace() or not _unseen(one))
    text = _ZEROS.sub("", _SEPARATOR.sub("", text))
    return " ".join(match.group().strip() for match in _TOKEN.finditer(text.replace("_", " ")))


def _unseen(character: str) -> bool:
    return unicodedata.category(character) in ("Cf", "Cc")


def shortened(text: str, longest: int) -> str:
    """`text` in one line of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def counted(count: int, noun: str) -> str:
    """`1 task`, `2 tasks`; of a noun that takes an s."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def replies(count: int) -> str:
    """`1 reply`, `2 replies`."""
    return "1 reply" if count == 1 else f"{count:,} replies"


def printable(text: str) -> str:
    """`text` as it may be shown in a terminal, line by line: nothing in it moves the cursor.

    Of a model's output nothing but text may get there; tabs become spaces.
    """
    return "\n".join(
        "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)
        for line in text.replace("\r\n", "\n").expandtabs(4).split("\n")
    )
