"""The clustered interval against what is known of it."""

import random

import pytest

from lai.statistics import clustered_mean


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


def test_a_seed_gives_the_same_interval_and_covers_the_mean():
    tasks = [{str(i): [float(i % 3 == 0)] for i in range(60)}]
    one, two = clustered_mean(tasks, seed=3), clustered_mean(tasks, seed=3)
    assert one == two
    assert one.low < one.mean < one.high
