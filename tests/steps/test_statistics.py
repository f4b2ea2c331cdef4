"""Intervals and tests against what is known of them."""

import math
import random

import pytest
from scipy.stats import binomtest

from lai.statistics import (
    clustered_mean,
    holm,
    mcnemar,
    sign_flip,
    smallest_effect,
    verdict,
    wilson,
)


def test_the_mean_is_that_of_items_within_a_task_and_of_tasks_among_each_other():
    tasks = [{"a": [1, 1, 1], "b": [0]}, {"c": [0, 0], "d": [0]}]
    assert clustered_mean(tasks).mean == pytest.approx(0.375)


def test_items_that_agree_within_their_cluster_count_as_one():
    rng = random.Random(1)
    skills = {str(skill): [float(rng.random() < 0.5)] * 8 for skill in range(200)}
    alone = {
        f"{skill}/{item}": [value] for skill, v in skills.items() for item, value in enumerate(v)
    }
    clustered, naive = clustered_mean([skills]), clustered_mean([alone])
    assert clustered.mean == naive.mean
    assert clustered.error == pytest.approx(naive.error * 8**0.5, rel=0.1)
    assert clustered.error == pytest.approx(0.5 / 200**0.5, rel=0.1)


def test_a_cluster_of_two_tasks_is_one_and_tells_no_more_than_it_would_alone():
    rng = random.Random(4)
    task = {str(skill): [rng.choice((-1.0, 0.0, 1.0))] * 3 for skill in range(60)}
    twin = dict(reversed(task.items()))
    assert clustered_mean([task, twin]) == clustered_mean([task])
    assert sign_flip([task, twin]) == sign_flip([task])
    apart = {f"other {skill}": values for skill, values in task.items()}
    narrower = clustered_mean([task, apart]).error
    assert narrower == pytest.approx(clustered_mean([task]).error / 2**0.5, rel=0.1)
    # Some clusters in both tasks, some in one alone: between the two.
    half = {name if int(name) < 30 else f"other {name}": v for name, v in task.items()}
    assert narrower < clustered_mean([task, half]).error < clustered_mean([task]).error


def test_of_skills_that_two_tests_ask_for_no_more_is_said_than_is_so():
    rng = random.Random(5)
    small = missed = 0
    for _ in range(200):
        effects = {str(skill): rng.gauss(0, 1) for skill in range(40)}
        tasks = [
            {skill: [effect + rng.gauss(0, 0.3)] for skill, effect in effects.items()}
            for _ in range(2)
        ]
        small += sign_flip(tasks, resamples=499) < 0.05
        found = clustered_mean(tasks, resamples=499)
        missed += not found.low < 0 < found.high
    assert 2 <= small <= 20  # 10 expected; 33 with a cluster a task
    assert 2 <= missed <= 24  # 10 expected and a few more of a percentile bootstrap


def test_a_seed_gives_the_same_interval_and_covers_the_mean():
    tasks = [{str(i): [float(i % 3 == 0)] for i in range(60)}]
    one, two = clustered_mean(tasks, seed=3), clustered_mean(tasks, seed=3)
    assert one == two
    assert one.low < one.mean < one.high


def test_the_difference_of_nothing_is_nothing_and_one_cluster_tells_nothing():
    none = clustered_mean([{str(n): [0.0] for n in range(30)}])
    assert (none.mean, none.low, none.high) == (0, 0, 0)
    alone = clustered_mean([{"a": [1.0, 0.0]}])
    assert alone.mean == 0.5 and math.isnan(alone.low)
    beside = clustered_mean([{"a": [1.0]}, {str(n): [float(n % 2)] for n in range(40)}])
    assert beside.mean == pytest.approx(0.75) and 0.65 < beside.low < beside.high < 0.85


def test_sign_flips_tell_a_change_from_none():
    rng = random.Random(2)
    noise = [{str(n): [rng.choice((-1.0, 0.0, 1.0))] for n in range(200)}]
    shifted = [{str(n): [rng.choice((-1.0, 0.0, 1.0, 1.0, 1.0))] for n in range(200)}]
    assert sign_flip(noise) > 0.05
    assert sign_flip(shifted) < 0.001
    assert sign_flip(shifted) == sign_flip(shifted)
    assert sign_flip([{"a": [0.0], "b": [0.0]}]) == 1
    # Few changed items of one sign: two-sided, 2 of the 2^5 draws are as extreme.
    five = [{str(n): [1.0 if n < 5 else 0.0] for n in range(50)}]
    assert sign_flip(five) == pytest.approx(2 / 32, abs=0.001)


def test_a_p_value_is_small_as_often_as_it_says():
    rng = random.Random(3)
    small = 0
    for _ in range(200):
        task = {str(n): [rng.choice((-1.0, 1.0))] * 3 for n in range(30)}
        small += sign_flip([task], resamples=499) < 0.05
    assert 2 <= small <= 20  # 10 expected


def test_known_values():
    low, high = wilson(8, 10)
    assert (low, high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert wilson(0, 0) == (0, 1)
    assert mcnemar(10, 2) == pytest.approx(0.03857, abs=1e-5)
    assert mcnemar(0, 0) == 1
    for fixed, broken in [(0, 7), (3, 3), (40, 61), (1, 900)]:
        assert mcnemar(fixed, broken) == pytest.approx(binomtest(fixed, fixed + broken).pvalue)
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert 100 * smallest_effect(14042) == pytest.approx(1.06, abs=0.01)
    assert 100 * smallest_effect(1319) == pytest.approx(3.45, abs=0.01)
    assert 100 * smallest_effect(164) == pytest.approx(9.8, abs=0.05)


@pytest.mark.parametrize(
    ("low", "high", "p", "word"),
    [(0.01, 0.02, 0.04, "improved"), (-0.01, 0.02, 0.04, "no evidence"),
     (-0.2, -0.1, 0.001, "regressed"), (0.0, 0.1, 0.04, "no evidence"),
     (math.nan, math.nan, 0.5, "no evidence"), (1.0, 1.0, 0.5, "no evidence")],
)  # fmt: skip
def test_a_verdict_in_words(low, high, p, word):
    assert verdict(low, high, p) == word


def test_few_clusters_say_nothing_however_alike_they_are():
    assert sign_flip([{"a": [1.0] * 50}]) == 1.0
    assert sign_flip([{"a": [1.0] * 50, "b": [0.0] * 50}]) == 1.0
    assert sign_flip([{"a": [0.2], "b": [0.3]}]) == 0.5
