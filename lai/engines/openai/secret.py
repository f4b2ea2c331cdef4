"""A key that nobody may read: how it is blotted out of what is shown, stored or written."""

from __future__ import annotations

import re
from functools import cached_property

from lai.engines.base import Reply

NO_KEY = "EMPTY"
"""What local servers are sent when no key is set; most of them ignore it."""
BLOT = "***"
_LEAST, _LONG, _NO_WORD = 4, 8, 16
"""Characters: fewer are no secret; so many are one wherever they stand; so many are no word."""
_HEAD = 4
_LOOKS_SECRET = re.compile(r"\b(sk-|Bearer\s+)[\w.+/=*-]{6,}")
_MASKED = re.compile(r"(?<![\w.+/=-])[\w.+/=-]*\*{3}(\.?[\w+/=*-])*")
_WORD = re.compile(r"[A-Za-z_-]+|\d+")


class Secret:
    """A key. As it is, URL-encoded or escaped as in JSON, it is blotted out.

    One of fewer than 8 characters only where it stands as a word of its own.
    """

    def __init__(self, key: str) -> None:
        self._key = "" if key == NO_KEY or len(key) < _LEAST else key

    def shown(self, text: str) -> str:
        """`text` for people, also without what looks like a key, or like a masked part of one."""
        text = _MASKED.sub(BLOT, text)
        if self._key:
            text = self._pattern.sub(BLOT, self._shortened.sub(BLOT, text))
        return _LOOKS_SECRET.sub(rf"\1{BLOT}", text)

    def kept(self, reply: Reply) -> Reply:
        """`reply` without the key, which a broken or hostile server may have put into it.

        A key that is a word or a number, as local servers are given (`ollama`, `1234`), stays: to
        blot it out would spoil good replies.
        """
        if not self._key or (len(self._key) < _NO_WORD and _WORD.fullmatch(self._key)):
            return reply
        if not any(map(self._pattern.search, (reply.text, reply.reasoning))):
            return reply
        clean = {n: self._pattern.sub(BLOT, getattr(reply, n)) for n in ("text", "reasoning")}
        return reply.model_copy(update=clean)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        written = "".join(map(_forms, self._key))
        return re.compile(written if len(self._key) >= _LONG else rf"(?<!\w){written}(?!\w)")

    @cached_property
    def _shortened(self) -> re.Pattern[str]:
        """The key's beginning, dots, and perhaps its end."""
        head = "".join(map(_forms, self._key[:_HEAD]))
        return re.compile(head + r"[\w+/=-]{0,80}(\.{2,}|\u2026)[\w+/=-]{0,80}")


def _forms(character: str) -> str:
    """A pattern for a character of a key, as it is or in the forms of URLs and JSON."""
    if character.isalnum() or character in "_-":
        return character
    code = f"{ord(character):02x}"
    return rf"(?:\\{{0,8}}{re.escape(character)}|(?i:%{code}|\\{{1,8}}u00{code}))"
