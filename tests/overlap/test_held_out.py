"""What is found of the held-out items, by which check, and what is left alone."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.preprocessing import normalize

from lai.core.params.overlap import OverlapParams
from lai.core.records import Sample
from lai.overlap import HeldOut, Text
from lai.overlap.likeness import Likeness
from tests.support.word_problems import problems

QUESTION = "Tom has 1,200 pens and buys 5 + 3 more. How many are that?"
OFF = OverlapParams(share=None, cosine=None)
STORY = (
    "A shepherd counts 48 goats at dawn and twice as many sheep at dusk, then sells 17 of the "
    "goats to a neighbor who lives across the valley. How many animals does the shepherd own now?"
)


def held_out(text, choices=(), reference="1", task="t", **limits):
    sample = Sample(task=task, split="test", input=text, choices=list(choices), reference=reference)
    return HeldOut([sample], limits)


def why(held, question, choices=(), solution="", task="other"):
    (reason,) = held.found([Text(task, question, choices, solution)])
    return reason


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
    held = held_out(QUESTION, t=OFF)
    assert held.within(text) is found
    assert bool(held.copied(Text("t", text))) is found


def test_a_short_question_is_found_as_a_whole_alone():
    held = held_out("2 + 2?")
    assert held.within("2+2")
    assert not held.within("12 + 2 + 2?")


def test_of_a_choice_the_right_option_has_to_be_there_too():
    held = held_out("Which of these things is true?", ["Water is wet.", "Fire is cold."], "A")
    assert held.within("Which of these things is true?", ["It rains", "water is wet"])
    assert held.within("Which of these things is true? A) Water is wet B) Ice is hot")
    assert not held.within("Which of these things is true?", ["It rains", "Fire is cold."])


def test_a_reason_names_the_task_and_shows_the_text():
    assert why(held_out(QUESTION), QUESTION.upper()) == (
        f"it holds a question of the test split of t: {QUESTION}"
    )
    half = STORY.split(", then")[0]
    assert why(held_out(STORY), f"{half}. Is that many?") == (
        "it has 13 words in a row of the test split of t: "
        "a shepherd counts 48 goats at dawn and twice as many sheep at"
    )


def test_a_question_is_found_in_the_solution_too():
    asked = "What is worth asking after this?"
    assert "a question of the test split" in why(held_out(QUESTION), asked, solution=QUESTION)
    assert "13 words" in why(held_out(STORY), asked, solution=f"First: {STORY[20:]}")


def test_copies_and_thirteen_words_are_found_with_everything_switched_off():
    held = held_out(STORY, t=OFF)
    assert why(held, STORY)
    assert why(held, STORY[:100])
    assert not why(held, " ".join(STORY.split()[:12]))


RENUMBERED = "Kim packs 12 jars into 4 crates and 9 trays. How many jars are in 1 crate of hers?"


def test_other_numbers_are_found_by_the_share_of_runs_of_eight_words():
    copy = "Kim packs 15 jars into 5 crates and 8 trays. How many jars are in 2 crates of hers?"
    reason = why(held_out(RENUMBERED, t=OverlapParams(share=0.5, cosine=None)), copy)
    assert reason == (
        "it has 75% of the runs of 8 words of a question of the test split of t "
        f"(tasks.t.overlap.share is 0.5): {RENUMBERED}"
    )
    assert not why(held_out(RENUMBERED, t=OverlapParams(share=0.8, cosine=None)), copy)


def test_a_share_that_is_just_the_limit_is_found():
    """7 of 25 runs: as floats are, 0.28 * 25 is more than 7."""
    words = [first + second for first in "abcdefgh" for second in "wxyz"]
    others = problems(1, "others")[0].split()[:30]
    copy = " ".join([*words[:12], *others, *words[12:21]])
    held = held_out(" ".join(words), t=OverlapParams(share=0.28, cosine=None))
    assert why(held, copy).startswith("it has 28% of the runs of 8 words of a question")


def test_a_paraphrase_is_found_by_its_characters():
    copy = STORY.replace("counts", "tallies").replace("dusk", "night").replace("sells", "gives")
    copy = copy.replace("valley", "hills").replace("animals", "beasts").replace("twice", "thrice")
    held = held_out(STORY, t=OverlapParams(share=None, cosine=0.6))
    assert "(tasks.t.overlap.cosine is 0.6)" in why(held, copy)
    assert not why(held_out(STORY, t=OverlapParams(share=None, cosine=0.95)), copy)


def test_the_limit_is_that_of_the_held_out_item_and_options_may_be_shuffled():
    options = ["a warm front", "a cold front", "a stationary front", "an occluded front"]
    asked = "Which kind of weather front is most likely to bring sudden thunder to a coastal town?"
    copy = asked.replace("sudden", "quick").replace("likely", "apt").replace("coastal", "seaside")
    mild, strict = OverlapParams(share=None, cosine=0.7), OverlapParams(share=None, cosine=0.99)
    loose = held_out(asked, options, "B", t=strict, other=mild)
    assert not why(loose, copy, options[::-1], task="other")
    tight = held_out(asked, options, "B", t=mild, other=strict)
    assert why(tight, copy, options[::-1], task="other")


HEADER = "Read the following passage with care and then decide which one of the options is true. "


@pytest.mark.parametrize("count", [3, 11])
def test_what_all_questions_of_a_task_have_in_common_is_boilerplate(count):
    stories = problems(count + 1, "boilerplate")
    held = HeldOut(
        Sample(task="t", split="test", input=HEADER + text, reference="1") for text in stories[1:]
    )
    assert not why(held, HEADER + stories[0])
    assert why(held, HEADER + stories[1])


def test_ten_items_may_share_what_an_eleventh_makes_boilerplate():
    shared = "Seven old ships leave the harbor at noon and each of them carries forty sacks. "
    others = problems(40, "others")

    def copied(count):
        texts = [shared + text for text in others[:count]] + others[count:39]
        held = HeldOut(Sample(task="t", split="test", input=one, reference="1") for one in texts)
        return why(held, shared + others[39])

    assert "13 words" in copied(10)
    assert not copied(11)


def test_the_nearest_item_is_the_same_as_by_all_cosines():
    """The search leaves out common n-grams first; nothing may be lost by that."""
    rng = random.Random(5)
    items = problems(60, "items")
    mixed = [" ".join(a.split()[:20] + b.split()[20:]) for a, b in pairwise(items)]
    texts = [*rng.sample(mixed, 20), *problems(20, "else"), ""]
    limits = [rng.choice((0.2, 0.35, 0.5, float("inf"))) for _ in items]
    grams = CountVectorizer(analyzer="char", ngram_range=(5, 5), lowercase=False)
    counts, asked = grams.fit_transform(items), grams.transform(texts)
    new = [max(len(text) - 4, 0) for text in texts] - np.ravel(asked.sum(axis=1))
    weights = TfidfTransformer(norm=None).fit(counts)
    rows = weights.transform(asked).toarray()
    rows /= np.sqrt((rows**2).sum(axis=1) + new + 1e-9)[:, None]
    over = rows @ normalize(weights.transform(counts)).T - np.array(limits)
    found = Likeness(items).nearest(texts, np.array(limits))
    assert [best is not None for best in found] == (over.max(axis=1) >= 0).tolist()
    assert [best[0] for best in found if best] == [row.argmax() for row in over if row.max() >= 0]
    assert 15 < sum(best is not None for best in found) < 41
