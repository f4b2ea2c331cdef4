"""How skills become weaknesses, and how a budget is spread over them."""

import tracemalloc

import pytest

from lai.core.records import Analysis, Error, Seed
from lai.instruction.allocation import Skill, allocate, skills_of
from lai.instruction.clustering import of_names, of_texts
from lai.instruction.weaknesses import find, weigh

WRITTEN = (
    ("adding fractions with unlike denominators", "addition of fractions, different denominators"),
    ("percentage increase", "percent increase", "calculating percentage increase"),
    ("subtraction with borrowing", "subtracting with borrowing"),
    ("string reversal", "reversing a string"),
    ("unit conversion", "time unit conversion"),
    ("counting vowels",),
    ("multi-step word problems",),
    ("ratio reasoning", "reasoning with ratios"),
)


def test_names_of_one_skill_are_one_and_of_two_skills_are_two():
    names = [name for group in WRITTEN for name in group]
    stands = dict(zip(names, of_names(names, 0.5), strict=True))
    assert [len({stands[name] for name in group}) for group in WRITTEN] == [1] * len(WRITTEN)
    assert len(set(stands.values())) == len(WRITTEN)


def test_the_most_frequent_name_stands_for_its_cluster_as_it_was_written():
    names = ["percent increase", "Percentage increase", "percentage increase ", "Percent increase",
             "Percent increase"]  # fmt: skip
    assert set(of_names(names, 0.5)) == {"Percent increase"}
    assert of_names(["solid echo", "solid stamp", "Solid  echo"], 0) == [
        "Solid  echo", "solid stamp", "Solid  echo",
    ]  # fmt: skip
    assert of_names(["x"], 0.5) == ["x"]
    assert of_names([], 0.5) == []


def test_rare_names_beyond_the_first_thousands_stay_alone(monkeypatch):
    monkeypatch.setattr("lai.instruction.clustering.MOST", 2)
    names = ["percent increase"] * 3 + ["percentage increase"] * 2 + ["percent increases"]
    assert of_names(names, 0.5) == ["percent increase"] * 5 + ["percent increases"]


def test_texts_are_grouped_by_what_they_are_about():
    fruit = [f"how many apples and pears does {name} eat" for name in ("tom", "ann", "joe", "sue")]
    trains = [f"when does the train from {city} arrive" for city in ("rome", "bonn", "york")]
    mixed = [fruit[0], trains[0], fruit[1], trains[1], fruit[2], trains[2], fruit[3]]
    groups = of_texts(mixed, 4, seed=1)
    assert [sorted(group) for group in groups] == [[0, 2, 4, 6], [1, 3, 5]]
    assert of_texts(mixed, 4, seed=1) == groups
    assert of_texts([], 4, 1) == []
    assert of_texts(["a"], 4, 1) == [[0]]
    assert sorted(map(sorted, of_texts(["same"] * 20, 4, 1))) == [list(range(20))]
    assert sorted(place for group in of_texts(mixed * 40, 3, 1) for place in group) == list(
        range(280)
    )


def test_many_texts_are_grouped_without_a_dense_table_of_all_their_words():
    count = 1000
    texts = [
        f"word{number} is one of word{number % 20}x and about{number % 7}"
        for number in range(count)
    ]
    of_texts(texts[:100], 5, 1)  # what is imported is not counted
    tracemalloc.start()
    groups = of_texts(texts, 500, 1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(len, groups)) == count
    assert most < count * count * 8


def seed(number, others=()):
    return Seed(
        parents=[f"error_{number}"], strategy="le", task="t", sample=f"sample_{number}",
        error=f"error_{number}", completion="c", others=list(others),
    )  # fmt: skip


def analysis(skill, of):
    return Analysis(
        parents=[of.id], seed=of.id, strategy="le", task="t", skill=skill, misconception="m",
        explanation="e", request_key=of.id,
    )  # fmt: skip


def error(number):
    return Error(
        sample=f"sample_{number}", task="t", error="wrong", answer="1", reference="2",
        completion="c",
    )  # fmt: skip


SEEDS = [seed(number) for number in range(7)]
NAMED = ["b", "A", "a ", "a", "c", "b", "d"]
ANALYSES = [analysis(name, one) for name, one in zip(NAMED, SEEDS, strict=True)]
WEAK = find(ANALYSES, SEEDS, 0)


