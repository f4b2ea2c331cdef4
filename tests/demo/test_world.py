"""The demo world: its splits cannot touch, its questions read back, its gaps can only be taught."""

import json
import random
import subprocess
import sys

import pytest

from lai.core.text import normalized
from lai.demo import lexicon, world
from lai.demo.skills import skills
from lai.demo.tutor import asserts
from lai.scorers import SCORERS, Question
from tests.support.closure import ROOT

FAMILIES = lexicon.FAMILIES
SCORER = {"math": "number", "coding": "code", "facts": "choice"}


def texts(items):
    return {normalized("\n".join([item.question, *sorted(item.choices)])) for item in items}


@pytest.mark.parametrize("family", FAMILIES)
def test_no_dev_or_test_question_stands_in_a_pool_of_any_seed_or_in_what_the_tutor_writes(family):
    held_out = texts(
        item
        for split in ("dev", "test")
        for ood in (False, True)
        for item in world.draw(family, split, ood, 1500)
    )
    rng = random.Random(1)
    for seed in range(5):
        pool = world.draw(family, "pool", False, 1500, seed)
        assert not texts(pool) & held_out
        for item in pool[:100]:
            problem = world.recognise(item.question, item.choices)
            assert not texts(world.vary(problem, rng, 5)) & held_out


@pytest.mark.parametrize("family", FAMILIES)
def test_draws_are_seeded_and_only_the_pool_depends_on_the_seed(family):
    assert world.draw(family, "pool", False, 50, 1) == world.draw(family, "pool", False, 50, 1)
    assert world.draw(family, "pool", False, 50, 1) != world.draw(family, "pool", False, 50, 2)
    assert world.draw(family, "test", False, 50, 1) == world.draw(family, "test", False, 50, 2)


@pytest.mark.parametrize("family", FAMILIES)
def test_there_are_hundreds_of_skills_and_at_least_a_hundred_questions_of_each(family):
    assert len(skills(family)) >= 280
    for skill in skills(family)[::60]:
        form = world.forms(family, False)[0]
        rng = random.Random(skill.name)
        found = set()
        for _ in range(2000):
            form = rng.choice(world.forms(family, False))
            found.add(world.question_of(world.pose(skill, form, rng)))
        assert len(found) >= 100, skill.name


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("ood", [False, True])
def test_every_question_reads_back_and_its_solution_earns_a_c(family, ood):
    for item in world.draw(family, "test", ood, 400):
        problem = world.recognise(item.question, item.choices)
        assert problem is not None, item.question
        assert world.solve(problem) == item
        metadata = {"tests": asserts(item)} if item.tests else {}
        question = Question(item.reference, item.choices, metadata)
        assert SCORERS[SCORER[family]](question, item.solution).value == "C", item


def test_ood_questions_differ_in_wording_or_form():
    for family in FAMILIES:
        inside = {form.text for form in world.forms(family, False)}
        assert not inside & {form.text for form in world.forms(family, True)}


def test_the_tests_of_a_coding_item_tell_every_idiom_of_its_kind_apart():
    seen = 0
    for item in world.draw("coding", "test", False, 120):
        problem = world.recognise(item.question)
        kind = lexicon.KINDS[problem.skill.right]
        for idiom, run in lexicon.IDIOMS[kind].items():
            if idiom == problem.skill.value:
                continue
            seen += 1
            assert any(run(*arguments) != expected for arguments, expected in item.tests), idiom
    assert seen > 500


@pytest.mark.parametrize(
    "text", ["", "How many apples does Tom have?", "def f(x):", "\n", "A) x\nB) y", "x" * 10_000]
)
def test_foreign_text_is_not_recognised(text):
    assert world.recognise(text) is None


def test_the_world_is_the_same_in_every_process():
    program = (
        "from lai.demo import world; import json, dataclasses; "
        "print(json.dumps([dataclasses.asdict(i) for f in ('math', 'coding', 'facts')"
        " for i in world.draw(f, 'pool', False, 30, 4)]))"
    )
    drawn = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert drawn[0] == drawn[1]
    assert len(json.loads(drawn[0])) == 90
