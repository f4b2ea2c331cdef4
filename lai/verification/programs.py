"""Whether the tests of a programming exercise can tell a solution from none."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Container, Sequence
from itertools import chain

from lai.core.python import parsed, small
from lai.core.records import SyntheticSample
from lai.core.text import shortened
from lai.scorers import Question
from lai.scorers.code import Code, tests_of
from lai.scorers.programs import called, program

_CODE = Code()
_FIRST = "first"
_CLOSE = frozenset("abs allclose approx isclose".split())
_CONSTANTS = ("0", "1.5", "''", "[]", "{}", "True", "False")
MOST = 3
"""Values named by tests that are tried as well: each costs a run of them."""


def _returns(value: str) -> str:
    return f"return {shortened(value, 100)}, whatever they are given,"


STUBS = {
    "None": "do nothing",
    **{one: _returns(one) for one in _CONSTANTS},
    _FIRST: "return their first argument",
    "int('')": "raise ValueError, whatever they are given,",
}
"""What functions return in place of what they should, and what they then do."""


def passes_empty(sample: SyntheticSample) -> str:
    """Why the tests test nothing, or "": functions of the same names that are stubs pass them."""
    constants = {one: _returns(one) for one in expected(tests_of(sample.metadata))}
    for value, does in (STUBS | constants | STUBS).items():
        stub = emptied(sample, value)
        if stub and _CODE(_question(sample), stub).value == "C":
            return f"functions that {does} pass the tests"
    return ""


def expected(tests: Sequence[str]) -> list[str]:
    """Python of the values that asserts compare with, the commonest first, `MOST` of them.

    None where two calls are to equal different ones, for then no constant is all of them.
    """
    found: Counter[str] = Counter()
    equal: list[object] = []
    for test in tests if small(tests) else ():
        for node in ast.walk(parsed(test) or ast.Module([], [])):
            if isinstance(node, ast.Assert):
                named = _literals(node.test)
                found.update(map(ast.unparse, named))
                if _plain(node.test) and (value := ast.literal_eval(named[0])) not in equal:
                    equal.append(value)
    return [one for one, _ in found.most_common(MOST)] if len(equal) < 2 else []


def _plain(test: ast.expr) -> bool:
    """Whether it says that a call of what is tested equals a literal, and nothing else."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    sides = [test.left, *test.comparators]
    calls = [one.func for one in sides if isinstance(one, ast.Call)]
    tested = [one for one in calls if isinstance(one, ast.Name) and not hasattr(builtins, one.id)]
    return len(sides) == 2 and len(tested) == len(_literals(test)) == 1


def _literals(node: ast.AST) -> list[ast.expr]:
    """The literals in an expression that are not given to a function, unless it compares."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return [] if name not in _CLOSE else list(chain(*map(_literals, node.args)))
    if isinstance(node, ast.expr) and _is_literal(node):
        return [node]
    return list(chain(*map(_literals, ast.iter_child_nodes(node))))


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


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
    stubs = _Emptied(decorators, value)
    stub = ast.unparse(stubs.visit(tree))
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
