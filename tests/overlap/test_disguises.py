"""A held-out question that is asked in another guise."""

from __future__ import annotations

import pytest

from lai.core.params.overlap import OverlapParams
from lai.core.records import Sample
from lai.overlap import HeldOut, Text

GAS = Sample(
    task="facts",
    split="test",
    input="Which gas do plants take in from the air?",
    choices=["oxygen", "carbon dioxide", "helium"],
    reference="B",
)
STORY = Sample(
    task="sums", split="test", input="A baker sells four trays of rolls. How many?", reference="48"
)
HELD = HeldOut(
    [GAS, STORY], dict.fromkeys(("facts", "sums"), OverlapParams(share=None, cosine=None))
)


def why(question: str, choices: list[str] | None = None, solution: str = "", *tests: str) -> str:
    (reason,) = HELD.found([Text("sums", question, choices or [], solution, tests)])
    return reason


def test_a_choice_that_is_asked_openly_is_found_by_the_answer_in_the_solution() -> None:
    assert "a question of the test split of facts" in why(
        GAS.input, solution="Plants breathe it in. The answer is carbon dioxide."
    )
    assert not why(GAS.input, solution="The answer is nitrogen."), "everybody's question"


def test_a_short_choice_that_is_asked_openly_is_found_by_the_answer_in_the_solution() -> None:
    short = GAS.model_copy(update={"input": "Which gas is it?"})
    held = HeldOut([short])
    assert held.copied(Text("t", "Which gas is it?", (), "It is carbon dioxide."))
    assert not held.copied(Text("t", "Which gas is it?", (), "It is nitrogen."))
    assert not held.copied(Text("t", "So which gas is it?", (), "It is carbon dioxide."))


def test_a_choice_with_other_distractors_and_more_words_in_the_right_one_is_found() -> None:
    assert why(GAS.input, ["neon", "carbon dioxide, by far"])
    assert not why(GAS.input, ["neon", "argon"])


def test_what_tests_show_the_target_is_looked_at() -> None:
    assert why("Write f.", None, "def f(): ...", f"# {STORY.input}\nassert f() == 48")


@pytest.mark.parametrize(
    "disguise",
    [
        "A <b>baker</b> sells four trays of <i class='x'>rolls</i>.<br/> How many?",
        "A&nbsp;baker sells four&#32;trays of rolls. How many?",
        "A ba\ufe0fker sells fo\ufe0fur trays of rolls. How many?",
        "Á bäker sells foùr trays of rölls. How many?",
        "A b\u0301aker sells four trays of r\u0308olls. How many?",
        "A b\u0430k\u0435r s\u0435lls f\u043eur tr\u0430ys \u03bff rolls. H\u03bfw many?",
        "\u0391 baker sells four trays of rolls. \u041d\u043e\u051d m\u0430\u0578\u0443?",
        "A \u0299\u1d00\u1d0b\u1d07\u0280 \ua731ells four trays of r\u1d0flls. How many?",
        "\uff21 \uff42aker sells four trays of rolls. How many?",
        r"\text{A} \textbf{ baker } sells \mathrm{fo\text{ur}} \text{trays} of {rolls}. How many?",
        "A ba**ke**r sells fo*ur* trays of rolls. How many?",
        "1. A baker sells\n2. four trays\n3. of rolls.\n\n4. How many?",
        "(1) A baker sells four trays of rolls.\n  (2) How many?",
        "1. A baker sells four trays of rolls. 2. How many?",
        "Step 1: A baker sells four trays of rolls.\n**Step 2:** How many?",
        "Fact 1. A baker sells four trays of rolls. Sentence 2) How many?",
        "A\u200bbaker\u200bsells\u2060four\u00adtrays\ufeffof\u200brolls.\u200bHow\u200bmany?",
        "A b&#1072;k&#x435;r s\u0435lls four trays of rolls. How many?",
        "A ba\x07ker\u3164sells fo\u2060ur trays of rolls. How many?",
        "A ba\u3164ker se\u2800lls four trays of ro\u1160lls. How many?",
        "A <b hidden>baker</b> sells four tr<b hidden>ay</b>s of rolls. How many?",
        "<ol reversed><li value=>A baker sells four trays<br clear>of rolls.</ol> How many?",
        'A <span @click="1">baker</span> sells <i data-x.y="1">four</i> trays of rolls. How many?',
        "A <b/x>baker</b> sells <b class= >four</b> trays of <i//>rolls</i x>. How many?",
    ],
)
def test_markup_and_marks_hide_nothing(disguise: str) -> None:
    assert why(disguise)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "part", ["<b a", "<b ", "<b a=b/c=d/", "<b a='<b a=\"", "<b/", "a/b=c/", "<b a=\"<b' "]
)
def test_half_a_tag_costs_little(part: str) -> None:
    assert not why(f"<b {part * 10_000}")


def test_a_comparison_is_no_tag() -> None:
    held = HeldOut(
        [Sample(task="t", split="test", input="Is a < b and c > d for all n?", reference="1")]
    )
    assert held.copied(Text("t", "Is a < b and c > d for all n?"))
    assert not held.copied(Text("t", "Is a d for all n?"))
    tight = Sample(task="t", split="test", input="Is a<b and c>d for all n?", reference="1")
    for other in ("Is a<b or x>d for all n?", "Is a<b/c>d for all n?", "Is a<b then>d for all n?"):
        assert not HeldOut([tight]).copied(Text("t", other))


def test_another_alphabet_and_the_numbers_of_a_list_are_still_compared_as_they_are() -> None:
    asked = "Кто же написал этот длинный роман?"
    listed = "Put in order:\n1. wash\n2. dry\n3. fold the shirts"
    held = HeldOut(
        Sample(task="t", split="test", input=one, reference="1") for one in (asked, listed)
    )
    assert held.copied(Text("t", f"Q: {asked.upper()}"))
    assert held.copied(Text("t", " ".join(listed.split())))
    assert not held.copied(Text("t", listed.replace("2.", "7."))), "numbers matter"


def test_a_prefix_of_a_unit_is_no_disguise() -> None:
    asked = "Is a hair of 70 \u03bcm a thick one?"
    held = HeldOut([Sample(task="t", split="test", input=asked, reference="1")])
    assert held.copied(Text("t", asked))
    assert not held.copied(Text("t", asked.replace("\u03bc", "m")))


LISTED = Sample(
    task="t",
    split="test",
    input="Which of these sentences is in order?\nOptions:\n(A) Big red bus\n(B) Red big bus",
    reference="(A)",
)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("(A) Red big bus\n(B) Big red bus", True),
        ("(A) Bus red big\n(B) Big red bus\n(C) Red big bus", True),
        ("(A) Red big bus\n(B) Bus red big", False),
    ],
)
def test_options_that_a_question_lists_itself_may_be_shuffled(options: str, found: bool) -> None:
    asked = f"Which of these sentences is in order?\nOptions:\n{options}"
    assert bool(HeldOut([LISTED]).copied(Text("t", asked))) is found


def test_options_of_a_choice_may_be_shuffled() -> None:
    assert why(GAS.input, GAS.choices[::-1])
    assert why(f"{GAS.input}\nA) helium\nB) oxygen\nC) carbon dioxide")
