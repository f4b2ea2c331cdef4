"""What a reader does not see of a text, taken off: look-alike letters, numbers of lines, markup."""

from __future__ import annotations

import re
import unicodedata

_LOOKALIKES = {
    ord(alike): latin
    for letters, latins in (
        ("АВЕЅІЈКМНОРСТУХԌҺӀ", "ABESIJKMHOPCTYXGHI"),
        ("авеѕіјкмнорстухһԁԛԝӏ", "abesijkmhopctyxhdqwl"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
        ("αβγεηικνορτυχωϲϳ", "abyenikvoptuxwcj"),
        ("օսոհցɑɡı", "ounhgagi"),
    )
    for alike, latin in zip(letters, latins, strict=True)
}
"""Cyrillic, Greek, Armenian and IPA letters as the Latin ones that they look like."""
_NUMBER = re.compile(r"^([ \t]*)[(\[]?(\d{1,3})[.):\]][ \t]+", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<=[^\W\d_])\*{1,3}(?=[^\W\d_])")
_TEX = re.compile(r"\\(?:text\w*|math(?:rm|bf|it|sf|tt|bb|cal)|mbox|emph|operatorname)\s*\{|[{}]")


def undisguised(text: str) -> str:
    """`text` in Latin letters, its lines without the numbers 1, 2, 3, ... before them, its words
    without Markdown's asterisks inside.

    For a second look: of a text in another alphabet, a list or a product it makes another one.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFD", text).translate(_LOOKALIKES)
    last = 0

    def without(found: re.Match[str]) -> str:
        nonlocal last
        number = int(found[2])
        if number not in (1, last + 1):
            return found[0]
        last = number
        return found[1]

    return _NUMBER.sub(without, _EMPHASIS.sub("", text))


def without_tex(text: str) -> str:
    r"""`text` with what stands in `\text{...}` and its kin, without these."""
    if "\\" not in text:
        return text
    commands: list[bool] = []

    def without(found: re.Match[str]) -> str:
        if found[0] != "}":
            commands.append(found[0] != "{")
            return "" if commands[-1] else "{"
        return "" if commands and commands.pop() else "}"

    return _TEX.sub(without, text)
