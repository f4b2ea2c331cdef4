"""A held-out text in other punctuation is the same text, a sum with other signs another."""

from __future__ import annotations

import pytest

from lai.core.records import Sample
from lai.overlap import HeldOut, Text

SHOP = (
    "Mia's shop sold on Monday:\n- 48 red apples\n- 12 green pears\n- 7 ripe plums\n"
    "Each cost $2. What did she earn?"
)
PENS = "On 3-5 May the shop sold 12 pens; on 6-8 May it sold 30 pens. How many?"
PETS = "Ann - 12 years old - has 3 dogs. How many legs?"
BIRDS = "There were 30% fewer birds than in the 12 other parks. How many?"
CORE = "Why doesn't the Earth's inner core re-melt?"
WORK = "Simplify: 3 * (4 + 5) - 6 / 2 and then tell me what remains."


def copied(held: str, text: str) -> bool:
    sample = Sample(task="t", split="test", input=held, reference="1")
    measured = HeldOut([sample])
    assert measured.within(text) == bool(measured.copied(Text("t", text)))
    return measured.within(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(
            (SHOP, SHOP.replace("- ", mark))
            for mark in ("* ", "\u2022 ", "\u2013 ", "+ ", "=> ", "")
        ),
        (SHOP, SHOP.replace("\n", "\n> ")),
        (SHOP, SHOP.replace("\n- ", ", ")),
        (SHOP, SHOP.replace("\n- ", " / ")),
        (SHOP, SHOP.replace("- 48", "1. 48").replace("- 12", "2. 12").replace("- 7", "3. 7")),
        (PENS, PENS.replace("3-5", "3\u20135").replace("6-8", "6\u20138")),
        (PETS, PETS.replace(" - ", " \u2014 ")),
        (PETS, PETS.replace(" - ", ", ")),
        (CORE, CORE.replace("'", "")),
        (CORE, CORE.replace("'", " ")),
        (CORE, CORE.replace("'", "\u2032").replace("re-", "re")),
        (CORE, CORE.replace("Earth's", "Earths").replace("core", "c\u043ere")),
        (CORE, CORE.replace("'s", "&rsquo;s").replace("-", "\u2010")),
        ("Is Mia's \u2013 not Ann's \u2013 pen re-used?", "Is Mias, not Anns, pen reused?"),
        ("Is Ren\u00e9's caf\u00e9 open?", "Is Renes cafe open?"),
        ("In a race, who comes first?", "In a race / who comes first?"),
        (BIRDS, BIRDS.replace("%", " percent")),
        (WORK, WORK.replace("*", "\u00d7").replace("/", "\u00f7")),
    ],
)
def test_another_punctuation_hides_nothing(one: str, other: str) -> None:
    assert copied(one, other)
    assert copied(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How much is it? 12 - 5", "How much is it? 12 + 5"),
        ("How much is it?\n12\n- 5", "How much is it?\n12\n+ 5"),
        ("How much is 3 \u2013 5 now?", "How much is 3 * 5 now?"),
        ("How much is 3 * 4 - 5 + 6 / 2 - 7 * 8 + 9 - 10?", "How much is 3 4 5 6 2 7 8 9 10?"),
        (" + ".join("123456789") + " + 10 + 11 + 12 + 13?", " - ".join(map(str, range(1, 14)))),
        ("Is the price > cost / time?", "Is the price < cost * time?"),
        ("Is a<b and c>d for all n?", "Is a<x or y>d for all n?"),
    ],
)
def test_another_sign_makes_another_sum(one: str, other: str) -> None:
    assert copied(one, one)
    assert not copied(one, other)
    assert not copied(other, one)


@pytest.mark.parametrize(
    "disguise",
    [
        "{0}{1}",
        "<table><tr><td>{0}</td><td>{1}</td></tr></table>",
        "{0} <mark>{1}</mark>",
        '{0} <q class="x y">{1}</q>',
        "{0} <kbd>{1}</kbd>",
        "{0} <img src='a b.png' width=3/>{1}",
        "{0} <!-- a > b\n -->{1}",
        "{0} &lt;s&gt;{1}&lt;/s&gt;",
        "{0} &amp;lt;my-tag&amp;gt;{1}",
        "{0}&amp;nbsp;{1}",
    ],
)
def test_no_element_hides_anything(disguise: str) -> None:
    asked = "Which planet of our system is the red one?"
    words = asked.split()
    pairs = zip(words[::2], [*words[1::2], ""], strict=False)
    if disguise == "{0}{1}":
        assert not copied(asked, " ".join(disguise.format(*pair) for pair in pairs))
    else:
        assert copied(asked, " ".join(disguise.format(*pair) for pair in pairs))


VALUE = Sample(
    task="t",
    split="test",
    input="What is the value of x?",
    choices=["3", "4", "5", "6"],
    reference="C",
)
TRUE = Sample(
    task="t",
    split="test",
    input="Which of the following is true?",
    choices=["It rains", "It snows", "It hails", "All of the above"],
    reference="D",
)
ATOM = Sample(
    task="t",
    split="test",
    input="Who discovered the electron first?",
    choices=["Bohr", "Thomson", "Dalton", "Curie"],
    reference="B",
)
RED = Sample(
    task="t",
    split="test",
    input="What is erythema?",
    choices=["Red skin", "A rash", "Pale skin", "Skin rot"],
    reference="A",
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (Text("t", f"Question: {RED.input}", RED.choices[::-1]), True),
        (Text("t", f"Q: {RED.input} (A) Pale skin (B) Red skin (C) Skin rot (D) A rash"), True),
        (Text("t", "Look it up.", (), " ".join([RED.input, *RED.choices])), True),
        (Text("t", f"Question: {RED.input}", [*RED.choices[:3], "None"]), False),
        (Text("t", "In the eye, what is that?", RED.choices), False),
        (Text("t", "If 2x + 1 = 11, what is the value of x?", VALUE.choices, "x = 5."), False),
        (Text("t", "What is the value of x in 2x = 6?", ["3", "4"], "x = 3, not 5."), False),
        (Text("t", "What is the value of x?", ["5", "9"]), True),
        (Text("t", "Of plants, which of the following is true?", [TRUE.choices[3], "No"]), False),
        (Text("t", "Which of the following is true?", TRUE.choices[::-1]), True),
        (Text("t", "Q: Which of the following is true?", TRUE.choices[::-1]), True),
        (Text("t", "Question: Who discovered the electron first?", ATOM.choices), True),
        (Text("t", f"Q: {ATOM.input} A. Bohr B. Curie C. Dalton D. Thomson"), True),
        (Text("t", f"{ATOM.input} A. Bohr B. Thomson"), True),
        (Text("t", ATOM.input, (), "It was Thomson."), True),
        (Text("t", f"Of all, {ATOM.input}", ["Thomson", "Fermi"]), False),
    ],
)
def test_a_brief_question_of_a_choice_is_found_as_the_whole_question(text, found) -> None:
    assert bool(HeldOut([VALUE, TRUE, ATOM, RED]).copied(text)) is found


def test_counting_is_nobodys() -> None:
    count = ", ".join(map(str, range(1, 21)))
    asked = f"Here are the numbers: {count}. Which of them are primes?"
    held = HeldOut([Sample(task="t", split="test", input=asked, reference="1")])
    assert not held.copied(Text("t", "How many are there?", (), f"We count: {count}. So 20."))
    assert held.copied(Text("t", f"Q: {asked}"))
