"""What a reader does not see of a text, taken off: look-alike letters, marks of lines, markup."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

_SMALL_CAPITAL = re.compile("(?:LATIN|MODIFIER) LETTER SMALL CAPITAL [A-Z]")
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
} | {
    code: name[-1].lower()
    for code in (*range(0x250, 0x2B0), *range(0x1D00, 0x1DC0), *range(0xA720, 0xA800))
    if _SMALL_CAPITAL.fullmatch(name := unicodedata.name(chr(code), ""))
}
"""Cyrillic, Greek, Armenian, IPA letters and small capitals as the Latin ones they look like."""
_DASHES_AND_SIGNS = str.maketrans(
    "\u2010\u2011\u2012\u2013\u2014\u2015\u00d7\u00f7",
    "------*/",
    # Blanks that are letters or signs; the first look takes them for spaces.
    "\u115f\u1160\u2800\u3164\uffa0",
)
# With space around it a dash after a word is no minus sign, and what is between two of them a mark.
_BREAK = re.compile(r"(?<=[^\W\d_]{2})[^\S\n]+(?:-{1,3}|[/>](?=[^\S\n]+[^\W\d_]{2}))[^\S\n]+")
_COMMENT = re.compile(r"<!--(?:(?!<!--).)*?-->", re.DOTALL)
# As they must be, so that `a<b and c>d` is no tag.
ATTRIBUTES = r"""(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s<>"']+))*\s*/?>"""
_TAG = re.compile(rf"</?[a-z][\w:-]*{ATTRIBUTES}", re.IGNORECASE)
_LOOSE_TAG = re.compile(
    r"</?([a-z][\w:-]*)"
    r"""(?:[\s/]+[\w:@.-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s<>"']*+))?)*+[\s/]*>""",
    re.IGNORECASE,
)
"""A tag as browsers take it: with attributes of no value, or a slash too many."""
_COMPARED = re.compile(r"(?<=[\w)\]])<[a-z][\s/][^<>]*>(?=[\w(\[-])", re.IGNORECASE)
_APART = re.compile(
    r"article|blockquote|br|caption|d[dlt]|div|h[1-6r]|li|[ou]l|option|p|pre|section"
    r"|t(?:able|body|d|foot|h|head|r)",
    re.I,
)
"""Elements that begin a line or a cell, which parts words."""
# Of a line with a letter in it, for "- 5" below "12" is a sum.
_MARK = re.compile(
    r"^[^\S\n]*[-*+=/|>\u2022\u00b7\u25aa\u25cf\u25e6]{1,3}[^\S\n]+(?=\S)(?=.*[^\W\d_])",
    re.MULTILINE,
)
# "1. ", "(2) ", "Step 3: " or "**Fact 4.** " before a line or a sentence.
_NUMBER = re.compile(
    r"""(^[^\S\n]*|(?<=[.?!:;"')])[^\S\n]+)[*_#(\[]{0,3}(?:[^\W\d_]+[^\S\n])?"""
    r"(\d{1,3})[*_]{0,2}[.):\]][*_]{0,2}[^\S\n]+",
    re.MULTILINE,
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]+")
_EMPHASIS = re.compile(r"(?<=[^\W\d_])\*{1,3}(?=[^\W\d_])")
# After a letter with marks of its own too, which stand apart once it is undisguised.
_APOSTROPHE = (
    "['`\u00b4\u02b9\u02bb-\u02bf\u02ca\u02cb\u2018\u2019\u201b\u2032\ua78c\uff07%s]"
    "(?<=[\\w\u0300-\u036f].)(?=[^\\W\\d_])"
)
_JOINTS = {False: re.compile(_APOSTROPHE % ""), True: re.compile(_APOSTROPHE % "-")}
_TEX = re.compile(r"\\(?:text\w*|math(?:rm|bf|it|sf|tt|bb|cal)|mbox|emph|operatorname)\s*\{|[{}]")


def undisguised(text: str) -> str:
    """`text` in Latin letters, its lines and sentences without the numbers 1, 2, 3, ... before them
    and what these count ("Step 1:"), its lines without bullets, its words without tags of any name
    and Markdown's asterisks inside, with one dash for all.

    For a second look: of a text in another alphabet, a list or a product it makes another one.
    """
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if not text.isascii():
        text = unicodedata.normalize("NFD", text).translate(_LOOKALIKES)
        text = text.translate(_DASHES_AND_SIGNS)
    if "<" in text:
        text = _without_tags(_COMMENT.sub("", text))
    text = _BREAK.sub(" ", _MARK.sub("", text))
    last = 0

    def without(found: re.Match[str]) -> str:
        nonlocal last
        number = int(found[2])
        if number not in (1, last + 1):
            return found[0]
        last = number
        return found[1]

    return _NUMBER.sub(without, _EMPHASIS.sub("", text))


def _without_tags(text: str) -> str:
    lower = text.lower()

    @cache
    def closed(name: str) -> bool:
        return f"</{name}" in lower

    def without(tag: re.Match[str]) -> str:
        compared = _COMPARED.match(text, tag.start()) and not _TAG.fullmatch(tag[0])
        if compared and not closed(tag[1].lower()):
            return tag[0]  # "a<b and c>d"
        return " " if _APART.fullmatch(tag[1]) else ""

    return _LOOSE_TAG.sub(without, text)


def joined(text: str, hyphens: bool = False) -> str:
    """`text` without the apostrophes within its words, whatever they are, nor the `hyphens`."""
    return _JOINTS[hyphens].sub("", text)


def spaced(text: str) -> str:
    """`text` with a space for what has no width: in its words, or in the place of spaces."""
    return _UNSEEN.sub(" ", text)


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
