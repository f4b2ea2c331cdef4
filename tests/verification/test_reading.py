"""The checks that only read: language and options."""

import pytest

from lai.verification.choices import ambiguous
from lai.verification.language import other_language

SOURCE = "Tom has 5 apples and buys 7 more. How many apples does he have?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Wie viele Birnen hat Anna, wenn sie drei kauft und eine isst?", "(de)"),
        ("Anna a 5 poires et en achète 7 de plus. Combien de poires a-t-elle ?", "(fr)"),
        ("汤姆有五个苹果，又买了七个。", "Han script"),
        ("У Тома пять яблок. Сколько у него яблок?", "Cyrillic script"),
        ("How many pears has Ann after buying three?", ""),
        ("12 + 30", ""),
        ("Write `größe_von(liste)`.", ""),
        ("```python\ndef größe(breite, höhe):\n    return breite * höhe\n```", ""),
        ("Schau mal!", ""),  # too short to be sure
        ("", ""),
    ],
)
def test_only_a_sure_other_language_is_turned_down(text, said):
    reason = other_language(text, SOURCE)
    assert said in reason and bool(reason) == bool(said)


def test_languages_that_are_near_relatives_are_not_told_apart():
    norwegian = "Tom har 5 epler og kjøper 7 til. Hvor mange epler har han nå?"
    danish = "Anna har tre katte og to hunde. Hvor mange dyr har hun i alt?"
    assert other_language(norwegian, danish) == ""


@pytest.mark.parametrize(
    ("choices", "reference", "said"),
    [
        (["red", "blue", "green"], "B", ""),
        (["3", "13", "30"], "A", ""),
        (["5 cm", "5 m"], "A", ""),
        (["Red.", "red", "blue"], "C", "options A and B are the same"),
        (["0.5", "2", "1/2"], "A", "option C is the same number as the right one, A"),
        (["50%", "2", "1/2"], "C", "option A is the same number"),
        (["1/3", "0.5", "2/4"], "A", ""),  # neither of the equal ones is right
        (["red", "blue"], "C", "'C' is the letter of none of the 2 options"),
        (["red", "blue"], "red", "the letter of none"),
        (["<", ">", "="], "A", ""),
        (["C", "C++", "C#"], "A", ""),
        (["f(x) = x", "f(x) = -x"], "A", ""),
        (["f(x) = -x", "f(x) = \u2212x"], "A", "options A and B are the same"),
        (["S ∨ (W • P)", "(S ∨ W) ∨ P", "S • (W ∨ P)"], "A", ""),
        (["x = 5", "**x = 5.**"], "A", "options A and B are the same"),
        (["(0, 1)", "[0, 1]", "{0, 1}"], "A", ""),
        (["[2, 5)", "(2, 5]"], "A", ""),
        (["f'(x)", "f(x)"], "A", ""),
        (["p++", "++p", "*p", "p"], "A", ""),
        (["**kwargs", "*kwargs", "kwargs"], "A", ""),
        (["A-", "A"], "A", ""),
        ([".5", "5"], "A", ""),
        (["10%", "10", "0.01"], "A", ""),
        (["x²", "x2"], "A", ""),
        (["pH", "ph"], "A", ""),
        (["Aa", "AA", "aa"], "A", ""),
        (["1:2", "2:4"], "A", ""),
        (["1,000 km", "1000 m", "1000 km."], "A", "option C is the same number"),
        (["5", "five", "6"], "A", "option B is the same number"),
        (["21", "20", "Twenty-one"], "A", "option C is the same number"),
        (["The  cat.", "the cat", "a dog"], "C", "options A and B are the same"),
        (["red"], "A", "there is one option only"),
        (["red", " "], "A", "option B is empty"),
    ],
)
def test_one_option_is_right_and_all_differ(choices, reference, said):
    reason = ambiguous(choices, reference)
    assert said in reason and bool(reason) == bool(said)
