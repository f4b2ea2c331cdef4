"""A program is put together from whatever a response wraps it in."""

import pytest

from lai.scorers import Question, get

PROMPT = '''from typing import List


def clamp(value: int, low: int, high: int) -> int:
    """ The nearest number between low and high. """
    return max(low, min(high, value))


def clamped_sum(values: List[int], low: int, high: int) -> int:
    """ The sum of values, each clamped first.
    >>> clamped_sum([1, 9], 2, 5)
    7
    """
'''
BODY = """    total = 0
    for value in values:
        total += clamp(value, low, high)
    return total
"""
CHECK = """
METADATA = {}


def check(candidate):
    assert candidate([1, 9], 2, 5) == 7
    assert candidate([], 0, 1) == 0
"""
FULL = PROMPT + BODY
ALONE = FULL[FULL.index("def clamped_sum") :]
RENDERINGS = {
    "the body alone": BODY,
    "the whole module": FULL,
    "fenced": f"```python\n{FULL}```",
    "an unterminated fence": f"Sure!\n```python\n{FULL}",
    "tildes": f"~~~\n{FULL}~~~",
    "another name of the language": f"Here:\n```py\n{FULL}```\nHope it helps.",
    "usage examples": f"```python\n{FULL}```\nSo:\n```python\nclamped_sum([1], 0, 1)\n```",
    "prose around": f"To solve this we loop.\n\n```python\n{FULL}```\n\nIt runs in O(n).",
    "a main block": f"```python\n{FULL}\nif __name__ == '__main__':\n    print(input())\n```",
    "the helper left to the prompt": f"```python\n{ALONE}```",
    "the body fenced": f"```python\n{BODY}```",
    "no fence and prose after": f"Here is the function:\n\n{FULL}\nThis works because it does.",
}


def judged(text, **metadata):
    given = {"prompt": PROMPT, "test": CHECK, "entry_point": "clamped_sum", **metadata}
    return get("code")(Question("", [], given), text)


@pytest.mark.parametrize("name", RENDERINGS)
def test_the_right_function_passes_in_every_rendering(name):
    assert judged(RENDERINGS[name]).value == "C"


@pytest.mark.parametrize("name", RENDERINGS)
def test_a_wrong_function_fails_in_every_rendering(name):
    wrong = RENDERINGS[name].replace("total += clamp", "total -= clamp")
    judgement = judged(wrong)
    assert judgement.value == "I"
    assert judgement.explanation


def test_prose_alone_is_no_answer():
    assert judged("I would loop over the values and add them up.").value == "N"


def test_setup_code_runs_before_the_asserts():
    question = Question("", [], {"setup": "import math", "tests": ["assert area(1) == math.pi"]})
    answer = "```python\nimport math\n\ndef area(r):\n    return math.pi * r * r\n```"
    assert get("code")(question, answer).value == "C"
