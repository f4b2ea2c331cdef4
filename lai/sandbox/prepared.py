"""Tests as the tester takes them: read and compiled here, in a warm process, not in each child.

The tester's code is made from the tests alone, so nothing of the program gets in between.
"""

from __future__ import annotations

import ast
import marshal
import sys
import threading
import warnings
from functools import lru_cache

from lai.sandbox.inside.codec import TRUSTED
from lai.sandbox.inside.tester import filename

# `warnings` has one list of filters for all threads.
_WARNINGS = threading.Lock()
# Each level of `finally` doubles the code of what lies in it: that is for the tester's limits.
_GROWING = (ast.Try, ast.With, ast.AsyncWith)
LOOPS = 50
"""The compiler goes down a level of C for each `for` of a comprehension, and counts none."""


class InvalidError(Exception):
    """The tests are no Python; the text says why."""


@lru_cache(maxsize=256)
def prepared(tests: tuple[str, ...]) -> bytes:
    """`inside.tester.Tests`, marshalled for the same interpreter. Raises: InvalidError."""
    try:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            trees = [ast.parse(test) for test in tests]
            codes = [
                _code(tree, test, place)
                for place, (tree, test) in enumerate(zip(trees, tests, strict=True))
            ]
        asked, modules = _names(trees)
        return marshal.dumps((asked, modules, codes, list(tests)))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidError(" ".join(str(error).split())[:300]) from None


def _code(tree: ast.Module, test: str, place: int) -> object:
    for node in ast.walk(tree):
        if isinstance(node, _GROWING) or len(getattr(node, "generators", ())) > LOOPS:
            return test
    return compile(test, filename(place), "exec", optimize=0)


def _names(trees: list[ast.Module]) -> tuple[list[str], list[str]]:
    """The names to ask the program for, and those of them that stand for a library module."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    loaded = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    called = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    own = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    outside = _outside(trees)
    own |= {n.id for n in outside if isinstance(n.ctx, ast.Store)}
    # What is local to a function is not the program's, unless the name is read outside of all.
    local = {n.arg for n in nodes if isinstance(n, ast.arg)}
    local |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own |= local - {n.id for n in outside}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            own |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    bases = {
        n.value.id for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
    }
    modules = (bases & sys.stdlib_module_names) - called - own
    asked = loaded - own - TRUSTED
    if not asked - modules:
        # The function under test bears a builtin's name: MBPP has a `sum` of its own.
        asked |= (called & TRUSTED) - own
    return sorted(asked | modules), sorted(modules)


def _outside(trees: list[ast.Module]) -> list[ast.Name]:
    """The names outside of all functions and classes."""
    statements = [
        statement
        for tree in trees
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
    ]
    return [n for one in statements for n in ast.walk(one) if isinstance(n, ast.Name)]
