"""Whether the tests of a programming exercise can tell a solution from none."""

from __future__ import annotations

import ast
from collections.abc import Container

from lai.core.records import SyntheticSample
from lai.scorers import Question
from lai.scorers.code import Code, tests_of
from lai.scorers.programs import called, program

_CODE = Code()
STUBS = {
    "None": "do nothing",
    **{one: f"return {one}, whatever they are given," for one in ("0", "''", "[]", "True")},
    "int('')": "raise ValueError, whatever they are given,",
}
"""What functions return in place of what they should, and what they then do."""


def passes_empty(sample: SyntheticSample) -> str:
    """Why the tests test nothing, or "": functions of the same names that are stubs pass them."""
    for value, does in STUBS.items():
        stub = emptied(sample, value)
        if stub and _CODE(_question(sample), stub).value == "C":
            return f"functions that {does} pass the tests"
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


def emptied(sample: SyntheticSample, value: str = "None") -> str:
    """The solution whose functions only return `value`, or "" where it holds no program."""
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
    return ast.unparse(_Emptied(decorators, value).visit(tree))


class _Emptied(ast.NodeTransformer):
    """Functions return `value`, whatever they are, but for `decorators`, which make functions."""

    def __init__(self, decorators: Container[str], value: str) -> None:
        self._decorators = decorators
        self._value = ast.parse(value, mode="eval").body

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if node.name not in self._decorators:
            made = node.name == "__init__"
            node.body = [ast.Return(ast.Constant(None) if made else self._value)]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        node.body = [ast.Return(self._value)]
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        node.body = self._value
        return node


def _question(sample: SyntheticSample) -> Question:
    return Question(sample.reference, sample.choices, sample.metadata)
