"""The time that a scorer takes grows as a response does: models repeat themselves until cut off."""

import time

import pytest

from lai.scorers import Question, get

LENGTH = 5000
OPTIONS = ["red", "blue car", "the dog", "none of these"]
QUESTIONS = {
    "number": Question("5"),
    "choice": Question("A", OPTIONS),
    "exact": Question("yes"),
    "json": Question('{"a": 1}'),
    "code": Question("", [], {"tests": ["assert f() == 1"]}),
    "prompted": Question("", [], {"prompt": "def f():\n", "test": "", "entry_point": "f"}),
}
READ = ["\n", "\nQ:", "\nA: ", "The answer is not A. ", "answer: ", "Mr. ", "\\boxed{", "x (a"]
LOOPS = [
    *((scorer, part) for scorer in ("number", "choice", "exact") for part in READ),
    *(("number", part) for part in ("1 ", "1/", "1e999 ", "not 5 ", "5 = ", "total 5 ", "(a) ")),
    *(
        ("number", part)
        for part in ("a (5 + 5", "x (5 + ", "no apples ", "is 4 after ", "none left ")
    ),
    *(("choice", part) for part in ("not red ", "A. ", "C. x\n", "A or ", "A is likely ")),
    *(
        ("choice", part)
        for part in ("A. red\nB. blue car\n", "each option:\nA. x\n", "A. blue car ")
    ),
    *(("choice", part) for part in ("is:\nA: x\nB: y\nC: z\nD: w\n", "A. red " * 9 + "\n")),
    ("choice", "A. red\nB. blue car\nC. the dog\nD. none of these\n"),
    *(("exact", part) for part in ("yes or ", "answer is maybe ", "1. a\n")),
    *(("json", part) for part in ("\n", "`", "~", "{", '{"', '{"a":', '{"a":[', "```\n", '"{')),
    *(("code", part) for part in ("from the question we see this\n", "from Tom's\n", "@a\n")),
    *(("code", part) for part in ("def f(:\n", "`", "~", "```\n", "try:\n")),
    *(("prompted", part) for part in ("from Tom's\n", "return (\n", "```\nx y\n```\n")),
]
AFTER = {"x (a": "x (", "A is likely ": "A is "}
"""Those that a loop follows, of which only the last letters are repeated."""


def response(part, length):
    start = AFTER.get(part, "")
    rest = part.removeprefix(start)
    return start + rest * (length // len(rest)) + "!"


def seconds(scorer, text):
    """The shortest of several runs, of this process alone: other load does not count."""
    judge, question = get("code" if scorer == "prompted" else scorer), QUESTIONS[scorer]
    taken = []
    for _ in range(4):
        start = time.process_time()
        judge(question, text)
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.parametrize(("scorer", "part"), LOOPS)
def test_a_loop_four_times_as_long_takes_about_four_times_as_long(scorer, part):
    short = seconds(scorer, response(part, LENGTH))
    long = seconds(scorer, response(part, 4 * LENGTH))
    # Quadratic time would be 16 times as much. What takes milliseconds is too short to tell.
    assert long < max(8 * short, 0.01)
