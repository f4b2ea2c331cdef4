"""What top-level statements of a program define, read and need."""

from __future__ import annotations

import ast

from lai.scorers.effects import Effects
from lai.scorers.names import Definition, defined, free, is_main


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


def closure(body: list[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
    """The imports, and the statements that bind or prepare what `wanted` needs, in their order.

    Where nothing of `wanted` is bound, all definitions, so that the tests can say what is missing.
    """
    bound = [defined([one]) for one in body]
    if not wanted or not any(found & wanted for found in bound):
        return [one for one in body if not isinstance(one, ast.Assert | ast.Expr)]
    used = [free(one) for one in body]
    effects = Effects(body, used, wanted)
    needed = set(wanted)
    kept = {n for n, one in enumerate(body) if isinstance(one, ast.Import | ast.ImportFrom)}
    while True:
        more = {
            number
            for number, one in enumerate(body)
            if number not in kept
            and (
                (bound[number] & needed and not _uses(one, used[number], bound[number], wanted))
                or stray(one)
                or effects.prepares(number, needed)
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
        return is_main(one)
    return is_main(one) or bool(used & wanted)


def stray(one: ast.stmt) -> bool:
    """Whether a statement holds a `return`, `yield` or `await` outside of all functions.

    That parses and does not compile: no program that holds it runs.
    """
    waiting: list[ast.AST] = [one]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom | ast.Await):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return False


def source(body: list[ast.stmt]) -> str:
    future = [one for one in body if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    rest = [one for one in body if one not in future]
    return ast.unparse(ast.Module(body=[*future, *rest], type_ignores=[]))
