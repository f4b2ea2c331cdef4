"""Deterministic values that fit a JSON Schema."""

from __future__ import annotations

import hashlib
import re
from typing import Any


def fill(schema: dict[str, Any], seed: str) -> Any:
    """A deterministic value that fits a JSON Schema, of the kind pydantic writes.

    Questions, references and solutions (by property name) agree with each other, GSM8K-like.
    """
    return _fill(schema, schema.get("$defs", {}), "", seed)


def solve(prompt: str) -> str:
    """The solution of the question in `prompt`, if it is one that `fill` writes."""
    asked = re.search(r"has (\d+) crates of (\d+) pears each", prompt)
    return f"The answer is {int(asked[1]) * int(asked[2])}." if asked else "I cannot tell."


def _fill(schema: dict[str, Any], defs: dict[str, Any], name: str, seed: str) -> Any:
    if "$ref" in schema:
        return _fill(defs[schema["$ref"].rsplit("/", 1)[-1]], defs, name, seed)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][_number(name, seed) % len(schema["enum"])]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            kinds = [kind for kind in schema[choice] if kind.get("type") != "null"]
            return _fill(kinds[0] if kinds else {"type": "null"}, defs, name, seed)
    kind = schema.get("type", "object")
    if kind == "object":
        properties = schema.get("properties", {})
        if "choices" in properties:
            return _choice(seed)
        if "tests" in properties:
            return _code(seed)
        return {key: _fill(value, defs, key, seed) for key, value in properties.items()}
    if kind == "array":
        count = min(max(schema.get("minItems", 0), 2), schema.get("maxItems", 5))
        items = schema.get("items", {"type": "string"})
        return [_fill(items, defs, name, f"{seed}/{name}{index}") for index in range(count)]
    if kind in ("integer", "number"):
        low = schema.get("minimum", 0)
        return low + _number(name, seed) % (schema.get("maximum", low + 100) - low + 1)
    if kind == "boolean":
        return True
    return None if kind == "null" else _words(name, seed).ljust(schema.get("minLength", 0), ".")


def _choice(seed: str) -> dict[str, Any]:
    question, total = _words("question", seed), int(_words("answer", seed))
    choices = [str(total + off) for off in (-1, 0, 10)]
    return {"question": question, "choices": choices, "answer": "B", "solution": "The answer is B."}


def _code(seed: str) -> dict[str, Any]:
    factor = _number("factor", seed) % 97 + 2
    name = f"scale_{hashlib.sha256(seed.encode()).hexdigest()[:6]}"
    program = f"def {name}(n):\n    return {factor} * n"
    return {
        "question": f"Write {name}(n), which gives {factor} times n.",
        "answer": program,
        "solution": f"```python\n{program}\n```",
        "tests": [f"assert {name}({n}) == {factor * n}" for n in (1, 2, 5)],
    }


def _words(name: str, seed: str) -> str:
    crates, each = _number("crates", seed) % 97 + 2, _number("each", seed) % 89 + 3
    total = crates * each
    tag = hashlib.sha256(seed.encode()).hexdigest()[:6]
    if name in ("input", "question"):
        return f"Depot {tag} has {crates} crates of {each} pears each. How many pears is that?"
    if name in ("reference", "answer", "target"):
        return str(total)
    if name in ("solution", "worked_solution"):
        return f"{crates} crates of {each} pears are {crates} * {each} = {total}.\n#### {total}"
    return f"{name or 'value'} {tag}"


def _number(name: str, seed: str) -> int:
    return int(hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()[:8], 16)
