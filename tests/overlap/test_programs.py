"""What of a held-out program is found beside its question: its tests and its solution."""

from __future__ import annotations

import pytest

from lai.core.records import Sample
from lai.overlap import HeldOut, Text

SOLUTION = """def runs(xs):
    found = [[xs[0]]]
    for left, right in zip(xs, xs[1:]):
        if left == right:
            found[-1].append(right)
        else:
            found.append([right])
    return found"""
TESTS = [
    "assert runs([1, 1, 2]) == [[1, 1], [2]]",
    "assert runs([4]) == [[4]]",
    "assert runs('aab') == [['a', 'a'], ['b']]",
]
LISTED = Sample(
    task="mbpp", split="test", input="Split a list into runs of equal items.",
    reference=SOLUTION, metadata={"tests": TESTS},
)  # fmt: skip
STUB = Sample(
    task="humaneval",
    split="test",
    input='def double(x):\n    """Twice of a number."""',
    reference="def double(x):\n    return x + x",
    metadata={
        "entry_point": "double",
        "test": "def check(candidate):\n    assert candidate(2) == 4, 'two'\n"
        "    assert candidate(-3) == -6\n    assert candidate(0) == 0\n",
    },
)
HELD = HeldOut([LISTED, STUB])


def why(solution: str = "pass", tests: list[str] | None = None) -> str:
    return HELD.copied(Text("dates", "Write the function.", (), solution, tests or []))


def test_the_solution_of_a_held_out_program_is_not_taught() -> None:
    reason = why(f"Look:\n```python\n{SOLUTION.replace('runs', 'groups')}\n```")
    assert reason.startswith("it has 13 words in a row of the test split of mbpp: ")


def test_a_short_solution_is_everybodys() -> None:
    assert not why(STUB.reference)
    assert not why("def double(x):\n    return x + x  # twice")


@pytest.mark.parametrize("place", ["tests", "solution"])
def test_the_asserts_of_a_held_out_program_are_not_taught_in_any_order(place: str) -> None:
    tests = [*TESTS[::-1], "assert runs('') == []"]
    reason = why(tests=tests) if place == "tests" else why(solution="\n".join(tests))
    assert reason == f"it holds the tests of a question of the test split of mbpp: {LISTED.input}"
    assert not why(tests=tests[:2]), "one assert may be everybody's"


def test_the_asserts_of_a_check_are_found_with_the_name_of_the_function() -> None:
    tests = ["assert double(0) == 0", "assert double(2) == 4, 'two'", "assert double(-3) == -6"]
    assert "the tests of a question" in why(tests=tests)
    assert not why(tests=[test.replace("double", "triple") for test in tests])


def test_enumerations_in_tests_are_no_run_of_words() -> None:
    """All of these are 0, 1, 2, ..., which is what any function of a range has to return."""
    counts = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]"
    tests = [f"assert upto(17) == {counts}", "assert upto(1) == [0]"]
    for reference in ("def upto(n):\n    return list(range(n))", "\n".join(tests)):
        held = HeldOut(
            [LISTED.model_copy(update={"reference": reference, "metadata": {"tests": tests}})]
        )
        assert not held.copied(Text("t", "?", (), "pass", [f"assert first(17) == {counts}"]))
        assert held.copied(Text("t", "?", (), "pass", tests))
