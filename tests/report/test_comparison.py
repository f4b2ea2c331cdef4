"""Strategies side by side: known differences are found, and none where there is none."""

import random

import pytest
import yaml

from lai.cli.compare import value
from lai.core.errors import PipelineError
from lai.core.params.tasks import Task
from lai.core.records import Sample
from lai.core.strategies import planned, summary
from lai.report.comparison import Run, compare, markdown

TASKS = {
    "math": Task(family="math", role="id", scorer="number", prompt="plain"),
    "facts_ood": Task(family="facts", role="ood", scorer="choice", prompt="plain"),
    "guard": Task(family="facts", role="guard", scorer="choice", prompt="plain"),
}
TESTS = {
    sample.id: sample
    for task in ("math", "facts_ood")
    for skill in range(100)
    for item in range(4)
    for sample in [
        Sample(task=task, split="test", input=f"{skill} {item}", reference="1",
               metadata={"skill": str(skill)})
    ]
}  # fmt: skip


def run(strategy, seed, math, facts, samples=60):
    rng = random.Random(f"{strategy} {seed}")
    share = {"math": math, "facts_ood": facts}
    found = {}
    for (task, _), items in _by_skill().items():
        right = float(rng.random() < share[task])
        found |= dict.fromkeys(items, right)
    return Run(strategy, seed, found, samples, 1000)


def _by_skill():
    groups = {}
    for sample in TESTS.values():
        groups.setdefault((sample.task, sample.cluster), []).append(sample.id)
    return groups


@pytest.fixture(scope="module")
def found():
    runs = [run("vanilla", 1, 0.4, 0.4, 0)]
    runs += [run("le", seed, 0.8, 0.7) for seed in (1, 2)]
    runs += [run("augment", seed, 0.8, 0.7) for seed in (1, 2)]
    return compare(runs, TESTS, TASKS)


def test_the_figures_of_a_strategy_are_means_over_seeds_and_tasks(found):
    le = found["strategies"]["le"]
    assert le["seeds"] == [1, 2] and le["samples"] == 60 and le["tokens"] == 1000
    assert set(le["tasks"]) == {"math", "facts_ood"}
    assert le["mean"] == pytest.approx(sum(le["means"]) / 2)
    assert le["mean"] == pytest.approx((le["id_mean"] + le["ood_mean"]) / 2)
    assert le["spread"] == pytest.approx(abs(le["means"][0] - le["means"][1]) / 2**0.5, abs=1e-6)
    assert found["strategies"]["vanilla"]["spread"] == 0


def test_a_difference_is_found_and_none_where_there_is_none(found):
    pairs = {(row["a"], row["b"]): row for row in found["paired"]}
    assert list(pairs) == [("vanilla", "le"), ("vanilla", "augment"), ("le", "augment")]
    gain = pairs["vanilla", "le"]
    assert gain["low"] < gain["difference"] < gain["high"] < 0
    assert gain["p"] < 0.01 and gain["verdict"] == "b is better"
    same = pairs["le", "augment"]
    assert same["low"] < 0 < same["high"] and same["p"] > 0.05
    assert same["verdict"] == "no evidence"
    strategies = found["strategies"]
    for (a, b), row in pairs.items():
        for key, of in (("mean", row), ("id_mean", row["id"]), ("ood_mean", row["ood"])):
            expected = strategies[a][key] - strategies[b][key]
            assert of["difference"] == pytest.approx(expected, abs=2e-6)
            assert of["low"] <= of["difference"] <= of["high"]


def test_a_skill_that_two_tests_of_a_family_share_counts_once():
    tasks = {
        name: TASKS["math"].model_copy(update={"role": role})
        for name, role in (("math", "id"), ("facts_ood", "ood"))
    }
    alone = {name: sample for name, sample in TESTS.items() if sample.task == "math"}
    twins = {s.input: s.id for s in TESTS.values() if s.task == "facts_ood"}
    runs = []
    for one in (run("le", 1, 0.7, 0), run("lec", 1, 0.6, 0)):
        math = {sample: one.right[sample] for sample in alone}
        both = math | {twins[alone[sample].input]: value for sample, value in math.items()}
        runs.append((Run(one.strategy, 1, math, 1, 1), Run(one.strategy, 1, both, 1, 1)))
    [first] = compare([one for one, _ in runs], alone, tasks)["paired"]
    [second] = compare([both for _, both in runs], TESTS, tasks)["paired"]
    assert second["low"] < second["difference"] < second["high"]
    assert {k: second[k] for k in ("low", "high", "p")} == {
        k: first[k] for k in ("low", "high", "p")
    }


