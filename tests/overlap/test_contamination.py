"""How much of a planted test is found again, by disguise, and how much clean text is not."""

from __future__ import annotations

import random

import pytest

from lai.core.records import Sample
from lai.overlap import HeldOut, Text
from tests.support.word_problems import DISGUISES, problems

FLOORS = {
    "verbatim": 1.0,
    "recased": 1.0,
    "repunctuated": 1.0,
    "lookalike": 1.0,
    "numbered": 1.0,
    "labelled": 1.0,
    "listed": 1.0,
    "typeset": 1.0,
    "renumbered": 1.0,
    "paraphrased": 0.55,
}
"""Of a test of 200. With a synonym for every fifth word, more than half are still found."""


@pytest.fixture(scope="module")
def held_out():
    return HeldOut(
        Sample(task="t", split="test", input=text, reference="1") for text in problems(200, "test")
    )


@pytest.mark.parametrize("disguise", DISGUISES)
def test_planted_copies_are_found(held_out, disguise):
    rng = random.Random(1)
    copies = [DISGUISES[disguise](text, rng) for text in problems(200, "test")]
    found = held_out.found([Text("t", text) for text in copies])
    assert sum(map(bool, found)) / 200 >= FLOORS[disguise]


def test_clean_problems_from_the_same_words_are_left_alone(held_out):
    clean = problems(5000, "clean")
    found = held_out.found([Text("t", text, (), text) for text in clean])
    assert sum(map(bool, found)) / 5000 < 0.005
