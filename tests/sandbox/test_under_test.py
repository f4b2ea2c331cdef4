# ruff: noqa: E501
"""A function under test may bear a builtin's name; no other builtin is the program's to replace."""

import pytest

from lai import sandbox

CHECK = "def check(candidate):\n    assert candidate([1, 5]) == 5"
RIGHT = {
    "alone": ("def sum(a, b): return a * b", ["assert sum(10, 15) == 150"], ""),
    "in_abs": ("def sum(a, b): return a * b", ["assert abs(sum(10, 15) - 150) < 1e-6"], ""),
    "wrapped": ("def map(a): return [a, a]", ["assert sorted(set(map(1))) == [1]"], ""),
    "a_wrapper": ("def len(a): return -1", ["assert len(set([1])) == -1"], ""),
    "check": ("def max(a): return 5", [CHECK, "check(max)"], ""),
    "known": ("def abs(a): return 7", ["assert abs(round(2.4)) == 7"], "abs"),
    "known_in_check": ("def max(a): return a[-1]", [CHECK, "check(max)"], "max"),
    "another_is_asked": ("def f(x): return x\ndef sum(a): return 9", ["assert sum(f([1])) == 1"], ""),
}  # fmt: skip
WRONG = {
    "lends_abs": ("def sum(*a): return 0\ndef abs(x): return 0",
                  ["assert abs(sum(10, 15) - 6) < 1e-6"], ""),
    "lends_abs_known": ("def sum(*a): return 0\ndef abs(x): return 0",
                        ["assert abs(sum(10, 15) - 6) < 1e-6"], "sum"),
    "lends_set": ("def map(*a): return 0\ndef set(x): return {1}", ["assert set(map(3)) == {1}"], ""),
    "check": ("def max(a): return 0", [CHECK, "check(max)"], ""),
    "check_known": ("def max(a): return 0", [CHECK, "check(max)"], "max"),
    "missing": ("def f(a): return 0", [CHECK, "check(max)"], "max"),
    "replaces_a_helper": ("def f(x): return 0\ndef abs(x): return 0", ["assert abs(f(2) - 4) < 1"], "f"),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_function_of_a_builtins_name_passes(name):
    program, tests, entry = RIGHT[name]
    assert sandbox.run(program, tests, 5.0, entry) == sandbox.Outcome(True)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_one_fails_whatever_else_the_program_redefines(name):
    program, tests, entry = WRONG[name]
    assert not sandbox.run(program, tests, 5.0, entry).passed


OWN = {
    "star": ("pi = 0\ndef f(r): return 0", ["from math import *", "assert f(2) == pi * 4"]),
    "star_in_check": (
        "pi = 3\ndef f(x): return pi",
        ["from math import *\n\ndef check(candidate):\n    assert candidate(1) == pi", "check(f)"],
    ),
    "global": (
        "exp = 0\ndef f(x): return exp",
        ["def prepare():\n    global exp\n    exp = 41", "prepare()", "assert f(2) == exp"],
    ),
    "globals": ("k = 0\ndef f(): return k", ["globals()['k'] = 41", "assert f() == k"]),
    "exec": ("k = 0\ndef f(): return k", ["exec('k = 41')", "assert f() == k"]),
    "loop": ("k = 0\ndef f(x): return k", ["for k in (41,):\n    pass", "assert f(1) == k"]),
}


@pytest.mark.parametrize("name", OWN)
def test_what_tests_bind_themselves_is_theirs(name):
    program, tests = OWN[name]
    assert not sandbox.run(program, tests, 5.0).passed


def test_a_right_program_may_use_a_name_that_tests_bind():
    program = "pi = 3.14159\ndef f(r):\n    import math\n    return math.pi * r * r"
    assert sandbox.run(program, ["from math import *", "assert f(2) == pi * 4"], 5.0).passed
    counting = "calls = 0\ndef f():\n    global calls\n    calls += 1"
    tests = ["f()", "assert calls == 1", "f()", "assert calls == 2"]
    assert sandbox.run(counting, tests, 5.0).passed
