"""Tests that came with a programming exercise, tested."""

import pytest

from lai.core.records import SyntheticSample
from lai.verification.programs import changes, constant, emptied, passes_empty

ADD = "def add(a, b):\n    return a + b"


def exercise(solution, *tests):
    return SyntheticSample(
        task="code",
        input="Write add(a, b).",
        reference=solution,
        solution=f"```python\n{solution}\n```",
        request_key="k",
        metadata={"tests": list(tests)},
    )


@pytest.mark.parametrize(
    ("solution", "test", "empty"),
    [
        (ADD, "assert add(1, 2) == 3", False),
        (ADD, "assert callable(add)", True),
        (ADD, "assert add(1, 2) in (3, None)", True),
        ("add = lambda a, b: a + b", "assert add(1, 2) != 4", True),
        ("def add(a, b):\n    print(a + b)", "assert add(1, 2) is None", True),
        (ADD, "assert add(1, 2) + 0 == add(1, 2)", True),
        (ADD, "assert add(1, 2) is not None", True),
        (ADD, "assert isinstance(add(1, 2), int)", True),
        (ADD, "assert add(1, 2) > 0", True),
        (ADD, "assert add(1, -1) == 0", True),
        (ADD, "assert add('', '') == ''", True),
        (ADD, "assert len(add([], [])) >= 0", True),
        (
            ADD,
            "try:\n    add(1, '')\n    done = True\nexcept ValueError:\n    done = False\n"
            "assert not done",
            True,
        ),
        (ADD, "assert add(1, 2) == 3\nassert add(1, -1) == 0", False),
        (
            "class Sum:\n    def __init__(self, a):\n        self.a = a\n    def plus(self, b):\n"
            "        return self.a + b",
            "assert Sum(1).plus(2) is not None",
            True,
        ),
        (ADD, "assert add(2, -1) == 1.0 or add(2, 1) == 1.5", True),
        (ADD, "assert add(1, 0) == 1 and add(2, 0) == 2", True),
        (ADD, "assert not add(0, 0) and isinstance(add(1, 2), int)", True),
        (ADD, "assert isinstance(add({}, {}), dict)", True),
        ("class Sum:\n    def plus(self, b):\n        return b", "assert Sum().plus(2) == 2", True),
        (
            "from dataclasses import dataclass\n\n@dataclass\nclass Point:\n    x: int",
            "assert Point(1).x == 1",
            False,
        ),
        (
            "from collections import namedtuple\n\nPoint = namedtuple('Point', 'x y')",
            "assert Point(1, 2).x == 1",
            False,
        ),
        (
            "from enum import Enum\n\nclass Color(Enum):\n    RED = 1",
            "assert Color.RED.value == 1",
            False,
        ),
        ("SQUARES = [n * n for n in range(3)]", "assert SQUARES == [0, 1, 4]", False),
        ("import operator\n\nadd = operator.add", "assert add(1, 2) == 3", False),
        (f"def same(f):\n    return f\n\n@same\n{ADD}", "assert callable(add)", True),
        (f"def same(f):\n    return f\n\n@same\n{ADD}", "assert add(1, 2) == 3", False),
    ],
)
def test_an_empty_function_may_not_pass(solution, test, empty):
    assert bool(passes_empty(exercise(solution, test))) is empty


def test_a_stub_keeps_names_and_loses_all_else():
    helper = f"import math\n\ndef twice(a):\n    return 2 * a\n\n{ADD.replace('+ b', '+ twice(b)')}"
    stub = emptied(exercise(helper, "assert add(1, 2) == 5"))
    assert "def add(a, b):\n    return None" in stub and "2 * a" not in stub


def test_a_verdict_that_hangs_on_the_order_of_a_set_is_chance():
    assert changes(exercise(ADD, "assert add(1, 2) == 3")) == ""
    names = "def add(a, b):\n    return list({str(n) for n in range(a + b)})"
    said = [changes(exercise(names, f"assert add(9, 9)[0] == '{first}'")) for first in range(18)]
    chance = [one for one in said if one]
    assert len(chance) == 2, "the name that comes first in one order, and that of the other"
    assert chance[0].startswith("the tests come out otherwise when they run again")


VOWELS = "def count(s, **also):\n    return sum(one in 'aeiou' for one in s)"
TWO = "def count(s, **also):\n    return 2"
HELLO = ["assert count('hello') == 2", "assert count('apple') == 2", "assert 2 == count('radio')"]


