"""What top-level statements of a program change without binding it: tables, attributes, registries.

`memo[0] = 1`, `A.k = 2`, a loop that fills a table, a bare `init()`, a decorator that registers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lai.scorers.names import Definition, defined, is_main, names

_CHANGING = {"setattr", "delattr", "next", "exec"}
_SHOWING = {"print", "input", "exit", "quit"}
_SETTERS = ("set", "seed", "simplefilter", "filterwarnings")
_OUTWARD = {"stdin", "stdout", "stderr", "exit", "_exit"}


class Effects:
    """What the statements of `body` change.

    `used`: the names that each reads; `wanted`: what tests call, which examples of use call too.
    """

    def __init__(self, body: list[ast.stmt], used: list[set[str]], wanted: set[str]) -> None:
        self._wanted = wanted
        self._imported = defined(
            one for one in body if isinstance(one, ast.Import | ast.ImportFrom)
        )
        self._data = defined(body) - self._imported
        self._own = {one.name for one in body if isinstance(one, Definition)}
        self._data -= self._own
        functions = [
            (one, reads)
            for one, reads in zip(body, used, strict=True)
            if isinstance(one, Definition) and one.name not in wanted
        ]
        self._reads = {one.name: reads for one, reads in functions}
        self._direct = {one.name: _of_function(one, reads) for one, reads in functions}
        self._statements = [self._of_statement(one) for one in body]
        self._settings = {place for place, one in enumerate(body) if self._sets_up(one)}

    def prepares(self, place: int, needed: set[str]) -> bool:
        """Whether the statement at `place` changes something of `needed`."""
        changed, called = self._statements[place]
        return (
            bool(changed & needed)
            or place in self._settings
            or any(
                self._changed(name, set()) & needed and not self._example(name, set())
                for name in called
            )
        )

    def _sets_up(self, one: ast.stmt) -> bool:
        """Whether a library is set up: `sys.setrecursionlimit(n)`, `getcontext().prec = 50`."""
        if names(one) & self._wanted:
            return False
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
            place = one.value.func
            name = place.attr if isinstance(place, ast.Attribute) else getattr(place, "id", "")
            return self._of_library(_root(place)) and name.startswith(_SETTERS)
        targets = one.targets if isinstance(one, ast.Assign) else []
        return any(
            isinstance(target, ast.Attribute)
            and self._of_library(_root(target))
            and not _attributes(target) & _OUTWARD
            for target in targets
        )

    def _of_library(self, name: str) -> bool:
        """Whether a name is imported, by a star at least."""
        own = name in self._data or name in self._own
        return name in self._imported or ("*" in self._imported and bool(name) and not own)

    def _of_statement(self, one: ast.stmt) -> tuple[set[str], set[str]]:
        """The names that a statement changes itself, and the functions that it calls."""
        if isinstance(one, Definition):
            roots = {_root(node) for node in one.decorator_list}
            return roots & self._data, roots & self._direct.keys()
        if isinstance(one, ast.Assert) or is_main(one):
            return set(), set()
        if isinstance(one, ast.Expr) and _root(one.value) in _SHOWING:
            return set(), set()
        called = {
            node.func.id
            for node in _here(one)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        changed = _stored(one) | set(self._worked_on(one))
        # An example of use works on what it made; the import of `sys` is no such thing.
        return changed, (called & self._direct.keys() if not names(one) & self._wanted else set())

    def _worked_on(self, one: ast.stmt) -> Iterator[str]:
        """What calls for their effect are given, or are methods of: `table.append(1)`."""
        for node in _here(one):
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
                continue
            call = node.value
            if names(call) & self._wanted or _attributes(call.func) & _OUTWARD:
                continue
            root = _root(call.func)
            if isinstance(call.func, ast.Attribute) and (
                root not in self._imported or isinstance(one, ast.Expr)
            ):
                yield root
            if isinstance(call.func, ast.Attribute) or root in self._direct or root in _CHANGING:
                given = [*call.args, *(keyword.value for keyword in call.keywords)]
                found = {argument.id for argument in given if isinstance(argument, ast.Name)}
                yield from found & self._data
                if root in _CHANGING:
                    yield from found

    def _changed(self, name: str, seen: set[str]) -> set[str]:
        """What calling `name` changes, through what it calls as well."""
        if name in seen or name not in self._direct:
            return set()
        seen.add(name)
        found = set(self._direct[name])
        for other in self._reads[name]:
            found |= self._changed(other, seen)
        return found

    def _example(self, name: str, seen: set[str]) -> bool:
        """Whether a function uses what is wanted, or asks for input: `main()` in most programs."""
        if name in seen or name not in self._reads:
            return False
        seen.add(name)
        reads = self._reads[name]
        return bool(reads & (self._wanted | {"input"})) or any(
            self._example(other, seen) for other in reads
        )


def _of_function(one: ast.stmt, reads: set[str]) -> set[str]:
    """The module's names that a function changes by itself when it is called."""
    nodes = list(ast.walk(one))
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    changed = {name for node in nodes for name in _targets(node)}
    for node in nodes:
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            changed.add(_root(call.func))
    return declared | (changed & reads)


def _here(one: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement that run with it: not the bodies of functions."""
    waiting: list[ast.AST] = [one]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _stored(one: ast.stmt) -> set[str]:
    return {name for node in _here(one) for name in _targets(node)}


def _targets(node: ast.AST) -> Iterator[str]:
    """The name whose item or attribute a node stores into or deletes."""
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
        yield _root(node)


def _root(node: ast.AST) -> str:
    """The name that an expression starts with: `a` of `a.b[0](c)`."""
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _attributes(node: ast.AST) -> set[str]:
    return {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
