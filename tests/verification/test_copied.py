"""When a question with options copies the one that it was written for."""

import pytest

from lai.core.params.checks import ChecksParams
from lai.core.params.tasks import Task
from lai.core.records import SyntheticSample
from lai.verification.free import Free

STEM = "Which of these statements is correct?"
SOURCE = f"{STEM}\nA) Whales are mammals.\nB) The sun is a planet.\nC) Ice floats.\nD) Gold rusts."
FACTS = Task(family="facts", role="id", scorer="choice", prompt="plain")
CHECKS = Free({"facts": FACTS}, [], {"analysis_1": SOURCE}, ChecksParams())


@pytest.mark.parametrize(
    ("choices", "copied"),
    [
        ("Bats are mammals./Ice sinks.", False),
        ("Bats are mammals./Tea is a metal./Tin burns./Ice floats.", False),
        ("Whales are mammals./Ice sinks./Tin burns.", True),
        ("It is: whales are mammals./The sun is a planet./Ice floats./Gold rusts.", True),
        ("Bats are mammals./The sun is a planet./Ice floats./Tin burns.", True),
    ],
)
def test_a_stem_that_is_anybodys_is_a_copy_with_the_right_option_or_half_of_all(choices, copied):
    sample = SyntheticSample(
        parents=["analysis_1"], task="facts", input=STEM, choices=choices.split("/"),
        reference="A", solution="The answer is A.", request_key="k",
    )  # fmt: skip
    reasons = dict(CHECKS.read(sample))
    assert reasons["not_copied"] == ("the question copies its source" if copied else "")
