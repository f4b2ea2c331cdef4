"""One budget for every strategy: what is not met is made up for or said, never silent."""

import json

import pytest

from lai.core.errors import PipelineError
from lai.core.params.checks import ChecksParams
from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.records import Sample, Solved
from lai.engines.base import Reply
from lai.engines.builtin import BuiltinEngine
from lai.instruction.allocation import budgets, lessons
from lai.instruction.analyze import analyze
from lai.instruction.direct import Source
from lai.instruction.material import Material
from lai.instruction.seeding import select
from lai.instruction.synthesize import synthesize
from lai.overlap import HeldOut
from lai.verification import Verifier, train_rows
from tests.support.instructing import Scripted, claimed, demo_errors, seeds_of

TUTOR = InstructorParams()
BUDGET = SynthesizeParams(budget=20, max_samples_per_skill=None)


def taught(weights, errors=5, solved=30):
    """What `synthesize` and the baselines make of so many errors and solved samples."""
    tasks, samples, completions, found = demo_errors("facts", errors + solved)
    right = [
        Solved(sample=one.sample, task="facts", completion=one.completion) for one in found[errors:]
    ]
    wrong = found[:errors]
    material = Material(samples, completions)
    texts = {sample.id: sample.input for sample in samples}
    seeds = select(weights, wrong, right, None, 1, lambda ids: dict.fromkeys(ids, 1.0), texts, 5)
    engine = BuiltinEngine()
    analyses, _ = analyze(seeds, wrong, [], material, engine, TUTOR, 1) if seeds else ([], [])
    asked = (material, tasks, engine, TUTOR, BUDGET, 1)
    # Exercises of the demo differ in a name or a number, and some are all about one skill here.
    verifier = Verifier(tasks, [], samples, [], checks=ChecksParams(near_duplicate=None))
    weak, claims = claimed(analyses, seeds)
    parts = budgets(weights, tasks, lessons(weak, claims, wrong, right), BUDGET.budget)
    result = synthesize(analyses, seeds, weak, claims, parts, *asked, verifier)
    result.add(Source(*asked).teach(parts, wrong, right, "iter1"))
    return len(train_rows(result.exercises, tasks, "iter1") + result.direct), result


@pytest.mark.parametrize(
    "weights",
    [
        {"le": 1.0},
        {"augment": 1.0},
        {"le": 0.5, "lec": 0.5},
        {"le": 0.5, "finetune": 0.5},
        {"le": 1 / 3, "lec": 1 / 3, "augment": 1 / 3},
        {"finetune": 1.0},
        {"distill": 1.0},
        {"replay": 1.0},
        {"shuffled": 1.0},
        {"patterns": 1.0},
    ],
)
@pytest.mark.parametrize("errors", [1, 2, 5])
def test_every_strategy_fills_the_budget_however_few_errors_there_are(weights, errors):
    count, result = taught(weights, errors)
    assert count == 20
    assert not result.shortfall


@pytest.mark.parametrize("name", ["le", "lec", "augment", "active", "shuffled", "patterns"])
def test_without_an_error_there_is_no_lesson_and_it_is_said(name):
    count, result = taught({name: 1.0}, errors=0)
    assert count == 0
    assert result.shortfall == {"facts": 20}
    assert "short of the budget by facts 20" in result.summary()


@pytest.mark.parametrize(
    ("weights", "errors", "solved"),
    [
        ({"le": 0.5, "finetune": 0.5}, 0, 30),
        ({"le": 0.3, "lec": 0.3, "distill": 0.4}, 0, 30),
        ({"le": 0.5, "augment": 0.2, "finetune": 0.3}, 0, 30),
        ({"le": 0.5, "replay": 0.5}, 5, 0),
        ({"finetune": 0.5, "replay": 0.5}, 30, 0),
    ],
)
def test_what_a_strategy_has_no_lesson_for_goes_to_the_others(weights, errors, solved):
    count, result = taught(weights, errors, solved)
    assert count == 20
    assert not result.shortfall


def test_the_shares_are_those_of_the_strategies_that_are_able():
    tasks, *_ = demo_errors("facts", 1)
    weights = {"le": 0.5, "lec": 0.25, "finetune": 0.25}
    able = {("facts", "lec"), ("facts", "finetune")}
    found = budgets(weights, tasks, able, 20)
    assert found == {("facts", "le"): 0, ("facts", "lec"): 10, ("facts", "finetune"): 10}
    assert list(budgets(weights, tasks, set(), 20).values()) == [10, 5, 5]


def test_a_baseline_that_has_used_up_the_pool_says_so():
    assert taught({"finetune": 1.0}, errors=3, solved=4)[1].shortfall == {"facts": 13}
    assert taught({"finetune": 1.0}, errors=0, solved=0)[1].shortfall == {"facts": 20}
    assert taught({"replay": 1.0}, errors=30, solved=4)[1].shortfall == {"facts": 16}


def test_pool_questions_are_counted_as_taught():
    assert "20 pool questions taught" in taught({"finetune": 1.0})[1].summary()


