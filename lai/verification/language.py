"""Whether an exercise is in the language of the question that it was written for."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from typing import Any

SURE = 0.7
"""The probability from which a language counts as known: none of 6,588 English questions of the
benchmarks and the demo is taken for another language (benchmarks/checks.py)."""
RULED_OUT = 0.05
"""Below this a language is none that the text may be in: near relatives are not told apart."""
LETTERS = 20
"""A text of fewer letters has no language that could be told."""
OF_SCRIPT, IDEOGRAMS = 8, 4
"""Letters that tell a script, and signs of one in which a sign is a syllable or a word."""
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+", re.DOTALL)
_SCRIPTS = {"CJK": "Han", "HIRAGANA": "Han", "KATAKANA": "Han", "HANGUL": "Hangul"}
"""Japanese is written in three of them."""


def other_language(text: str, source: str) -> str:
    """Why `text` is not in the language of `source`, or "" where it is, or nobody can tell."""
    text, source = _words(text), _words(source)
    if not text or not source:
        return ""
    script, expected = _script(text), _script(source)
    if script and expected and script != expected:
        return f"it is written in {script} script, its source in {expected}"
    wanted = _language(source)
    language = _language(text)
    if language and wanted and language != wanted and _probability(text, wanted) < RULED_OUT:
        return f"it is in another language ({language}) than its source ({wanted})"
    return ""


def _words(text: str) -> str:
    return " ".join(_CODE.sub(" ", text).split())


@lru_cache(maxsize=4096)
def _script(text: str) -> str:
    """The script that most letters of `text` belong to, "" where there are too few of them."""
    found: Counter[str] = Counter()
    for letter in filter(str.isalpha, text):
        name = unicodedata.name(letter, "").partition(" ")[0]
        found[_SCRIPTS.get(name, name.capitalize())] += 1
    if not found:
        return ""
    [(script, count)] = found.most_common(1)
    enough = IDEOGRAMS if script in _SCRIPTS.values() else OF_SCRIPT
    return script if count >= enough and count > 0.7 * found.total() else ""


def _language(text: str) -> str:
    """The ISO 639 code of the language of `text`, "" where it is not sure."""
    ranked = _ranked(text)
    language = next(iter(ranked), "")
    return language if ranked.get(language, 0.0) >= SURE else ""


def _probability(text: str, language: str) -> float:
    return _ranked(text).get(language, 0.0)


@lru_cache(maxsize=4096)
def _ranked(text: str) -> dict[str, float]:
    """The probabilities of languages, the likeliest first; none for a text without enough words."""
    short = sum(map(str.isalpha, text)) < LETTERS and _script(text) not in _SCRIPTS.values()
    return {} if short or not _script(text) else dict(_identifier().rank(text))


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # half a second

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
