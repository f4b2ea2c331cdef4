"""The tutor sees the prompt alone: what it blames, and what it writes exercises about."""

import json
import random

import pytest

from lai.core.prompts import render
from lai.demo import lexicon, world
from lai.demo.skills import skills
from lai.demo.tutor import WORDED, reply

FAMILIES = lexicon.FAMILIES


def posed(skill, form=0, seed=1):
    forms = world.forms(skill.family, False)
    return world.solve(world.pose(skill, forms[form], random.Random(seed)))


def shown(item):
    return world.rendered(item.question, item.choices)


def analysis(item, response, solved=(), errs=0):
    text = render(
        "analyze/lec.jinja" if solved else "analyze/le.jinja",
        question=shown(item),
        response=response,
        reference=item.reference,
        verdict="wrong",
        neighbors=[{"question": shown(one), "response": one.solution} for one in solved],
    )
    return json.loads(reply(text, 1, errs))


def exercises(item, skill, count=5, misconception="it errs"):
    text = render(
        "synthesize/exercises.jinja", count=count, skill=skill, misconception=misconception,
        explanation="so", question=shown(item), reference=item.reference, answer_kind="number",
        variation=0,
    )  # fmt: skip
    written = json.loads(reply(text, 1))["samples"]
    return [world.recognise(one["question"], one.get("choices")) for one in written]


@pytest.mark.parametrize("family", FAMILIES)
def test_beside_other_pairs_the_pair_is_what_the_error_has_and_they_lack(family):
    one, *others = skills(family)[3::40]
    found = analysis(posed(one), "no idea", [posed(other, 1) for other in others[:3]])
    assert found["skill"] == one.name
    assert all(other.name in found["misconception"] for other in others[:3])
    assert {p.skill for p in exercises(posed(one), found["skill"])} == {one}


@pytest.mark.parametrize("family", FAMILIES)
def test_exercises_keep_to_the_wordings_of_what_is_solved_and_are_new_in_the_pair_alone(family):
    one, *others = skills(family)[3::40]
    found = analysis(posed(one), "no idea", [posed(others[0], 1), posed(others[1], 2)])
    written = exercises(posed(one), found["skill"], 12, found["misconception"])
    first, second = (posed(others[0], form).form for form in (1, 2))
    assert {problem.form.name for problem in written} == {first, second}
    alone = exercises(posed(one), one.name, 12, analysis(posed(one), "no idea")["misconception"])
    assert len({problem.form.name for problem in alone}) > 2


@pytest.mark.parametrize("family", FAMILIES)
def test_beside_the_same_pair_it_is_the_wording(family):
    one = skills(family)[5]
    item = posed(one)
    found = analysis(item, "no idea", [posed(one, 1), posed(skills(family)[90])])
    name, _, wording = found["skill"].partition(WORDED)
    assert name == one.name
    assert wording and "{" not in wording
    written = exercises(item, found["skill"])
    assert {problem.form.name for problem in written} == {item.form}
    assert {problem.skill for problem in written} == {one}


def test_a_slip_after_a_right_recall_is_seen_in_the_response_alone():
    item = posed(skills("math")[7], 3)
    first, *_ = item.solution.split(". ")
    slipped = f"{first}. 2 * 2 = 5. The answer is 5."
    assert WORDED in analysis(item, slipped)["skill"]
    assert WORDED not in analysis(item, "The answer is 5.")["skill"]


@pytest.mark.parametrize("family", FAMILIES)
def test_exercises_are_about_the_skill_that_is_named_not_the_one_of_the_question(family):
    one = skills(family)[0]
    other = next(s for s in skills(family) if s.right == one.right and s != one)
    assert {p.skill for p in exercises(posed(one), other.name)} == {other}
    assert {p.skill for p in exercises(posed(one), "cooking")} == {one}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tutor_that_errs_blames_a_like_pair_as_often_as_it_is_told_to(family):
    asked = skills(family)[:250]
    blamed = [analysis(posed(one), "no idea", errs=20)["skill"] for one in asked]
    wrong = [(one, name) for one, name in zip(asked, blamed, strict=True) if one.name != name]
    assert 0.1 < len(wrong) / len(asked) < 0.3
    right = {skill.name: skill.right for skill in skills(family)}
    assert all(right[name] == one.right for one, name in wrong)
    assert [analysis(posed(one), "no idea")["skill"] for one in asked] == [s.name for s in asked]


def test_a_tutor_that_errs_never_blames_what_it_is_shown_to_be_known():
    one = skills("facts")[0]
    alike = [s for s in skills("facts") if s.right == one.right and s != one]
    known = alike[:-1]
    solved = [posed(other) for other in known]
    told = [
        analysis(posed(one, seed=seed), "no idea", solved, errs=99)["skill"] for seed in range(20)
    ]
    assert alike[-1].name in told
    assert not set(told) & {other.name for other in known}
