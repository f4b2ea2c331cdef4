"""What counts as the same text, and what is found inside another one."""

import pytest

from lai.core.records import Sample
from lai.core.text import normalized
from lai.overlap import HeldOut

QUESTION = "Tom has 1,200 pens and buys 5 + 3 more. How many are that?"


@pytest.mark.parametrize(
    "copy",
    [
        "tom has 1200 pens, and buys 5+3 more - how many are that",
        "**Tom** has 1,200 pens and buys 5 + 3 more. *How many* are that?",
        "> Tom has 1200.0 pens and buys $5+3$ more.\nHow many are that?",
        "To\u200bm has 1,200 pens and buys 5 \uff0b 3 more. How ma\u00adny are that?",
    ],
)
def test_markup_case_and_spelling_of_numbers_make_no_difference(copy):
    assert normalized(copy) == normalized(QUESTION)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is 5 + 3?", "What is 5 - 3?"),
        ("What is 5 * 3?", "What is 5 / 3?"),
        ("Is 5 < 3?", "Is 5 > 3?"),
        ("What is 5 - 3?", "What is 5 3?"),
        ("What is 36% of 8?", "What is 36 of 8?"),
        ("What is 1.5 times 2?", "What is 15 times 2?"),
        ("What is 1.05 times 2?", "What is 1.5 times 2?"),
        ("What is 1,200 less 1?", "What is 1,20 less 1?"),
        ("Close this sequence: ( [ <", "Close this sequence: ( [ {"),
        ("Close this sequence: < ( ) [", "Close this sequence: < ( ) {"),
        ("Close this sequence: < >", "Close this sequence: < > >"),
    ],
)
def test_what_changes_a_sum_does(one, other):
    assert normalized(one) != normalized(other)


def test_both_minus_signs_are_one():
    assert normalized("5 \u2212 3") == normalized("5 - 3") == "5 - 3"


def held_out(text, choices=(), reference="1"):
    sample = Sample(task="t", split="test", input=text, choices=list(choices), reference=reference)
    return HeldOut([sample])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (QUESTION, True),
        (f"Q: {QUESTION} Answer with a number.", True),
        (f"__{QUESTION}__", True),
        (QUESTION.replace("5", "6"), False),
        (QUESTION.split(".")[1], False),
    ],
)
def test_a_question_is_found_whatever_stands_around_it(text, found):
    assert held_out(QUESTION).within(text) is found


def test_a_short_question_is_found_as_a_whole_alone():
    held = held_out("2 + 2?")
    assert held.within("2+2")
    assert not held.within("12 + 2 + 2?")


def test_of_a_choice_the_right_option_has_to_be_there_too():
    held = held_out("Which of these things is true?", ["Water is wet.", "Fire is cold."], "A")
    assert held.within("Which of these things is true?", ["It rains", "water is wet"])
    assert held.within("Which of these things is true? A) Water is wet B) Ice is hot")
    assert not held.within("Which of these things is true?", ["It rains", "Fire is cold."])
