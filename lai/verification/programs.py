"""Whether the tests of a programming exercise can tell a solution from none."""

from __future__ import annotations

import ast
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

    With 0, "", [] and the like in the place of each literal that asserts give its functions. That
    is said only where every assert calls one, none is called outside of asserts and all are given
    literals of the same types: otherwise what passes need be no constant. Two tests that expect
    different values speak against that, too, and nothing is run.
    """
    tests = tests_of(sample.metadata)
    trees = [tree for test in tests if (tree := parsed(test))] if small(tests) else []
    functions = _functions(sample)
    if not functions or len(trees) < len(tests):
        return ""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    functions |= {one.arg for one in nodes if isinstance(one, ast.arg)}  # of `check(candidate)`
    empty = _EmptyArguments(functions)
    asserts = [node for node in nodes if isinstance(node, ast.Assert)]
    inside = [sum(map(empty.tested, ast.walk(one))) for one in asserts]
    if not all(inside) or sum(inside) < sum(map(empty.tested, nodes)):
        return ""
    expected: list[object] = []
    for one in asserts:
        expected += [value for value in empty.expected(one.test) if value not in expected]
    try:
        for one in asserts:
            one.test = empty.visit(one.test)
        others = [ast.unparse(tree) for tree in trees]
    except (ValueError, RecursionError):  # Python reads more than it can go through or print
        return ""
    if len(expected) > 1 or not empty.found or empty.unsure:
        return ""
    metadata = {**sample.metadata, "setup": [], "tests": others}
    judged = _CODE(Question(sample.reference, sample.choices, metadata), sample.solution)
    if judged.value != "C":
        return ""
    return "the solution returns what the tests expect also where its arguments are empty or 0"


def _functions(sample: SyntheticSample) -> set[str]:
    """The names of the solution's own functions, a lambda's too; classes are none."""
    source = program(sample.solution, wanted=called(tuple(tests_of(sample.metadata))))
    tree = parsed(source) if source else None
    found: set[str] = set()
    for one in tree.body if tree else []:
        match one:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                found.add(name)
            case ast.Assign([ast.Name(name)], ast.Lambda()):
                found.add(name)
    return found


def _values(node: ast.expr) -> list[Any]:
    """The value of a literal; nothing of what is none."""
    try:
        return [ast.literal_eval(node)]
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return []


class _EmptyArguments(ast.NodeTransformer):
    """Literals that `functions` are given are the empty or zero values of their types.

    `unsure`: one is given what is neither a literal nor what another returns, or empty values that
    it can tell apart, as those that `is_text("a")` and `not is_text(1)` give.
    """

    def __init__(self, functions: Container[str]) -> None:
        self._functions = functions
        self._given: dict[tuple[str, int | str | None], object] = {}
        self.found = self.unsure = False

    def tested(self, node: ast.AST) -> bool:
        """Whether a node is a call of one of them."""
        match node:
            case ast.Call(ast.Name(name)):
                return name in self._functions
        return False

    def expected(self, test: ast.expr) -> list[object]:
        """The literal that such a call has to equal, if `test` says nothing else."""
        match test:
            case ast.Compare(left, [ast.Eq()], [right]):
                sides = [(left, right), (right, left)]
                return [
                    value for one, other in sides if self.tested(one) for value in _values(other)
                ]
        return []

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if self.tested(node):
            name = ast.unparse(node.func)
            node.args = [self._empty(one, (name, place)) for place, one in enumerate(node.args)]
            for keyword in node.keywords:
                keyword.value = self._empty(keyword.value, (name, keyword.arg))
        return node

    def _empty(self, node: ast.expr, place: tuple[str, int | str | None]) -> ast.expr:
        values = _values(node)
        self.unsure = self.unsure or not (values or self.tested(node))
        for value in values:
            self.found = self.found or bool(value)
            empty = type(value)() if value else value
            self.unsure = self.unsure or self._given.setdefault(place, empty) != empty
            return ast.parse(repr(empty), mode="eval").body
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
