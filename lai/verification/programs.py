"""Whether the tests of a programming exercise can tell a solution from none."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Container
from typing import Any

from lai.core.python import parsed, small
from lai.core.records import SyntheticSample
from lai.scorers import Question
from lai.scorers.code import Code, tests_of
from lai.scorers.programs import called, program

_CODE = Code()
_FIRST = "first"
_CONSTANTS = ("0", "1.5", "''", "[]", "{}", "True", "False")
STUBS = {
    "None": "do nothing",
    **{one: f"return {one}, whatever they are given," for one in _CONSTANTS},
    _FIRST: "return their first argument",
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


def constant(sample: SyntheticSample) -> str:
    """Why the solution may be a constant, or "": it passes the tests with other arguments, too.

    With 0, "", [] and the like in the place of each literal that asserts give to what is tested.
    Two tests that expect different values speak against that, and nothing is run.
    """
    tests = tests_of(sample.metadata)
    trees = [parsed(test) for test in tests] if small(tests) else []
    asserts = [
        node for tree in trees if tree for node in ast.walk(tree) if isinstance(node, ast.Assert)
    ]
    expected: list[object] = []
    for one in asserts:
        expected += [value for value in _expected(one.test) if value not in expected]
    empty = _EmptyArguments()
    try:
        for one in asserts:
            one.test = empty.visit(one.test)
        pairs = zip(trees, tests, strict=True)
        others = [ast.unparse(tree) if tree else test for tree, test in pairs]
    except (ValueError, RecursionError):  # Python reads more than it can go through or print
        return ""
    if len(expected) > 1 or not empty.found:
        return ""
    metadata = {**sample.metadata, "setup": [], "tests": others}
    judged = _CODE(Question(sample.reference, sample.choices, metadata), sample.solution)
    if judged.value != "C":
        return ""
    return "the solution returns what the tests expect also where its arguments are empty or 0"


def _expected(test: ast.expr) -> list[object]:
    """The literal that a call of what is tested has to equal, if `test` says nothing else."""
    match test:
        case ast.Compare(left, [ast.Eq()], [right]):
            sides = [(left, right), (right, left)]
            return [value for call, literal in sides if _tested(call) for value in _values(literal)]
    return []


def _tested(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return not isinstance(node.func, ast.Name) or not hasattr(builtins, node.func.id)


def _values(node: ast.expr) -> list[Any]:
    """The value of a literal; nothing of what is none."""
    try:
        return [ast.literal_eval(node)]
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return []


class _EmptyArguments(ast.NodeTransformer):
    """Literal arguments of what is tested are the empty or zero values of their types."""

    found = False

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        # What is given a result, as `isclose(f(1), 2)` is, is given what is expected as well.
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        inner = not any(isinstance(one, ast.Call) for arg in given for one in ast.walk(arg))
        if inner and _tested(node):
            node.args = list(map(self._empty, node.args))
            for keyword in node.keywords:
                keyword.value = self._empty(keyword.value)
        return node

    def _empty(self, node: ast.expr) -> ast.expr:
        for value in _values(node):
            if value:
                self.found = True
                return ast.parse(repr(type(value)()), mode="eval").body
        return node


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
    """The solution whose functions only return `value`, or "" where it holds no function.

    Of a dataclass, a constant or `add = operator.add` nothing can be taken away.
    """
    source = program(sample.solution, wanted=called(tuple(tests_of(sample.metadata))))
    tree = parsed(source) if source else None
    if not tree:
        return ""
    decorators = {
        node.id
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in one.decorator_list
        for node in ast.walk(decorator)
        if isinstance(node, ast.Name)
    }
    stubs = _Emptied(decorators, value)
    try:
        stub = ast.unparse(stubs.visit(tree))
    except (ValueError, RecursionError):
        return ""
    return stub if stubs.found else ""


class _Emptied(ast.NodeTransformer):
    """Functions return `value`, whatever they are, but for `decorators`, which make functions."""

    def __init__(self, decorators: Container[str], value: str) -> None:
        self._decorators = decorators
        self._value = value
        self.found = False

    def _returned(self, arguments: ast.arguments) -> ast.expr:
        self.found = True
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        given = [name for name in names if name not in ("self", "cls")]
        value = (given or ["None"])[0] if self._value == _FIRST else self._value
        return ast.parse(value, mode="eval").body

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if node.name not in self._decorators:
            value = self._returned(node.args)
            node.body = [ast.Return(ast.Constant(None) if node.name == "__init__" else value)]
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        node.body = [ast.Return(self._returned(node.args))]
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        node.body = self._returned(node.args)
        return node


def _question(sample: SyntheticSample) -> Question:
    return Question(sample.reference, sample.choices, sample.metadata)
