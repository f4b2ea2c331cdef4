"""The gate reads the dev split alone, and sends the next iteration back to the last good one."""

import dataclasses

import pytest

from lai.core.params.schema import GateParams
from lai.core.params.tasks import Task
from lai.core.records import Sample, Score
from lai.core.stage import first_gate
from lai.evaluation import gate

TASKS = {
    "a": Task(family="f", role="id", scorer="exact", prompt="plain"),
    "g": Task(family="f", role="guard", scorer="exact", prompt="plain"),
    "t": Task(family="f", role="ood", scorer="exact", prompt="plain"),
}
SAMPLES = [
    Sample(task=task, split=split, input=f"{task} {split} {n}", reference="1")
    for task, split in (("a", "dev"), ("a", "test"), ("g", "dev"), ("t", "test"))
    for n in range(100)
]
START = first_gate("model")


def scores(**right):
    """Scores in which the first so many of a task's items in a split are right."""
    found = []
    for place, sample in enumerate(SAMPLES):
        value = "C" if place % 100 < right.get(f"{sample.task}_{sample.split}", 50) else "I"
        found.append(Score(sample=sample.id, scorer="exact", value=value))
    return found


def judged(now, before=None, gate_before=START, name="iter1", **params):
    rules = GateParams(**params)
    return gate.judge(name, [name], SAMPLES, now, before or scores(), TASKS, gate_before, rules)


def test_a_rise_a_small_fall_and_chance_pass():
    for dev in (90, 50, 49, 46):  # 46: four broken and none fixed is no evidence (p = 0.125)
        found = judged(scores(a_dev=dev))
        assert found.passed and found.good == "iter1" and not gate.sentence(found, "mark")


@pytest.mark.parametrize("task", ["a", "g"])
def test_a_fall_on_dev_fails_for_a_task_and_for_a_guard(task):
    found = judged(scores(**{f"{task}_dev": 40}))
    assert not found.passed and found.failed == [task]
    check = next(check for check in found.checks if check.task == task)
    assert (check.before, check.after, check.fixed, check.broken) == (0.5, 0.4, 0, 10)
    assert check.p == pytest.approx(2 / 2**10, rel=1e-3)
    assert found.good == "iter1", "it is marked, and goes on"
    assert judged(scores(**{f"{task}_dev": 40}), max_regression=0.1).passed
    assert judged(scores(**{f"{task}_dev": 40}), significance=0.001).passed


def test_a_fall_of_just_so_much_is_borne():
    samples = [Sample(task="a", split="dev", input=f"{n}", reference="1") for n in range(1000)]

    def graded(right):
        return [
            Score(sample=one.id, scorer="exact", value="C" if place < right else "I")
            for place, one in enumerate(samples)
        ]

    for before in (850, 520, 540, 500):
        for more, passed in ((20, True), (21, False)):
            found = gate.judge(
                "iter1", ["iter1"], samples, graded(before - more), graded(before), TASKS, START,
                GateParams(max_regression=0.02),
            )  # fmt: skip
            assert found.passed is passed, (before, more)


def test_no_test_score_is_looked_at():
    seen, other = judged(scores()), judged(scores(a_test=0, t_test=0))
    assert seen == other
    assert other.passed
    assert {check.task for check in seen.checks} == {"a", "g"}


def test_a_failed_iteration_is_skipped_over_where_it_is_reverted():
    first = judged(scores(a_dev=60), name="iter1", action="revert")
    second = judged(scores(a_dev=40), scores(a_dev=60), first.json(), name="iter2", action="revert")
    assert (second.passed, second.good, second.state) == (False, "iter1", first.state)
    assert "GATE FAILED on dev (a 60.0% -> 40.0% since iter1), the next iteration starts from " \
        "iter1" in gate.sentence(second, "revert")  # fmt: skip
    third = judged(scores(a_dev=61), scores(a_dev=60), second.json(), "iter3", action="revert")
    assert (third.passed, third.good, third.compared_with) == (True, "iter3", "iter1")


def test_the_state_changes_with_weights_and_dev_scores_alone():
    known = judged(scores()).state
    assert judged(scores(t_test=3)).state == known
    assert judged(scores(a_dev=51)).state != known
    assert judged(scores(), name="iter2").state != known
    assert dataclasses.asdict(judged(scores())) == judged(scores()).json()