def test_the_differences_by_seed_are_shown(found):
    row = next(row for row in found["paired"] if (row["a"], row["b"]) == ("le", "augment"))
    le, augment = (found["strategies"][name]["means"] for name in ("le", "augment"))
    expected = [a - b for a, b in zip(le, augment, strict=True)]
    assert list(row["by_seed"]) == ["1", "2"]
    assert list(row["by_seed"].values()) == pytest.approx(expected, abs=2e-6)
    shown = ", ".join(f"{100 * value:+.1f}" for value in row["by_seed"].values())
    assert f"; by seed {shown})" in markdown(found, TASKS)


def test_p_values_are_corrected_for_the_number_of_pairs():
    one = compare([run("le", 1, 0.6, 0.6), run("augment", 1, 0.5, 0.5)], TESTS, TASKS)
    three = compare(
        [run("le", 1, 0.6, 0.6), run("augment", 1, 0.5, 0.5), run("lec", 1, 0.6, 0.6)],
        TESTS, TASKS,
    )  # fmt: skip
    alone = one["paired"][0]["p"]
    among = next(row["p"] for row in three["paired"] if (row["a"], row["b"]) == ("le", "augment"))
    assert alone < among <= min(1, 3 * alone + 1e-9)


def test_the_table_marks_id_and_the_best(found):
    lines = markdown(found, TASKS).splitlines()
    assert lines[0] == (
        "| strategy | math (ID) | facts_ood | average | ± over seeds | samples | "
        "instructor tokens |"
    )
    best = max(row["mean"] for row in found["strategies"].values())
    bold = [line for line in lines[2:5] if f"**{100 * best:.1f}**" in line]
    assert len(bold) == 1 and not bold[0].startswith("| vanilla")
    assert "guard" not in "\n".join(lines)
    assert sum(line.startswith("- ") for line in lines) == 3


THREE = {"iter1": "iter0", "iter2": "iter1", "iter3": "iter2"}
BRANCHED = {"iter1": "iter0", "iter2": "iter1", "iter3": "iter1"}


@pytest.mark.parametrize(
    ("name", "iterations", "expected"),
    [
        ("le", THREE, "le"),
        ("le+lec", THREE, "{le: 0.5, lec: 0.5}"),
        ("le>lec", THREE, "{iter1: le, iter2: lec}"),
        ("le>le+lec", THREE, "{iter1: le, iter2: {le: 0.5, lec: 0.5}}"),
        ("le>lec", {"iter2": "iter1", "iter1": "iter0"}, "{iter1: le, iter2: lec}"),
        ("le>lec", BRANCHED, "{iter1: le, iter3: lec}"),
        ("le>lec", {"iter1": "iter0", "iter2": "iter0", "iter3": "iter1"},
         "{iter1: le, iter2: le, iter3: lec}"),
    ],
)  # fmt: skip
def test_a_label_is_what_dvc_is_told(name, iterations, expected):
    told = value(name, iterations)
    assert yaml.safe_load(told) == yaml.safe_load(expected)
    plan = planned(yaml.safe_load(told), iterations)
    assert summary(plan, iterations).startswith(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lecc", "did you mean lec"),
        ("le>lec>le>le", "names 4 iterations; there are 3"),
        ("le+le", "names le twice"),
        ("lec>le+lec+le", "names le twice"),
    ],
)
def test_a_label_of_nothing_is_refused(name, message):
    with pytest.raises(PipelineError, match=message):
        value(name, THREE)


def test_a_label_names_no_more_iterations_than_lead_to_the_last():
    with pytest.raises(PipelineError, match="names 3 iterations; there are 2"):
        value("le>lec>le", BRANCHED)
