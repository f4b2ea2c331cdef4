"""What of a held-out item betrays it, beside its question: options, tests and a solution."""

from __future__ import annotations

import re

from lai.core.records import Sample
from lai.overlap.words import START, words

_OPTION = re.compile(r"^(?:\(([A-Z])\)|-)\s*(.*?)\s*$", re.MULTILINE)
_ASSERT = re.compile(r"^\s*assert\b.*", re.MULTILINE)


def question(sample: Sample) -> tuple[str, str, list[str]]:
    """The question, its right option, "" where it has none, and all of them.

    Options that the text itself lists, as BBH's do, count as such: their order says nothing.
    """
    stem, listed, options = sample.input.rpartition("Options:")
    if sample.choices or not listed:
        index = ord(sample.reference[:1] or "@") - ord("A")
        known = 0 <= index < len(sample.choices)
        return sample.input, sample.choices[index] if known else "", sample.choices
    shown = _OPTION.findall(options)
    for letter, option in shown:
        right = sample.reference in (option, letter, f"({letter})")
        if right and len(words(stem)) >= START:
            return stem, option, [text for _, text in shown]
    return sample.input, "", []


def solution(sample: Sample) -> list[str]:
    """The words of the canonical solution of code; none where its tests stand in for it."""
    tests = _tests(sample)
    return words(sample.reference) if tests and sample.reference != tests else []


def asserts(sample: Sample) -> list[list[str]]:
    """The words of each assert that judges code, with the name of the function in it."""
    name = str(sample.metadata.get("entry_point") or "candidate")
    lines = _ASSERT.findall(_tests(sample))
    return [words(re.sub(r"\bcandidate\b", name, line)) for line in lines]


def _tests(sample: Sample) -> str:
    listed = sample.metadata.get("tests")
    whole = [sample.metadata.get("test") or ""]
    return "\n".join(map(str, listed if isinstance(listed, list) else whole))
