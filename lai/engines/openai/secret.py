"""A key that nobody may read: how it is blotted out of what is shown, stored or written."""

from __future__ import annotations

import re
from functools import cached_property

from lai.engines.base import Reply

NO_KEY = "EMPTY"
"""What local servers are sent when no key is set; most of them ignore it."""
BLOT = "***"
_LEAST, _LONG = 4, 8
"""Characters: fewer are no secret; so many are one wherever they stand, whatever follows."""
_HEAD = 4
_LOOKS_SECRET = re.compile(r"\b(sk-|Bearer\s+)[\w.+/=*-]{6,}")
_MASKED = re.compile(r"(?<![\w.+/=-])[\w.+/=-]*\*{3}(\.?[\w+/=*-])*")
_COMMON = re.compile(r"[A-Za-z_-]{1,15}|[\d.]{1,19}")
"""A word or a number."""


class Secret:
    """A key. As it is, or with any of its characters escaped as in URLs or JSON, it is blotted out.

    One of 8 characters or more also in another case, and where 8 or more of it stand before dots or
    stars; a shorter one only where it stands as a word of its own.
    """

    def __init__(self, key: str) -> None:
        self._key = "" if key == NO_KEY or len(key) < _LEAST else key

    def shown(self, text: str) -> str:
        """`text` for people, also without what looks like a key, or like a masked part of one."""
        if self._key:
            text = self._begun.sub(BLOT, text)
        text = _MASKED.sub(BLOT, text)
        if self._key:
            text = self._pattern.sub(BLOT, self._shortened.sub(BLOT, text))
        return _LOOKS_SECRET.sub(rf"\1{BLOT}", text)

    def kept(self, reply: Reply) -> Reply:
        """`reply` without the key, which a broken or hostile server may have put into it.

        A key that is a word or a number, as local servers are given (`ollama`, `1234`), stays: to
        blot it out would spoil good replies.
        """
        if not self._key or _COMMON.fullmatch(self._key):
            return reply
        clean = {name: self._blotted(getattr(reply, name)) for name in ("text", "reasoning")}
        return reply.model_copy(update=clean)

    def _blotted(self, text: str) -> str:
        return self._pattern.sub(BLOT, self._begun.sub(BLOT, text))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        written = _written(self._key)
        if len(self._key) >= _LONG:
            return re.compile(written, re.IGNORECASE)
        return re.compile(rf"(?:(?<!\w)|(?<=\\[bfnrt])){written}(?!\w)")

    @cached_property
    def _begun(self) -> re.Pattern[str]:
        """So much of the key's beginning that what is left of it may be guessed, dots or stars."""
        head = _written(self._key[:_LONG]) if len(self._key) >= _LONG else r"(?!)"
        rest = r"(?:[\w+/=%-]|\\{1,8}u(?!2026)){0,200}"
        cut = r"(?:\.{2,}|\*{3,}|\u2026|\\{1,8}u2026)"
        return re.compile(head + rest + cut + rest, re.IGNORECASE)

    @cached_property
    def _shortened(self) -> re.Pattern[str]:
        """The key's beginning, dots, and perhaps its end."""
        head = _written(self._key[:_HEAD])
        return re.compile(head + r"[\w+/=-]{0,80}(\.{2,}|\u2026)[\w+/=-]{0,80}")


def _written(key: str) -> str:
    """A pattern for a key, each of whose characters stands as it is, or as in URLs or JSON."""
    return "".join(map(_forms, key))


def _forms(character: str) -> str:
    code = f"{ord(character):02x}"
    plain = "" if character.isalnum() or character in "_-" else r"\\{0,8}"
    return rf"(?:{plain}{re.escape(character)}|(?i:%{code}|\\{{1,8}}u00{code}))"
