"""Text compared regardless of case, punctuation and white space."""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|\w+|-(?=\s*\d)|[+*/%=<>^$€£]")
"""Words, numbers and the signs that change what a sum asks for; other punctuation is dropped."""


def normalized(text: str) -> str:
    """Words, numbers and arithmetic signs of `text` in lower case, one space between (NFKC)."""
    return " ".join(_TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()))
