"""Whether the tests of a programming exercise can tell a solution from none."""

from __future__ import annotations

import ast
from collections.abc import Container

from lai.core.records import SyntheticSample
from lai.scorers import Question
from lai.scorers.code import Code, tests_of
from lai.scorers.programs import called, program

_CODE = Code()


def passes_empty(sample: SyntheticSample) -> str:
    """Why the tests test nothing, or "": functions of the same names that return None pass them."""
    stub = emptied(sample)
    if stub and _CODE(_question(sample), stub).value == "C":
        return "functions that do nothing pass the tests"
    return ""


def changes(sample: SyntheticSample) -> str:
    """Why the verdict is a matter of chance, or "": it is another one when the tests run again.

    In another interpreter, in which sets of strings have another order.
    """
    first = _CODE(_question(sample), sample.solution)
    second = _CODE(_question(sample), sample.solution, again=True)
    if first.value == second.value:
        return ""
    return f"the tests come out otherwise when they run again: {second.explanation}"[:500]


def emptied(sample: SyntheticSample) -> str:
    """The solution with nothing in its functions, or "" where it holds no program."""
    source = program(sample.solution, wanted=called(tuple(tests_of(sample.metadata))))
    if not source:
        return ""
    tree = ast.parse(source)
    decorators = {
        node.id
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in one.decorator_list
        for node in ast.walk(decorator)
        if isinstance(node, ast.Name)
    }
    return ast.unparse(_Emptied(decorators).visit(tree))


class _Emptied(ast.NodeTransformer):
    """Functions return None, whatever they are, but for `decorators`, which make functions."""

    def __init__(self, decorators: Container[str]) -> None:
        self._decorators = decorators

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if node.name not in self._decorators:
            node.body = [ast.Return(ast.Constant(None))]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        node.body = [ast.Return(ast.Constant(None))]
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        node.body = ast.Constant(None)
        return node


def _question(sample: SyntheticSample) -> Question:
    return Question(sample.reference, sample.choices, sample.metadata)
