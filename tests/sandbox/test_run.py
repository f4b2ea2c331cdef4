# ruff: noqa: E501
"""Ordinary programs get the verdict that running them in place would give."""

import pytest

from lai import sandbox

PASS = {
    "set": ("def f(x): return [x, x]", ["assert set(f(1)) == {1}"]),
    "nested": ("def f(x): return x + 1\ndef g(x): return 2 * x", ["assert f(g(3)) == 7"]),
    "close": ("def f(x): return x * 1.1", ["assert abs(f(2.0) - 2.2) < 1e-6"]),
    "isclose": ("def f(x): return x / 3", ["import math", "assert math.isclose(f(1), 1 / 3)"]),
    "program_imports": ("import math\ndef f(x): return x", ["assert math.isclose(f(1), 1)"]),
    "tuple": ("def f(x): return (x, [x])", ["assert f(1) == (1, [1])"]),
    "types": ("def f(): return {(1, 2): {3}, None: b'x'}", ["assert f() == {(1, 2): {3}, None: b'x'}"]),
    "infinite": ("def f(): return float('-inf')", ["assert f() == float('-inf')"]),
    "nan": ("def f(): return float('nan')", ["assert f() != f()"]),
    "complex": ("def f(): return 1 + 2j", ["assert f() == 1 + 2j"]),
    "large": ("def f(n): return 7 ** n", ["assert f(9999) == 7 ** 9999"]),
    "counter": ("from collections import Counter\ndef f(s): return Counter(s)",
                ["from collections import Counter\nassert f('aab') == Counter('aab')"]),
    "generator": ("def f(n):\n for i in range(n): yield i", ["assert list(f(1000)) == list(range(1000))"]),
    "map": ("def f(xs): return map(str, xs)", ["assert tuple(f([1, 2])) == ('1', '2')"]),
    "class": ("class Stack:\n def __init__(self): self.items = []\n def push(self, x): self.items.append(x)\n"
              " def pop(self): return self.items.pop()\n def __len__(self): return len(self.items)",
              ["s = Stack()\ns.push(1)\ns.push(2)", "assert len(s) == 2", "assert s.pop() == 2",
               "assert s.items == [1] and isinstance(s, Stack)"]),
    "argument": ("class Pair:\n def __init__(self, a, b): self.a, self.b = a, b\n"
                 "def f(ps): return sum(p.a * p.b for p in ps)",
                 ["assert f([Pair(5, 24), Pair(1, 2)]) == 122"]),
    "dataclass": ("from dataclasses import dataclass\n@dataclass\nclass P:\n x: int\ndef f(): return P(3)",
                  ["assert f().x == 3", "assert f() == P(3)"]),
    "named": ("from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(1, 2)",
              ["assert f() == (1, 2) and f().y == 2"]),
    "raises": ("def f(x):\n if x < 0: raise ValueError('no')\n return x",
               ["try:\n    f(-1)\nexcept ValueError as e:\n    assert str(e) == 'no'\nelse:\n    assert False"]),
    "own_error": ("class Bad(Exception): pass\ndef f(): raise Bad('x')",
                  ["try:\n    f()\nexcept Bad:\n    pass\nelse:\n    assert False"]),
    "in_place": ("def f(xs): xs.sort()", ["a = [3, 1]\nf(a)\nassert a == [1, 3]"]),
    "callback": ("def f(g, xs): return [g(x) for x in xs]",
                 ["assert f(lambda x: x + 1, [1]) == [2]", "assert f(len, ['ab']) == [2]"]),
    "returns_function": ("def f(n): return lambda x: x + n", ["assert f(2)(3) == 5"]),
    "recursion": ("def f(n): return n and n + f(n - 1)", ["assert f(500) == 125250"]),
    "check": ("def poly(x): return x * x\ndef f(x): return x",
              ["def check(candidate):\n    for n in range(50):\n        assert candidate(n) == n\n"
               "        assert poly(n) == n * n\ncheck(f)"]),
    "sum": ("def sum(a, b): return a * b", ["assert sum(10, 15) == 150"]),
    "prints": ("print('x')\ndef f(): print('y'); return 1", ["assert f() == 1"]),
    "global": ("count = 0\ndef f():\n global count\n count += 1", ["f()", "assert count == 1"]),
    "threads": ("from concurrent.futures import ThreadPoolExecutor as T\n"
                "def f():\n with T(4) as p: return list(p.map(str, range(9)))", ["assert len(f()) == 9"]),
    "asyncio": ("import asyncio\nasync def g(): return 3\ndef f(): return asyncio.run(g())", ["assert f() == 3"]),
    "files": ("def f():\n open('x', 'w').write('y'); return open('x').read()", ["assert f() == 'y'"]),
    "library": ("import heapq, itertools, functools, collections, re, string, json, hashlib, statistics\n"
                "def f(xs): return heapq.nsmallest(2, xs) + [statistics.mean(xs)]",
                ["assert f([3, 1, 2]) == [1, 2, 2]"]),
    "datetime": ("import datetime\ndef f(): return datetime.date(2020, 1, 2)",
                 ["assert f() == datetime.date(2020, 1, 2)"]),
}  # fmt: skip
FAIL = {
    "wrong": ("def f(x): return 3", "f(2) returned 3"),
    "raises": ("def f(x): return {}['k']", "KeyError"),
    "missing": ("def g(x): return 3", "NameError"),
    "broken": ("import nowhere", "ModuleNotFoundError"),
    "input": ("def f(x): return input()", "EOFError"),
    "slow": ("def f(x):\n while True: pass", "ran longer than 2 s in assert f(2) == 4"),
}


@pytest.mark.parametrize("name", PASS)
def test_a_right_program_passes(name):
    program, tests = PASS[name]
    assert sandbox.run(program, tests, 5.0) == sandbox.Outcome(True)


@pytest.mark.parametrize("name", FAIL)
def test_a_failure_is_explained_in_a_line(name):
    program, expected = FAIL[name]
    outcome = sandbox.run(program, ["assert f(2) == 4"], 2.0)
    assert not outcome.passed and expected in outcome.detail and "\n" not in outcome.detail


def test_tests_that_take_the_compiler_down_harm_the_sandbox_alone():
    """An instructor writes tests as well, and they are compiled by the process that trusts them."""
    loops = f"assert f(2) == 4 and [{'0 ' + 'for a in b ' * 60_000}]"
    assert not sandbox.run("def f(x): return 4", [loops], 5.0).passed
    assert sandbox.run("def f(x): return 4", ["assert f(2) == 4"], 5.0).passed
