"""What may be wrong with the tests that a row judges code by."""

from __future__ import annotations

from typing import Any

from lai.core.python import parsed
from lai.sandbox.prepared import InvalidError, prepared
from lai.scorers.code import tests_of
from lai.scorers.names import defined


def problem(metadata: dict[str, Any], column: str) -> str:
    """Why nothing can be judged by a row's tests, or "". `column`: where their list stands.

    A test that cannot be run would fail every response, and the reader would blame the model.
    """
    for name in ("prompt", "setup", "test", "entry_point"):
        if not isinstance(metadata.get(name) or "", str):
            return f"{name!r} is no text"
    setup = metadata.get("setup") or ""
    if setup and (why := _invalid([setup])):
        return f"'setup' is no Python: {why}"
    if "tests" in metadata:
        return _of_statements(metadata["tests"], column)
    if not metadata.get("test"):
        return "there is nothing to judge code by; name the column of the tests in `tests`"
    entry = metadata.get("entry_point")
    if not entry:
        return "it has a 'test' and no 'entry_point', the name of the function to check"
    if not all(part.isidentifier() for part in entry.split(".")):
        return f"'entry_point' is {entry[:60]!r}, which is no name of a function"
    if why := _invalid(tests_of(metadata)):
        return f"'test' is no Python: {why}"
    tree = parsed(f"{setup}\n{metadata['test']}")
    if tree and "check" not in defined(tree.body):
        return "'test' defines no check(candidate)"
    return ""


def _of_statements(tests: Any, column: str) -> str:
    if not isinstance(tests, list) or not tests or not all(isinstance(one, str) for one in tests):
        return f"{column!r} is no list of assert statements"
    for number, test in enumerate(tests, 1):
        why = _invalid([test])
        tree = parsed(test)
        if why or not (tree and tree.body):
            said = f"no Python: {why}" if why else "empty"
            return f"{column!r} is no list of assert statements: number {number} is {said}"
    return ""


def _invalid(tests: list[str]) -> str:
    """Why statements cannot be compiled, or ""."""
    try:
        prepared(tuple(tests))
    except InvalidError as error:
        return str(error)
    return ""
