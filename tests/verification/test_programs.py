"""Tests that came with a programming exercise, tested."""

import pytest

from lai.core.records import SyntheticSample
from lai.verification.programs import changes, emptied, expected, passes_empty

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
        (ADD, "assert add(1, 2) == 3\nassert add(2, 2) == 4", False),
        (ADD, "assert add(1, 2) == 3", True),
        (ADD, "assert add(1, 2) == 3\nassert add(4, -1) == 3\nassert add(1, 9) > 1", True),
        (ADD, "assert add([1], [2]) == [1, 2]\nassert [1, 2] == add([1, 2], [])", True),
        (ADD, "assert add('a', 'b') == 'ab', 'no'\nassert add('', 'ab') == 'ab'", True),
        (ADD, "assert abs(add(1, 2.5) - 3.5) < 1e-6\nassert abs(add(3, 0.5) - 3.5) < 1e-6", True),
        (ADD, "import math\nassert math.isclose(add(1, -3), -2, abs_tol=0.1)", True),
        (ADD, "assert abs(add(1, 2.5) - 3.5) < 1e-6\nassert abs(add(1, 1.5) - 2.5) < 1e-6", False),
        (ADD, "def check(f):\n    assert f(1, 2) == 3\n    assert f(3, 0) == 3\ncheck(add)", True),
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
        (
            f"def same(f):\n    return f\n\n@same\n{ADD}",
            "assert add(1, 2) == 3\nassert add(2, 2) == 4",
            False,
        ),
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


def test_only_a_value_that_all_tests_may_expect_is_tried():
    assert expected(["assert f(1) == 2", "assert f(3) == 2.0", "assert f(2) > 1"]) == [
        "2",
        "2.0",
        "1",
    ]
    assert expected(["assert f(1) == 2", "assert 4 == f(2)"]) == []
    assert expected(["assert f(1) == g(2)", "assert abs(f(4) - 3) < 0.1 * h(5)"]) == ["3", "0.1"]
    assert expected(["assert f(1) ==", "assert f(x=1, y=[2])", "x = 3"]) == []
