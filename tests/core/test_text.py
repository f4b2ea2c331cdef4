"""What counts as the same text."""

import pytest

from lai.core.text import normalized

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