def taught(numbers):
    """An iteration that found every error, and was taught about these."""
    return [seed(number) for number in numbers], [error(number) for number in range(7)]


def claims(spread, before=()):
    found = weigh(WEAK, spread, ANALYSES, (SEEDS, []), taught(before))
    return {one.skill.strip().lower(): found[one.id] for one in WEAK}


def skills(spread, before=()):
    by_id = {one.id: one for one in ANALYSES}
    return skills_of(
        ("t", "le"),
        WEAK,
        by_id,
        weigh(WEAK, spread, ANALYSES, (SEEDS, []), taught(before)),
        1,
    )


def test_a_weakness_counts_the_errors_behind_it():
    assert {one.skill.strip().lower(): one.errors for one in WEAK} == {"a": 3, "b": 2, "c": 1,
                                                                       "d": 1}  # fmt: skip
    errors = [error(number) for number in range(3)]
    group = seed(0, [errors[1].id, errors[2].id])
    (one,) = find([analysis("a", group)], [group], 0)
    assert one.errors == 3
    now = [group], errors
    assert weigh([one], "unresolved", [analysis("a", group)], now, taught([2])) == {one.id: 1.0}
    assert weigh([one], "unresolved", [analysis("a", group)], now, now) == {one.id: 3.0}


def test_what_a_weakness_has_a_claim_to():
    assert claims("proportional") == {"a": 3, "b": 2, "c": 1, "d": 1}
    assert claims("uniform") == {"a": 1, "b": 1, "c": 1, "d": 1}
    before = (0, 5, 4)
    assert claims("unresolved", before) == {"a": 0, "b": 2, "c": 1, "d": 0}
    # Nothing was taught before iter1, or all of it was resolved.
    assert claims("unresolved") == claims("proportional")


def test_an_error_that_was_never_taught_about_is_not_unresolved():
    before = (0, 4)
    assert claims("unresolved", before) == {"a": 0, "b": 1, "c": 1, "d": 0}
    drawn = [one.model_copy(update={"error": None}) for one in SEEDS]
    found = weigh(WEAK, "unresolved", ANALYSES, (SEEDS, []), (drawn[:1], []))
    assert found == weigh(WEAK, "proportional", ANALYSES, (SEEDS, []), (drawn[:1], []))


@pytest.mark.parametrize(
    ("spread", "before", "most", "budget", "expected"),
    [
        ("proportional", (), None, 14, {"a": 6, "b": 4, "c": 2, "d": 2}),
        ("uniform", (), None, 14, {"a": 4, "b": 4, "c": 3, "d": 3}),
        ("unresolved", (0, 4), None, 14, {"b": 7, "c": 7}),
        ("proportional", (), 5, 12, {"a": 5, "b": 5, "c": 2}),
        ("proportional", (), 5, 40, {"a": 10, "b": 10, "c": 10, "d": 10}),
    ],
)
def test_the_budget_is_spread(spread, before, most, budget, expected):
    given = allocate(skills(spread, before), budget, most)
    assert sum(count for _, count in given) == budget
    counts = {skill.name.strip().lower(): count for skill, count in given}
    if spread == "uniform":  # whose turn comes first among equals is drawn
        assert sorted(counts.values()) == sorted(expected.values())
    elif most == 5 and budget == 12:
        assert counts["a"] == 5 and counts["b"] == 5 and sum(counts.values()) == 12
    else:
        assert counts == expected


def test_topping_up_brings_each_skill_to_its_share():
    found = skills("proportional")
    for skill, count in allocate(found, 14, None):
        skill.accepted += count - (2 if skill.name.strip().lower() == "a" else 0)
    (topped,) = allocate(found, 2, None)
    assert topped[0].name.strip().lower() == "a" and topped[1] == 2


def test_a_skill_that_yielded_nothing_gets_no_more():
    barren, willing = Skill("a", [], gave_nothing=True), Skill("b", [])
    assert allocate([barren, willing], 5, 3) == [(willing, 5)]
    assert allocate([barren, willing], 5, None) == [(willing, 5)]
    assert allocate([barren], 5, 3) == []
