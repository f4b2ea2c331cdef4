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
    ],
)
def test_markup_and_marks_hide_nothing(disguise: str) -> None:
    assert why(disguise)


def test_a_comparison_is_no_tag() -> None:
    held = HeldOut(
        [Sample(task="t", split="test", input="Is a < b and c > d for all n?", reference="1")]
    )
    assert held.copied(Text("t", "Is a < b and c > d for all n?"))
    assert not held.copied(Text("t", "Is a d for all n?"))
