"""What an estimate says, also where there is no price, or nothing to ask."""

from dataclasses import replace

import pytest

from lai.core.params.runtime import PriceParams
from lai.estimation.assumptions import HIGH, LOW, Observed, Unusable
from lai.estimation.engine import Tally
from lai.estimation.estimate import FREE
from lai.estimation.figures import Estimate
from lai.estimation.past import Mean
from lai.estimation.table import as_json, told

ANALYZE, JUDGED = ("iter1", "analyze", "instructor"), ("iter1", "synthesize", "judge")
PRICE = PriceParams(input=1.0, output=4.0)


def estimate(*places, calls=10, held=0, **changes):
    scenarios = {}
    for name, factor in (("low", 1), ("expected", 2), ("high", 3)):
        scenarios[name] = {
            place: Tally(calls * factor, 1000.0 * factor, 100.0 * factor, held) for place in places
        }
    plain = Estimate(
        scenarios=scenarios,
        assumed=(LOW, HIGH),
        known=["iter1"],
        observed=Observed(0, {}, {}, 0.1),
        before={},
        pool=300,
        prices={"instructor": PRICE, "judge": PRICE},
    )
    return replace(plain, **changes)


def cells(text, place):
    """The last cell of a row."""
    return next(
        line.split("  ")[-1].strip()
        for line in text.splitlines()
        if line.split()[: len(place)] == list(place)
    )


def test_costs_are_ranges_and_small_ones_are_no_zero():
    text = told(estimate(ANALYZE), {})
    assert cells(text, ANALYZE) == "0.0014 - 0.0042"
    assert "Expected: 20 calls, 2,200 tokens, cost 0.0028." in text
    cheap = PriceParams(input=0.001, output=0.001)
    text = told(estimate(ANALYZE, prices={"instructor": cheap}), {})
    assert cells(text, ANALYZE) == "0.0000011 - 0.0000033"


@pytest.mark.parametrize("price", [FREE, PriceParams(input=0, output=0)])
def test_what_costs_nothing_is_free(price):
    text = told(estimate(ANALYZE, prices={"instructor": price}), {})
    assert cells(text, ANALYZE) == cells(text, ["total"]) == "free"
    assert "2,200 tokens, free." in text and "not known" not in text


def test_an_unknown_price_is_not_free_and_makes_no_total():
    text = told(estimate(ANALYZE, prices={"instructor": None}), {})
    assert cells(text, ANALYZE) == cells(text, ["total"]) == "no price"
    assert "free" not in text and "set runtime.instructor.price" in text
    text = told(estimate(ANALYZE, JUDGED, prices={"instructor": PRICE, "judge": None}), {})
    assert cells(text, JUDGED) == "no price"
    assert cells(text, ["total"]) == "0.0014 - 0.0042 + ?"
    assert "cost 0.0028 without judge." in text and "runtime.judge.price" in text


def test_batch_prices_are_said_to_be_half():
    assert "half of runtime.instructor.price" in told(estimate(ANALYZE, halved=True), {})
    assert "half" not in told(estimate(ANALYZE), {}).split("Tokens:")[0]


def test_with_nothing_left_to_ask_it_says_why():
    assert told(estimate(), {}).startswith("Nothing is left to ask: no stage")
    text = told(estimate(ANALYZE, calls=0, held=7), {})
    assert text == "Nothing is left to ask: the store holds the 7 replies that the run needs."


@pytest.mark.parametrize(
    ("probed", "said"),
    [
        ((3, 3), "Probe: 3 calls asked"),
        ((1, 1), "Probe: 1 call asked"),
        ((2, 20), "Probe: 2 of 20 calls asked: what else the run will ask hangs"),
    ],
)
def test_a_probe_says_how_many_calls_it_asked(probed, said):
    found = estimate(ANALYZE, probed=probed)
    assert said in told(found, {})
    assert as_json(found, {})["probed"] == probed[0]


def test_equal_ends_of_a_range_are_one_figure():
    alike = replace(HIGH, accepted=0.75)
    text = told(estimate(ANALYZE, assumed=(alike, alike)), {})
    assert "Exercises accepted: 75%; weaknesses a task: at most as many as errors." in text


def test_stages_rest_on_the_store_or_on_earlier_iterations_each_for_itself():
    exercises = ("iter1", "synthesize", "instructor")
    observed = Observed(4, {}, {}, 0.1, stages={"analyze": 4})
    found = estimate(ANALYZE, exercises, observed=observed, before={"synthesize": Mean(9, 9, 480)})
    text = told(found, {})
    assert "Tokens of a call of synthesize: as in 480 replies of earlier iterations." in text
    assert "Lengths and tokens: as in 4 replies of analyze in the store, ± 10%." in text
    text = told(replace(found, before={}), {})
    assert "No reply of synthesize is there yet" in text


def test_replies_that_had_to_be_asked_for_again_are_told():
    bad = {"analyze": Unusable(2, 20, "the reply holds no JSON object")}
    text = told(estimate(ANALYZE, observed=Observed(22, {}, {}, 0.1, unusable=bad)), {})
    assert "2 of 20 replies of analyze could not be used (the reply holds no JSON object)" in text
    assert "10% more calls" in text


def test_caps_that_may_be_passed_are_named_in_their_unit():
    text = told(estimate(ANALYZE), {"cost": 0.0041, "calls": 29, "tokens": 5000})
    assert "Of runtime.budget.cost 0.0041 is left" in text
    assert "Of runtime.budget.calls 29 is left" in text and "budget.tokens" not in text
