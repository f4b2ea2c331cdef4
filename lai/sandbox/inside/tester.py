"""The process that runs the tests and alone decides: it calls the program in another process.

Names that a test uses and does not define come from the program, as references; builtins, modules
and what the tests define themselves are the tester's own.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

from .peer import Gone, Peer
from .remote import Pulled, Remote

Tests = tuple[list[str] | None, list[str], str, list[Any], list[str]]
"""Names to ask the program for (None: read them off the texts), those of them that mean a library
module, the function under test if it bears a builtin's name (see `reading.names`), code (or source,
where it was not compiled outside), and the text of each test."""


class Tester:
    """One end of a channel; all that does not depend on the tests is made by the server."""

    def __init__(self, socket: int, most: int) -> None:
        self._module = types.ModuleType("__tests__")
        self._peer = Peer(socket, "tester", most, _allowed)

    def run(self, tests: Tests, report: Callable[[int], None]) -> list[Any]:
        """Run `tests` in order in one namespace; `report` gets the place of each before.

        Returns: `[passed, detail, whether the program is gone]`. A program that does not load
        fails before the first test.
        """
        sys.modules["__tests__"] = self._module
        namespace, peer = vars(self._module), self._peer
        asked, modules, entry, codes, texts = tests
        try:
            if asked is None:
                asked, modules, entry = _read(texts, entry)
        except BaseException as error:
            return [False, f"the tests are no valid Python: {_name(error)}", False]
        if entry:
            namespace[entry] = _missing(entry)
        try:
            _bind(namespace, peer.ask("load", asked), asked, modules)
        except BaseException as error:
            detail = f"failed the program with {_name(error)}"
            if peer.gone:
                detail = f"the program {peer.gone}"
            return [False, detail, bool(peer.gone)]
        given = {name: namespace.get(name) for name in asked}
        for place, code in enumerate(codes):
            report(place)
            try:
                # What the tests bind themselves (`from math import *`) is theirs from then on.
                asked = [name for name in asked if namespace.get(name) is given[name]]
                if place and any(type(namespace.get(name)) is not Remote for name in asked):
                    _bind(namespace, peer.ask("names", asked), asked, modules, False)
                    given = {name: namespace.get(name) for name in asked}
                if isinstance(code, str):
                    code = compile(code, filename(place), "exec", optimize=0)
                exec(code, namespace)
            except BaseException as error:
                return [False, _why(peer, texts[place], place, error), bool(peer.gone)]
            if peer.gone:
                return [False, f"the program {peer.gone} in {_line(texts[place])}", True]
        return [True, "", False]


def filename(place: int) -> str:
    """What the code of test number `place` calls its file."""
    return f"<test {place}>"


def _read(texts: list[str], entry: str) -> tuple[list[str], list[str], str]:
    """`reading.names` of tests that were too long to be read outside."""
    import ast  # few tests need it, and each module makes every fork slower

    from . import reading

    return reading.names([ast.parse(text) for text in texts], entry)


def _missing(name: str) -> Callable[..., Any]:
    """What a function under test is until the program defines it: never the builtin itself."""

    def missing(*_: Any, **__: Any) -> Any:
        raise NameError(f"name {name!r} is not defined")

    return missing


def _bind(
    namespace: dict[str, Any],
    found: Any,
    asked: list[str],
    modules: list[str],
    afresh: bool = True,
) -> None:
    """Put what the program defines into the tests' namespace; modules are imported here.

    Nothing but what was `asked` for: the program might send an `abs` of its own.
    """
    if not isinstance(found, dict):
        raise TypeError("the program's names are no mapping")
    for name in asked:
        if name not in found:
            continue
        kind, value = found[name]
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

    Never more of a function than calling it: its frames and globals lead to expected values. And
    no builtin: the program has its own, and `getattr` would lead from any object to `exec`.
    """
    if operation == "call":
        builtin = any(target is known for known in vars(builtins).values())
        return callable(target) and type(target) is not Remote and not builtin
    if operation == "next":
        return hasattr(type(target), "__next__")
    if type(target).__module__ != "__tests__" or operation not in ("get", "set", "special"):
        return False
    return operation == "special" or not str(rest[0]).startswith("_")


def _why(peer: Peer, test: str, place: int, error: BaseException) -> str:
    """The failing line of the test, what was called last and what it returned."""
    if peer.gone or isinstance(error, Gone):
        return f"the program {peer.gone} in {_line(test)}"
    number, trace = 0, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == filename(place):
            number = trace.tb_lineno or number
        trace = trace.tb_next
    where = _line(test.splitlines()[number - 1]) if number and "\n" in test else _line(test)
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
