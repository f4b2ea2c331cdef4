"""What samples cost: figures of an iteration for metrics/iterN/synthesis.json."""

from lai.core.params.runtime import PriceParams
from lai.core.records import Check, Failure, SyntheticSample, Verdict
from lai.instruction.account import account

PRICE = PriceParams(input=1.0, output=2.0)
USED = {"replies": 10, "prompt_tokens": 3_000_000, "completion_tokens": 500_000}
NONE = dict.fromkeys(USED, 0)


def verdict(number, *failing):
    sample = SyntheticSample(
        task="t", input=f"{number}?", reference="1", solution="1", request_key="k"
    )
    checks = [Check(name="not_held_out", passed=True)]
    checks += [Check(name=name, passed=False) for name in failing]
    return Verdict(sample=sample, accepted=not failing, checks=checks)


def figures(used):
    accepted = [verdict(number) for number in range(4)]
    rejected = [verdict(8, "answer", "stub"), verdict(9, "answer"), verdict(7, "language")]
    failures = [Failure(task="t", step="analyze", reason="", reply="", request_key="k")]
    return account(accepted, rejected, failures, 2, used)


def test_all_paid_steps_are_counted_and_a_sample_is_turned_down_for_one_reason():
    found = figures({"analyze": (USED, PRICE), "synthesize": (USED, PRICE)})
    assert found["candidates"] == 7 and found["accepted"] == 4 and found["suspects"] == 2
    assert found["rejected"] == {"answer": 2, "language": 1}
    assert found["failures"] == {"analyze": 1, "synthesize": 0}
    assert found["calls"] == 20 and found["tokens"] == 7_000_000
    assert found["tokens_per_accepted"] == 1_750_000
    assert found["cost"] == 8.0 and found["cost_per_accepted"] == 2.0


def test_without_the_price_or_the_tokens_of_one_who_was_asked_there_is_no_cost():
    asked = {"synthesize": (USED, PRICE), "judge": (USED, None)}
    assert figures(asked)["cost"] is None and figures(asked)["cost_per_accepted"] is None
    assert figures(asked)["tokens_per_accepted"] is not None
    told = {"synthesize": (USED, PRICE), "judge": ({**NONE, "replies": 3}, PRICE)}
    assert figures(told)["cost"] is figures(told)["cost_per_accepted"] is None
    assert figures(told)["tokens_per_accepted"] is None
    unasked = {"synthesize": (USED, PRICE), "judge": (NONE, None)}
    assert figures(unasked)["cost"] == 4.0
    assert account([], [], [], 0, unasked)["tokens_per_accepted"] is None
