"""Which exercises count as the same, and what counts as copied from its source."""

from __future__ import annotations

import pytest

from lai.overlap import Taught, copied_share
from tests.support.word_problems import problems


def test_exercises_of_one_template_are_not_duplicates():
    taught = Taught(0.9, ["What is 37 + 45?", "Tom has 3 crates of plums. How many plums is that?"])
    assert taught.like("What is 38 + 45?") is None
    assert taught.like("Tom has 4 crates of plums. How many plums is that?") is None
    assert taught.like("what is 37+45") == "What is 37 + 45?"


def test_the_nearest_of_those_near_enough_is_found():
    first, *others = problems(300, "taught")
    words = first.split()
    one, two = ([*words[:-n], *"or not".split()] for n in (1, 4))
    taught = Taught(0.8, [*others, " ".join(two), " ".join(one)])
    assert taught.like(first) == " ".join(one)
    assert Taught(0.99, [*others, " ".join(one)]).like(first) is None
    alone = Taught(0.8, [first])
    assert not any(alone.like(text) for text in others)


def test_nothing_above_the_threshold_is_missed():
    texts = problems(300, "taught")
    taught = Taught(0.9, texts)
    edited = [f"{text} Why?" for text in texts]
    assert [taught.like(text) for text in edited] == texts


def test_without_a_threshold_equal_texts_alone_are_found():
    taught = Taught(None)
    taught.add("What is left of 9 pens, when 2 of them are given away?")
    assert taught.like("WHAT IS LEFT OF 9 PENS when 2 of them are given away")
    assert taught.like("What is left of 9 pens, when 2 of them are given away now?") is None


@pytest.mark.parametrize(
    ("candidate", "share"),
    [
        ("Ann buys 3 bags of rice and 2 bags of beans. How many bags has Ann?", 1.0),
        ("ann buys 3 bags of rice, and 2 bags of beans! how many bags has ann", 1.0),
        ("How many bags has Ann?", 1.0),
        ("Bob sells 3 bags of rice and 2 bags of beans. Who buys them?", 0.5),
        ("Ann buys 7 bags of rice and 9 bags of beans. How many bags has Ann?", 4 / 12),
        ("Why is the sky so very blue at noon?", 0.0),
        ("How many?", 0.0),
    ],
)
def test_the_share_that_is_copied(candidate, share):
    source = "Ann buys 3 bags of rice and 2 bags of beans. How many bags has Ann?"
    assert copied_share(candidate, source) == pytest.approx(share, abs=0.02)


def test_short_texts_are_copies_when_they_are_equal():
    assert copied_share("2 + 2?", "2+2") == 1.0
    assert copied_share("2 + 3?", "2+2") == 0.0


def test_a_copy_with_words_around_it_is_a_copy_but_a_short_stem_is_anybodys():
    around = "On a rainy morning the teacher reads this from the blackboard to her class, slowly. "
    question = "A farmer has 12 cows and buys 5 more each year. How many cows after 3 years?"
    assert copied_share(f"{around}{question} Think before you answer, and explain.", question) == 1
    other = question.replace("12", "14").replace("5", "6").replace("3 years", "4 years")
    assert copied_share(around + other, question) < 0.8
    stem = "Which of the following is true"
    assert copied_share(f"{stem} of a market in which one firm sets the price?", stem) < 0.8
