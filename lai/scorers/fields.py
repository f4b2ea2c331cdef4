"""JSON objects, compared with the reference field by field."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import Any

from lai.scorers.base import Judgement, Question
from lai.scorers.reading import first_turn

_FENCE = re.compile(
    r"^[^\S\n]*+(?P<fence>`{3,}+|~{3,}+)[^\n]*+\n(?P<body>.*?)(?:^[^\S\n]*+(?P=fence)|\Z)",
    re.M | re.S,
)
_START = re.compile(r"\{\s*+[\"}]")
_CHUNK = 4096
PATIENCE = 200_000
"""How many characters are read in vain, beyond 20 times the text, before no object is sought."""


class Fields:
    """Right when the last JSON object of a response has the reference's fields, no more, no less.

    Of two objects the last counts, for a correction comes last. Numbers are compared by value (3
    and 3.0, not 3 and "3"), texts without the white space around them, a letter and its accent as
    one character, lists in order. The explanation names every field that differs, nested ones by
    path.
    """

    parallel = False

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        try:
            found = _object(first_turn(text))
        except RecursionError:
            return Judgement("I", "{...}", "the object is nested too deep")
        if found is None:
            why = "the response was cut off" if truncated else "the response holds no JSON object"
            return Judgement("N", None, why)
        try:
            answer = json.dumps(found, ensure_ascii=False)
            problems = _differences(_composed(json.loads(question.reference)), _composed(found), "")
        except RecursionError:
            return Judgement("I", "{...}", "the object is nested too deep")
        if not problems:
            return Judgement("C", answer)
        return Judgement("I", answer, "; ".join(problems))

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """A JSON object."""
        try:
            value = json.loads(raw)
        except ValueError as error:
            raise ValueError(f"it is no JSON: {error}") from None
        if not isinstance(value, dict):
            raise ValueError("it is no JSON object")
        return raw.strip(), ""


def _object(text: str) -> dict[str, Any] | None:
    """The last JSON object in a fenced block, else the last one in the text."""
    for part in (*(match["body"] for match in reversed(list(_FENCE.finditer(text)))), text):
        found = _last(part)
        if found is not None:
            return found
    return None


def _last(text: str) -> dict[str, Any] | None:
    """The last object that `text` holds, not one inside another.

    Raises: RecursionError when there is none but one nested deeper than Python reads.
    """
    decoder = json.JSONDecoder()
    found, deep = None, False
    position, patience = 0, PATIENCE + 20 * len(text)
    while patience > 0 and (start := _START.search(text, position)):
        position = start.start()
        if position > _CHUNK:  # An error counts the lines before it.
            text, position = text[position:], 0
        try:
            found, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            patience -= error.pos - position
            position += 1
        except (ValueError, RecursionError) as error:
            patience -= 5000  # A number of 4,300 digits, or a nesting of 1,000 objects.
            position += 1
            deep = deep or isinstance(error, RecursionError)
    if found is None and deep:
        raise RecursionError
    return found


def _composed(value: Any) -> Any:
    """`value` with a letter and its accent as one character in every text and name."""
    written = json.dumps(value, ensure_ascii=False)
    return value if written.isascii() else json.loads(unicodedata.normalize("NFC", written))


def _differences(expected: Any, given: Any, path: str) -> list[str]:
    """What differs, one text a field."""
    if isinstance(expected, dict) and isinstance(given, dict):
        return [
            problem
            for name in (*expected, *(name for name in given if name not in expected))
            for problem in _field(expected, given, name, f"{path}.{name}" if path else name)
        ]
    if isinstance(expected, list) and isinstance(given, list) and len(expected) == len(given):
        pairs = zip(expected, given, strict=True)
        return [
            problem
            for number, (one, other) in enumerate(pairs)
            for problem in _differences(one, other, f"{path}[{number}]")
        ]
    if _same(expected, given):
        return []
    return [f"{path} is {json.dumps(given)}, expected {json.dumps(expected)}"]


def _field(expected: dict[str, Any], given: dict[str, Any], name: str, path: str) -> list[str]:
    if name not in given:
        return [f"{path} is missing"]
    if name not in expected:
        return [f"{path} was not asked for"]
    return _differences(expected[name], given[name], path)


def _same(expected: Any, given: Any) -> bool:
    if isinstance(expected, bool) or isinstance(given, bool):
        return expected is given
    if isinstance(expected, int | float) and isinstance(given, int | float):
        try:
            return expected == given or math.isclose(expected, given, rel_tol=1e-9)
        except OverflowError:  # an integer beyond all floats beside a float
            return False
    if isinstance(expected, str) and isinstance(given, str):
        return expected.strip() == given.strip()
    return type(expected) is type(given) and bool(expected == given)
