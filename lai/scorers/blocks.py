"""Code in a response that stands in no fence of its own: quoted, in HTML, inline, in a session."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterable

_QUOTED_FENCE = re.compile(r"^[ \t]{0,3}>[ \t]?(?:`{3}|~{3})", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]{0,3}>(?!>>)[ ]?", re.MULTILINE)
_CODE_TAG = re.compile(r"</?code[^<>]{0,80}>", re.IGNORECASE)
_LANGUAGE = re.compile(r"(?:python3?|py)\s+", re.IGNORECASE)


def plain_lines(text: str) -> str:
    """`text` without a byte-order mark, and without `>` where a block quote holds a fence."""
    text = text.removeprefix("\ufeff")
    return _QUOTE.sub("", text) if _QUOTED_FENCE.search(text) else text


def session(lines: Iterable[str]) -> str:
    """What was typed in an interactive session: the lines after `>>>` and `...`."""
    return "\n".join(line[4:] for line in lines if line.startswith((">>>", "...")))


def marked_up(text: str) -> list[str]:
    """What stands in `<pre>` blocks, else what stands between backticks."""
    found = []
    parts = re.split("<pre", text, flags=re.IGNORECASE)
    for part in parts[1:]:
        inside = re.split("</pre", part.partition(">")[2], maxsplit=1, flags=re.IGNORECASE)[0]
        found.append(textwrap.dedent(html.unescape(_CODE_TAG.sub("", inside)).strip("\n")))
    if found:
        return [typed(block) for block in found]
    return [_LANGUAGE.sub("", part.strip(), count=1) for part in text.split("`")[1:]]


def typed(block: str) -> str:
    """`block`, or what was typed where it is an interactive session."""
    return session(block.split("\n")) if block.startswith(">>>") else block
