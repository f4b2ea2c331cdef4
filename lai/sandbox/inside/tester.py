"""The process that runs the tests and alone decides: it calls the program in another process.

Names that a test uses and does not define come from the program, as references; builtins, modules
and what the tests define themselves are the tester's own.
"""

from __future__ import annotations

import ast
import importlib
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

from .codec import TRUSTED
from .peer import Gone, Peer
from .remote import Pulled, Remote

Report = Callable[[list[Any]], None]


def main(socket: int, tests: list[str], most: int, report: Report) -> None:
    """Run `tests` in order in one namespace; `report` gets [place] before each, then the verdict.

    The verdict is `[passed, detail, whether the program is gone]`. A program that does not load
    fails before the first test.
    """
    module = types.ModuleType("__tests__")
    sys.modules["__tests__"] = module
    namespace = vars(module)
    peer = Peer(socket, "tester", most, _allowed)
    try:
        asked, modules = _names([ast.parse(test) for test in tests])
        compiled = [compile(test, f"<test {place}>", "exec") for place, test in enumerate(tests)]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return report([False, f"the tests are no valid Python: {_line(str(error))}", False])
    try:
        _bind(namespace, peer.ask("load", asked), modules)
    except BaseException as error:
        detail = (
            f"the program {peer.gone}" if peer.gone else f"failed the program with {_name(error)}"
        )
        return report([False, detail, bool(peer.gone)])
    for place, code in enumerate(compiled):
        report([place])
        try:
            if place and any(type(namespace.get(name)) is not Remote for name in asked):
                _bind(namespace, peer.ask("names", asked), modules, afresh=False)
            exec(code, namespace)
        except BaseException as error:
            return report([False, _why(peer, tests[place], place, error), bool(peer.gone)])
        if peer.gone:
            return report([False, f"the program {peer.gone} in {_line(tests[place])}", True])
    return report([True, "", False])


def _names(trees: list[ast.Module]) -> tuple[list[str], list[str]]:
    """The names to ask the program for, and those of them that stand for a library module."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    loaded = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    called = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    own = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    own |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    # An argument is not the program's, unless what is outside of functions means that name too.
    own |= {n.arg for n in nodes if isinstance(n, ast.arg)} - _outside(trees)
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            own |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    bases = {
        n.value.id for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
    }
    modules = (bases & sys.stdlib_module_names) - called - own
    asked = loaded - own - TRUSTED
    if not called & asked:
        # The function under test bears a builtin's name: MBPP has a `sum` of its own.
        asked |= (called & TRUSTED) - own
    return sorted(asked | modules), sorted(modules)


def _outside(trees: list[ast.Module]) -> set[str]:
    """The names that are read outside of all functions and classes."""
    statements = [
        statement
        for tree in trees
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
    ]
    return {n.id for one in statements for n in ast.walk(one) if isinstance(n, ast.Name)}


def _bind(namespace: dict[str, Any], found: Any, modules: list[str], afresh: bool = True) -> None:
    """Put what the program defines into the tests' namespace; modules are imported here."""
    if not isinstance(found, dict):
        raise TypeError("the program's names are no mapping")
    for name, (kind, value) in found.items():
        if name in modules:
            own = importlib.import_module(name)
            namespace[name] = own if kind == "module" else getattr(own, name, own)
        elif kind == "module":
            if value.split(".")[0] in sys.stdlib_module_names:
                namespace[name] = importlib.import_module(value)
        elif afresh or type(value) is not Remote:
            namespace[name] = value


def _allowed(operation: str, target: Any, rest: Any) -> bool:
    """What the program may do with the tests' objects: call, iterate, use public attributes.

    Never more of a function than calling it: its frames and globals lead to expected values.
    """
    if operation == "call":
        return callable(target) and type(target) is not Remote
    if operation == "next":
        return hasattr(type(target), "__next__")
    if type(target).__module__ != "__tests__" or operation not in ("get", "set", "special"):
        return False
    return operation == "special" or not str(rest[0]).startswith("_")


def _why(peer: Peer, test: str, place: int, error: BaseException) -> str:
    """The failing line of the test, what was called last and what it returned."""
    if peer.gone or isinstance(error, Gone):
        return f"the program {peer.gone} in {_line(test)}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == f"<test {place}>" and frame.lineno
    ]
    where = _line(test.splitlines()[lines[-1] - 1]) if lines and "\n" in test else _line(test)
    said = "" if isinstance(error, AssertionError) and not str(error) else _name(error)
    return "; ".join(part for part in (f"failed {where}", said, _last(peer)) if part)


def _last(peer: Peer) -> str:
    if peer.last is None:
        return ""
    target, positional, named, value = peer.last
    if value is None:
        return ""
    given = [_show(item) for item in positional]
    given += [f"{name}={_show(item)}" for name, item in named.items()]
    return f"{target._reference[3]}({', '.join(given)}) returned {_show(value[0])}"


def _show(value: Any) -> str:
    if type(value) is Remote or isinstance(value, Pulled):
        return "an object"
    try:
        text = repr(value)
    except BaseException:
        return "an object"
    return text if len(text) <= 200 else text[:200] + "..."


def _name(error: BaseException) -> str:
    text = _line(str(error))
    return type(error).__name__ + (f": {text}" if text else "")


def _line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 300 else text[:300] + "..."
