"""Tests as the tester takes them: read and compiled here, in a warm process, not in each child.

The tester's code is made from the tests alone, so nothing of the program gets in between. Tests
that would take this process's time or memory are left to the tester, which has limits.
"""

from __future__ import annotations

import ast
import marshal
from functools import lru_cache

from lai.core.python import quiet, small
from lai.sandbox.inside.reading import names
from lai.sandbox.inside.tester import filename

# Each level of `finally` doubles the code of what lies in it: that is for the tester's limits.
_GROWING = (ast.Try, ast.With, ast.AsyncWith)
LOOPS = 50
"""The compiler goes down a level of C for each `for` of a comprehension, and counts none."""
MOST = 1 << 20
"""Bytes of compiled tests: this process remembers some hundreds, and the pipes carry them."""


class InvalidError(Exception):
    """The tests are no Python; the text says why."""


def prepared(tests: tuple[str, ...], entry: str = "") -> bytes:
    """`inside.tester.Tests`, marshalled for the same interpreter. Raises: InvalidError."""
    compiled = _compiled(tests, entry) if small(tests) else None
    return compiled or marshal.dumps((None, [], entry, list(tests), list(tests)))


@lru_cache(maxsize=256)
def _compiled(tests: tuple[str, ...], entry: str) -> bytes | None:
    """The tests compiled, or None where that is too much to carry."""
    try:
        with quiet():
            trees = [ast.parse(test) for test in tests]
            codes = [
                _code(tree, test, place)
                for place, (tree, test) in enumerate(zip(trees, tests, strict=True))
            ]
        data = marshal.dumps((*names(trees, entry), codes, list(tests)))
        return data if len(data) <= MOST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidError(" ".join(str(error).split())[:300]) from None


def _code(tree: ast.Module, test: str, place: int) -> object:
    for node in ast.walk(tree):
        if isinstance(node, _GROWING) or len(getattr(node, "generators", ())) > LOOPS:
            return test
    return compile(test, filename(place), "exec", optimize=0)
