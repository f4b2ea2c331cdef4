"""What `strategy` in params.yaml means for every iteration."""

import pytest

from lai.core.strategies import STRATEGIES, check, label, planned, shares, summary

THREE = {"iter1": "iter0", "iter2": "iter1", "iter3": "iter2"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("lec", [{"lec": 1}] * 3),
        ({"le": 1, "lec": 3}, [{"le": 0.25, "lec": 0.75}] * 3),
        ({"iter1": "le", "iter2": "lec"}, [{"le": 1}, {"lec": 1}, {"lec": 1}]),
        ({"iter1": {"le": 2, "lec": 2}, "iter3": "le"},
         [{"le": 0.5, "lec": 0.5}] * 2 + [{"le": 1}]),
    ],
)  # fmt: skip
def test_every_iteration_has_its_weights(value, expected):
    plan = planned(check(value), THREE)
    assert list(plan) == list(THREE)
    assert list(plan.values()) == expected


def test_an_iteration_takes_after_the_one_that_it_follows():
    plan = planned({"iter1": "le", "iter2": "lec"}, THREE | {"iter4": "iter1"})
    assert plan["iter4"] == {"le": 1}


def test_a_run_is_named_by_its_iterations():
    assert summary(planned({"le": 1, "lec": 1}, THREE), THREE) == "le+lec"
    assert summary(planned({"iter1": "le", "iter2": "lec"}, THREE), THREE) == "le>lec>lec"
    assert label({"lec": 0.9, "le": 0.1}) == "lec+le"


def test_a_run_with_branches_is_named_by_what_leads_to_its_last_iteration():
    backwards = dict(reversed(THREE.items()))
    plan = planned({"iter1": "le", "iter2": "lec", "iter3": "augment"}, backwards)
    assert summary(plan, backwards) == "le>lec>augment"
    branched = {"iter1": "iter0", "iter2": "iter1", "iter3": "iter1"}
    plan = planned({"iter1": "le", "iter2": "lec", "iter3": "augment"}, branched)
    assert summary(plan, branched) == "le>augment"


@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_shares_add_up_and_are_off_by_less_than_one(count):
    weights = {"le": 1 / 3, "lec": 1 / 3, "augment": 1 / 6, "active": 1 / 6}
    parts = shares(weights, count)
    assert sum(parts.values()) == count
    assert all(abs(parts[name] - weights[name] * count) < 1 for name in weights)


def test_only_exercises_need_an_analysis():
    for name, strategy in STRATEGIES.items():
        assert bool(strategy.prompt) == (strategy.teaches == "exercises"), name
        assert strategy.seeds == "errors" or not (strategy.contrast or strategy.grouped), name


def test_a_first_iteration_without_a_strategy_is_named():
    with pytest.raises(ValueError, match="no strategy is named for iter1 or any before it"):
        planned({"iter2": "le"}, THREE)
