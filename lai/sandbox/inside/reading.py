"""What tests take from the program: read off the tests alone.

The caller does it for most tests, and the tester for those that are too long to be read outside.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator

from .codec import TRUSTED

# What tests wrap around a call of the function under test.
_WRAPPERS = {"abs", "all", "any", "bool", "dict", "float", "frozenset", "int", "isinstance", "iter"}
_WRAPPERS |= {"len", "list", "next", "repr", "round", "set", "sorted", "str", "tuple", "type"}


def names(trees: list[ast.Module], entry: str = "") -> tuple[list[str], list[str], str]:
    """The names to ask the program for, those of them that stand for a library module, and one.

    That one is the only name of Python's own that the program may define for the tests, or
    nothing: the function under test, if it bears a builtin's name. It is `entry` where that is
    known, else what the tests look like; any other would let the program replace their `abs`.
    """
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
    if not entry and not asked - modules:
        entry = _under_test(trees, own)
    if entry not in (TRUSTED & loaded) - own:
        entry = ""
    return sorted(asked | modules | ({entry} - {""})), sorted(modules), entry


def _outside(trees: list[ast.Module]) -> list[ast.Name]:
    """The names outside of all functions and classes."""
    statements = [
        statement
        for tree in trees
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
    ]
    return [n for one in statements for n in ast.walk(one) if isinstance(n, ast.Name)]


def _under_test(trees: list[ast.Module], own: set[str]) -> str:
    """The builtin's name that most statements test, the first of several."""
    found: Counter[str] = Counter()
    for tree in trees:
        for statement in tree.body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                call = statement.value
                if isinstance(call.func, ast.Name) and call.func.id in own:  # check(max)
                    found.update([n.id for n in call.args[:1] if isinstance(n, ast.Name)])
                    continue
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                found.update(list(_calls(statement, own))[:1])
    return found.most_common(1)[0][0] if found else ""


def _calls(statement: ast.stmt, own: set[str]) -> Iterator[str]:
    """The builtins that a statement calls, the likeliest to be under test first.

    From left to right and from outside in, and those that tests wrap around others last, `abs`
    the last of all.
    """
    found: list[str] = []
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        waiting += reversed(list(ast.iter_child_nodes(node)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found += [node.func.id] if node.func.id in TRUSTED - own else []
    yield from sorted(found, key=lambda name: (name in _WRAPPERS) + (name == "abs"))
