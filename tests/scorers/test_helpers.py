"""Tests use the helpers that the prompt defines, whatever the response makes of them."""

import pytest

from lai.scorers import Question, get
from lai.scorers.helpers import helpers

PROMPT = '''import math


SHIFT = 3


def rotated(text: str) -> str:
    """ Each letter moved on by SHIFT. """
    moved = [(ord(letter) - 97 + SHIFT) % 26 for letter in text]
    return "".join(_letter(number) for number in moved)


def _letter(number: int) -> str:
    return chr(math.floor(number) + 97)


def restored(text: str) -> str:
    """ What rotated was called with. """
'''
TEST = """
def check(candidate):
    for word in ("abc", "xyz", "hello"):
        assert candidate(rotated(word)) == word
        assert rotated(candidate(word)) == word
"""
RIGHT = """    return "".join(chr((ord(letter) - 97 - 3) % 26 + 97) for letter in text)
"""
ALONE = "def restored(text):\n" + RIGHT
METADATA = {"prompt": PROMPT, "test": TEST, "entry_point": "restored"}


def judged(text, **changed):
    return get("code")(Question("", [], {**METADATA, **changed}), text)


@pytest.mark.parametrize(
    "text", [RIGHT, PROMPT + RIGHT, f"```python\n{ALONE}```", f"~~~\n{PROMPT}{RIGHT}~~~"]
)
def test_the_right_answer_passes(text):
    assert judged(text).value == "C"


@pytest.mark.parametrize(
    "again",
    [
        "def rotated(text):\n    return text\n",
        "def _letter(number):\n    return 'a'\n",
        "SHIFT = 0\n",
        "rotated = restored\n",
        "class Same(str):\n    def __eq__(*a): return True\ndef rotated(t): return Same(t)\n",
    ],
)
def test_a_helper_defined_again_does_not_help(again):
    wrong = f"```python\ndef restored(text):\n    return text\n{again}```"
    assert judged(wrong).value == "I"


def test_an_answer_may_define_a_helper_anew_for_itself():
    own = "def rotated(text):\n    return text[::-1]\n\n" + ALONE
    assert judged(f"```python\n{own}```").value == "C"


@pytest.mark.parametrize(
    "prompt",
    [
        'def twice(n):\n    """ n + n """\n\n\ndef f(n):\n    """ 2 * n """\n',
        "class Box:\n    pass\n\n\ndef twice(n):\n    Box()\n\n\ndef f(n):\n    ''' 2n '''\n",
        "SEEN = []\n\n\ndef twice(n):\n    SEEN.append(n)\n\n\ndef f(n):\n    ''' 2n '''\n",
        "def f(n):\n    return n\n",
        "def (",
    ],
    ids=["no body", "a class", "a variable", "none", "no Python"],
)
def test_what_is_not_complete_in_itself_stays_with_the_program(prompt):
    assert helpers(prompt, ("assert f(1) == twice(1)",), "f") is None


def test_a_helper_may_use_the_name_of_the_function_for_a_variable():
    prompt = PROMPT.replace("moved", "restored")
    assert judged(RIGHT, prompt=prompt).value == "C"