class Babbling:
    """An engine of which every reply but the first `good` is unusable."""

    commit_every = 1

    def __init__(self, good=0):
        self.good = good
        self.forgotten = []
        self.engine = BuiltinEngine()

    def generate(self, requests):
        for reply in self.engine.generate(requests):
            self.good -= 1
            text = reply.text if self.good >= 0 else "Let me think."
            yield Reply(request_key=reply.request_key, text=text, stop_reason="stop")

    def forget(self, keys):
        self.forgotten += keys


def test_a_yield_below_the_least_ends_the_stage_with_examples_and_keeps_what_was_paid_for():
    tasks, samples, completions, errors = demo_errors("facts", 8)
    engine, material, seeds = Babbling(good=1_000), Material(samples, completions), seeds_of(errors)
    analyses, _ = analyze(seeds, errors, [], material, engine, TUTOR, 1)
    weak, claims = claimed(analyses, seeds)
    params = SynthesizeParams(budget=30, max_samples_per_skill=None)
    taught_before = Verifier(tasks, [], samples, [])

    def of(least, verify):
        asked = (tasks, engine, TUTOR, params.model_copy(update={"min_yield": least}), 1)
        return synthesize(
            analyses, seeds, weak, claims, {("facts", "le"): 30}, material, *asked, verify
        )

    assert len(of(0.9, taught_before).accepted) == 30
    # Nothing that is taught already is accepted once more: the first round yields nothing.
    with pytest.raises(
        PipelineError, match=r"^0 of 30 samples accepted, less than .*min_yield"
    ) as said:
        of(0.05, taught_before)
    assert str(said.value).count("(not_a_duplicate: the question is taught already)") == 3
    assert not engine.forgotten
    assert of(0.0, taught_before).shortfall == {"facts": 30}


def distilled(engine):
    tasks, samples, completions, errors = demo_errors("facts", 30)
    source = Source(Material(samples, completions), tasks, engine, TUTOR, BUDGET, 1)
    return source.teach({("facts", "distill"): 20}, errors, [], "iter1")


def test_a_reply_without_a_solution_is_kept_as_a_failure():
    found = distilled(Babbling(good=3))
    assert len(found.rows) == 3
    assert found.shortfall == {"facts": 17}
    assert len(found.failures) == 27
    assert found.failures[0].reply == "Let me think."


STORY = "A baker sells four trays of rolls, and each of them holds a dozen. How many?"


class Leaking(Babbling):
    """An engine that ends each solution with a question of a test."""

    def generate(self, requests):
        for reply in self.engine.generate(requests):
            solution = json.loads(reply.text)["solution"]
            text = json.dumps({"solution": f"{STORY} {solution}"})
            yield reply.model_copy(update={"text": text})


def test_neither_solutions_nor_gold_answers_bring_a_test_question_into_the_data():
    tasks, samples, completions, errors = demo_errors("facts", 30)
    copied = samples[1]
    apart = HeldOut(
        Sample(task="other", split="test", input=text, choices=choices, reference=reference)
        for text, choices, reference in (
            (STORY, [], "48"), (copied.input, copied.choices, copied.reference),
        )
    )  # fmt: skip
    asked = (Material(samples, completions), tasks, Leaking(), TUTOR)
    source = Source(*asked, BUDGET.model_copy(update={"min_yield": 0.0}), 1, held_out=apart)
    found = source.teach({("facts", "distill"): 20}, errors, [], "iter1")
    assert not found.rows
    assert {one.checks[0].name for one in found.verdicts if not one.checks[0].passed} == {
        "not_held_out"
    }
    gold = source.teach({("facts", "finetune"): 30}, errors, [], "iter1")
    assert len(gold.rows) == 29
    assert copied.id not in {row.parents[-1] for row in gold.rows}


def test_solutions_of_which_next_to_none_is_right_are_not_asked_for_to_the_end():
    answers = json.dumps({"solution": "I decline."})
    engine = Scripted(*[answers] * 99)
    with pytest.raises(PipelineError, match=r"^0 of 20 samples accepted, .* \(answer: "):
        distilled(engine)
    assert len(engine.requests) == 20


def test_an_answer_of_the_target_that_runs_on_into_a_test_question_is_not_taught_again():
    tasks, samples, completions, errors = demo_errors("facts", 5)
    apart = HeldOut([Sample(task="other", split="test", input=STORY, reference="48")])
    ran_on = completions[0].model_copy(update={"completion": f"B.\n\nQuestion: {STORY}"})
    material = Material(samples, [ran_on, *completions[1:]])
    right = [Solved(sample=one.sample, task="facts", completion=one.completion) for one in errors]
    source = Source(material, tasks, None, TUTOR, BUDGET, 1, held_out=apart)
    found = source.teach({("facts", "replay"): 5}, [], right, "iter1")
    assert {row.parents[-1] for row in found.rows} == {one.id for one in samples[1:]}
    assert found.shortfall == {"facts": 1}


def test_replies_none_of_which_is_a_solution_end_the_stage_and_are_forgotten():
    engine = Babbling()
    with pytest.raises(PipelineError, match="no usable solution in 20 replies"):
        distilled(engine)
    assert len(engine.forgotten) >= 20
