"""What top-level statements of a program define, read and need."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def last_function(tree: ast.Module, name: str = "") -> Definition | None:
    found = [one for one in tree.body if isinstance(one, Definition) and name in ("", one.name)]
    return found[-1] if found else None


def empty(function: Definition) -> bool:
    """Whether a function holds a docstring alone, or is left out with `...` or `pass`."""
    return all(
        isinstance(one, ast.Pass)
        or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
        for one in function.body
    )


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def defined(body: Iterable[ast.stmt]) -> set[str]:
    """The names that statements bind at their own level (also inside `if` and `try`)."""
    found: set[str] = set()
    for one in body:
        if isinstance(one, Definition):
            found.add(one.name)
        elif isinstance(one, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in one.names}
        else:
            for node in ast.walk(one):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found.add(node.id)
                elif isinstance(node, Definition):
                    found.add(node.name)
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return found


def closure(body: list[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
    """The imports, and the statements that bind or prepare what `wanted` needs, in their order.

    Where nothing of `wanted` is bound, all definitions, so that the tests can say what is missing.
    """
    bound = [defined([one]) for one in body]
    if not wanted or not any(names & wanted for names in bound):
        return [one for one in body if not isinstance(one, ast.Assert | ast.Expr)]
    used = [free(one) for one in body]
    needed = set(wanted)
    kept = {n for n, one in enumerate(body) if isinstance(one, ast.Import | ast.ImportFrom)}
    while True:
        more = {
            number
            for number, one in enumerate(body)
            if number not in kept
            and (
                (bound[number] & needed and not _uses(one, used[number], bound[number], wanted))
                or _prepares(one, needed, wanted)
            )
        }
        if not more:
            return [one for number, one in enumerate(body) if number in kept]
        kept |= more
        for number in more:
            needed |= used[number] | bound[number]


def _uses(one: ast.stmt, used: set[str], bound: set[str], wanted: set[str]) -> bool:
    """Whether a statement is an example of use: a main block, `x = f(1)`."""
    if isinstance(one, Definition) or bound & wanted:
        return _is_main(one)
    return _is_main(one) or bool(used & wanted)


def free(one: ast.stmt) -> set[str]:
    """The module's names that a statement reads, in the bodies of its functions too.

    Of one that parses and does not compile (`nonlocal` at the top, an argument twice) all names.
    """
    found: set[str] = set()
    try:
        tables = [symtable.symtable(ast.unparse(one), "program", "exec")]
    except (SyntaxError, ValueError, RecursionError):
        return _names(one)
    while tables:
        table = tables.pop()
        tables += table.get_children()
        top = table.get_type() == "module"
        found |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (top or symbol.is_global())
        }
    return found


def _is_main(one: ast.stmt) -> bool:
    return isinstance(one, ast.If) and "__name__" in _names(one.test)


def _prepares(one: ast.stmt, needed: set[str], wanted: set[str]) -> bool:
    """Whether a call at the top level works on what is needed: `sys.setrecursionlimit(10000)`."""
    if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)):
        return False
    function = one.value.func
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in needed
        and not _names(one) & wanted
    )


def source(body: list[ast.stmt]) -> str:
    future = [one for one in body if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    rest = [one for one in body if one not in future]
    return ast.unparse(ast.Module(body=[*future, *rest], type_ignores=[]))
