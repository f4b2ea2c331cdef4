"""What top-level statements of a program bind and read."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable

from lai.core.python import quiet

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def names(tree: ast.AST) -> set[str]:
    """All names that stand in `tree`."""
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


def free(one: ast.stmt | ast.Module, text: str = "") -> set[str]:
    """The module's names that a statement, or a module, reads, in its functions' bodies too.

    Of a statement that parses and does not compile (`nonlocal` at the top, an argument twice) all
    names. `text`: its source, where that is at hand.
    """
    found: set[str] = set()
    try:
        with quiet():
            tables = [symtable.symtable(text or ast.unparse(one), "program", "exec")]
    except (SyntaxError, ValueError, RecursionError):
        return set().union(*map(free, one.body)) if isinstance(one, ast.Module) else names(one)
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


def is_main(one: ast.stmt) -> bool:
    return isinstance(one, ast.If) and "__name__" in names(one.test)