@pytest.mark.parametrize(
    ("solution", "tests", "is_constant"),
    [
        (TWO, HELLO, True),
        (TWO, HELLO[:1], True),
        (TWO, ["def check(f):\n    assert f('hello') == 2", "check(count)"], True),
        (TWO, ["from math import isclose", "assert isclose(count(s='me, too'), 2)"], True),
        (TWO, [*HELLO, "assert abs(count('ae') - 2.0) < 0.1"], True),
        (TWO, [*HELLO, "assert count('') == 2"], True),
        (TWO.replace("2", "2 if s else 2"), HELLO, True),
        (TWO.replace("2", "[1, 2]"), ["assert count('ab') == [1, 2]"], True),
        (VOWELS, HELLO, False),
        (VOWELS, HELLO[:1], False),
        ("def count(s):\n    return 2 if s[0] else 3", HELLO, False),
        (VOWELS, [*HELLO, "assert count('me') == 1"], False),
        ("def count():\n    return 2", ["assert count() == 2"], False),
        (VOWELS, ["TEXT = 'hello'", "assert count(TEXT) == 2"], False),
        ("def perimeter(a, b):\n    return 14", ["assert perimeter(3, b=4.5) == 14"], True),
        ("perimeter = lambda *sides: 14", ["assert perimeter(3, 4) == 14"], True),
        (TWO, [*HELLO, "assert count('a', more=1) == count('b')"], True),
        (TWO, [*HELLO, "assert count(count('a')) == 2"], True),
        (TWO, [*HELLO, "x = count('a')"], False),
    ],
)
def test_a_constant_is_told_from_a_solution_whose_tests_all_expect_one_value(
    solution, tests, is_constant
):
    sample = exercise(solution, *tests)
    assert passes_empty(sample) == ""
    assert bool(constant(sample)) is is_constant


@pytest.mark.parametrize("much", ["+".join(["1"] * 330), f"0x{'f' * 5000}"])
def test_what_python_reads_and_cannot_go_through_or_print_ends_no_verifier(much):
    """A sum of 330 terms is nested too deep; a number of 6,000 digits is too long."""
    assert constant(exercise(ADD, f"assert add(1, 2) == {much}")) == ""
    deep = exercise(f"{ADD}\n\nMUCH = {much}", "assert add(MUCH, 1) == MUCH + 1")
    assert passes_empty(deep) == constant(deep) == ""


SQUARE = "def square(n):\n    return n * n"
DEDUPE = "def dedupe(x):\n    return list(dict.fromkeys(x))"
STOCK = """class Stock:
    def __init__(self):
        self.items = {}
    def add(self, name, n):
        self.items[name] = n
    def get(self, name):
        return self.items.get(name)"""
POINT = "from dataclasses import dataclass\n\n@dataclass\nclass Point:\n    x: int"


@pytest.mark.parametrize(
    ("solution", "tests"),
    [
        (
            "def greet(n):\n    return f'Hello, {n}!'",
            ["assert greet('Bob').endswith('Bob!')", "assert greet('Ann').endswith('Ann!')"],
        ),
        (
            "def to_hex(n):\n    return hex(n)",
            ["assert to_hex(255).startswith('0xff')", "assert to_hex(16).startswith('0x10')"],
        ),
        (
            SQUARE,
            [
                "r = square(3)\nassert r == 9",
                "r = square(4)\nassert r == 16",
                "assert isinstance(square(2), int)",
            ],
        ),
        (
            DEDUPE,
            [
                "r = dedupe([1, 1, 2])\nassert r == [1, 2]",
                "r = dedupe([3])\nassert r == [3]",
                "assert type(dedupe([1, 1])) == list",
            ],
        ),
        (
            STOCK,
            [
                "s = Stock()\ns.add('pen', 3)\nassert s.items == {'pen': 3}",
                "s = Stock()\ns.add('cup', 1)\nassert s.items == {'cup': 1}",
                "assert Stock().get('none') is None",
            ],
        ),
        (
            "def sort(a):\n    a.sort()",
            [
                "a = [3, 1]\nsort(a)\nassert a == [1, 3]",
                "b = [9, 4, 5]\nsort(b)\nassert b[0] == 4",
                "assert sort([2, 1]) is None",
            ],
        ),
        (POINT, ["p = Point(1)\nassert p.x == 1", "assert isinstance(Point(3), Point)"]),
        (
            "def is_text(x):\n    return isinstance(x, str)",
            ["assert is_text('a')", "assert not is_text(1)"],
        ),
        ("def nth(x, n):\n    return x[n]", ["x = [2, 2, 3]", "assert nth(x, 1) == 2"]),
    ],
)
def test_a_right_solution_whose_tests_pass_no_constant_is_none(solution, tests):
    sample = exercise(solution, *tests)
    assert passes_empty(sample) == constant(sample) == ""
