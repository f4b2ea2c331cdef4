"""Which calls a probe makes."""

import pytest

from lai.estimation.probing import KINDS, quotas

SHAPES = {
    ("analyze", "AnalysisShape"): 9000,
    ("analyze", "SolutionShape"): 4000,
    ("synthesize", "TextSamples"): 5000,
    ("synthesize", "CodeSamples"): 5000,
    ("synthesize", "SolutionShape"): 1000,
}


@pytest.mark.parametrize("calls", range(1, 30))
def test_all_calls_are_given_out_one_of_each_kind_first(calls):
    found = quotas(SHAPES, calls)
    assert sum(found.values()) == calls
    assert set(KINDS[:calls]) == set(found)


def test_more_go_to_what_takes_more_tokens():
    found = quotas(SHAPES, 40)
    assert found["synthesize", False] >= found["analyze", False] > found["synthesize", True]


def test_what_is_not_asked_by_the_run_gets_none():
    assert quotas({("synthesize", "SolutionShape"): 7}, 5) == {("synthesize", True): 5}
