"""Ordinary programs pass, and their failures are told in words that an instructor can use."""

import pytest

from lai import sandbox
from lai.core.errors import PipelineError
from lai.core.params.schema import SandboxParams
from lai.sandbox import probe
from lai.sandbox.base import Limits

GOOD = {
    "a number": ("def f(n):\n    return n * 2", ["assert f(2) == 4"]),
    "several asserts": ("def f(n):\n    return n * 2", ["assert f(2) == 4", "assert f(-1) == -2"]),
    "a tuple": ("def f(n):\n    return (n, [n])", ["assert f(2) == (2, [2])"]),
    "a set": ("def f(n):\n    return {n, n + 1}", ["assert f(2) == {3, 2}"]),
    "a dict with tuples as keys": (
        "def f(n):\n    return {(n, 1): 'a'}",
        ["assert f(2) == {(2, 1): 'a'}"],
    ),
    "a float": ("def f(n):\n    return n / 3", ["import math", "assert math.isclose(f(1), 1 / 3)"]),
    "not a number": ("def f():\n    return float('nan')", ["import math\nassert math.isnan(f())"]),
    "bytes": ("def f():\n    return b'\\x00\\xff'", ["assert f() == b'\\x00\\xff'"]),
    "a long number": ("def f():\n    return 2 ** 5000", ["assert f() == 2 ** 5000"]),
    "a generator": ("def f(n):\n    yield from range(n)", ["assert list(f(3)) == [0, 1, 2]"]),
    "an argument changed": (
        "def f(a):\n    a.append(1)",
        ["a = []\nf(a)\nassert a == [1]"],
    ),
    "an exception": (
        "def f(n):\n    raise ValueError('no')",
        ["try:\n    f(1)\n    assert False\nexcept ValueError as e:\n    assert str(e) == 'no'"],
    ),
    "a function as argument": ("def f(g):\n    return g(2)", ["assert f(lambda n: n + 1) == 3"]),
    "a class": (
        "class P:\n    def __init__(self, x):\n        self.x = x\n    def twice(self):\n"
        "        return 2 * self.x",
        ["assert P(3).twice() == 6", "assert P(3).x == 3"],
    ),
    "a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n"
        "def f(n):\n    return P(n)",
        ["assert f(2) == P(2)", "assert f(2) != P(3)"],
    ),
    "recursion": (
        "def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)", ["assert f(9) == 34"]),
    "the library": (
        "import collections, heapq, itertools, math, re\n"
        "def f(s):\n    return collections.Counter(re.findall('[a-z]', s)).most_common(1)",
        ["assert f('abca') == [('a', 2)]"],
    ),
    "printing": ("def f(n):\n    print(n)\n    return n", ["assert f(1) == 1"]),
    "check(candidate)": (
        "def f(n):\n    return n + 1",
        ["def check(it):\n    for n in range(5):\n        assert it(n) == n + 1", "check(f)"],
    ),
    "a name of a builtin": ("def sum(a, b):\n    return a - b", ["assert sum(5, 3) == 2"]),
    "unicode": ("def f():\n    return 'é\\u2028x'", ["assert f() == 'é\\u2028x'"]),
    "a set's order": ("def f():\n    return list({'a'})", ["assert f() == ['a']"]),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_an_ordinary_program_passes(name):
    outcome = sandbox.run(*GOOD[name])
    assert outcome.passed, outcome.detail


@pytest.mark.parametrize(
    ("program", "test", "said"),
    [
        ("def f(n):\n    return n", "assert f(1) == 2", "f(1) returned 1"),
        ("def f(n):\n    return n / 0", "assert f(1) == 2", "ZeroDivisionError"),
        ("def g(n):\n    return n", "assert f(1) == 2", "NameError"),
        ("def f(n:", "assert f(1) == 2", "SyntaxError"),
        ("def f(n):\n    while True: pass", "assert f(1) == 2", "ran longer than 0.5 s"),
        ("def f(a):\n    return a", "assert f(1, 2) == 2", "TypeError"),
    ],
)
def test_a_failure_is_told(program, test, said):
    outcome = sandbox.run(program, [test], 0.5)
    assert not outcome.passed
    assert said in outcome.detail


def test_a_program_that_stalls_does_not_hold_up_the_others():
    import threading
    import time

    stalled = threading.Thread(
        target=sandbox.run, args=("while True: pass", ["assert f(1) == 1"], 3.0)
    )
    stalled.start()
    started = time.monotonic()
    for n in range(50):
        assert sandbox.run(f"def f(x):\n    return x + {n}", [f"assert f(1) == {n + 1}"]).passed
    assert stalled.is_alive(), f"50 programs took {time.monotonic() - started:.1f} s"
    stalled.join()


def test_where_the_full_sandbox_is_required_and_absent_nothing_runs(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(PipelineError, match=r"require is bwrap, and it does not work here"):
        probe.best("bwrap", Limits())
    assert probe.best("auto", Limits()).name == "subprocess"


def test_the_fallback_says_what_it_is(monkeypatch, capfd):
    monkeypatch.setenv("PATH", "/nonexistent")
    try:
        sandbox.configure(SandboxParams(seconds=2.0))
        assert sandbox.run("def f():\n    return 1", ["assert f() == 1"]).passed
        assert "warning: bubblewrap does not work here" in capfd.readouterr().err
    finally:
        monkeypatch.undo()
        sandbox.configure(SandboxParams())
