"""Made-up replies fit what is asked for, and verification does with them what is assumed."""

import functools
import json
from dataclasses import replace

import pytest

from lai.asking import read, request
from lai.asking.judging import VerdictShape
from lai.asking.solving import SolutionShape
from lai.core.params.schema import InstructorParams, PrepareParams
from lai.core.params.tasks import TaskParams
from lai.core.prompts import render
from lai.core.records import Analysis
from lai.engines.base import Reply
from lai.estimation.assumptions import HIGH, LOW, MIDDLE
from lai.estimation.filler import Filler, asked_for
from lai.instruction.analyze import AnalysisShape
from lai.instruction.shapes import shape_of, synthetic
from lai.tasks.exemplars import worked
from lai.tasks.loading import load
from lai.verification import Verifier
from tests.support.filler import fill

SCORERS = {"math": "number", "coding": "code", "facts": "choice"}
INSTRUCTOR = InstructorParams()


@functools.cache
def pool_of(family):
    prepare = PrepareParams(pool_size=60, test_size=20)
    return load({family: task_of(family)}, prepare, 1).pool


def task_of(family):
    return TaskParams.model_validate(
        {
            "family": family,
            "role": "id",
            "scorer": SCORERS[family],
            "prompt": "plain",
            "pool": {"builtin": family},
            "dev": {"builtin": family},
            "test": {"builtin": family},
            "dev_size": 20,
        }
    )


def asked(family, sample, shape, number=0):
    text = render(
        "synthesize/exercises.jinja",
        count=4,
        skill="s",
        misconception="m",
        explanation="e",
        question=sample.input,
        reference=sample.reference,
        answer_kind=SCORERS[family],
        variation=number,
    )
    return request(text, shape, INSTRUCTOR, seed=0, draw=number)


def written(filler, sent, shape):
    reply = Reply(request_key=sent.key, text=filler.reply(sent), stop_reason="stop")
    value, reason = read(reply, shape)
    assert value is not None, reason
    return value


@pytest.mark.parametrize("family", SCORERS)
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_as_many_exercises_are_accepted_as_is_assumed(family, share):
    pool, task, shape = pool_of(family), task_of(family), shape_of(SCORERS[family])
    filler = Filler(pool, replace(MIDDLE, accepted=share), 5)
    analysis = Analysis(
        seed="seed_1",
        strategy="le",
        task=family,
        skill="s",
        misconception="m",
        explanation="e",
        request_key="k",
    )
    candidates = []
    for number, sample in enumerate(pool[:5]):
        value = written(filler, asked(family, sample, shape, number), shape)
        assert len(value.samples) == 4
        candidates += [synthetic(one, analysis, SCORERS[family], "k") for one in value.samples]
    verdicts = Verifier({family: task}, [], pool, [])(candidates)
    assert {verdict.accepted for verdict in verdicts} == {share == 1.0}, verdicts[0].checks


def test_texts_have_the_lengths_that_were_measured():
    filler = Filler(
        pool_of("math"), replace(MIDDLE, lengths={("AnalysisShape", "explanation"): 900.0}), 5
    )
    found = [
        written(filler, request(f"ask {n}", AnalysisShape, INSTRUCTOR, 0), AnalysisShape)
        for n in range(80)
    ]
    mean = sum(len(one.explanation) for one in found) / len(found)
    assert mean == pytest.approx(900, rel=0.1)


def test_there_are_as_many_skills_as_assumed():
    few = Filler(pool_of("math"), replace(MIDDLE, skills=3), 5)
    sent = [request(f"ask {n}", AnalysisShape, INSTRUCTOR, 0) for n in range(200)]
    assert len({written(few, one, AnalysisShape).skill for one in sent}) == 3


def test_a_question_of_the_pool_is_solved_as_its_reference_says():
    pool = pool_of("math")
    filler = Filler(pool, MIDDLE, 5)
    for sample in pool[:10]:
        text = render("synthesize/solution.jinja", question=sample.input, answer_kind="number")
        solution = written(filler, request(text, SolutionShape, INSTRUCTOR, 0), SolutionShape)
        assert solution.solution.endswith(f"The answer is {sample.reference}.")


def test_a_made_up_question_is_solved_as_it_was_answered():
    pool = pool_of("math")
    filler = Filler(pool, replace(MIDDLE, accepted=1.0), 5)
    shape = shape_of("number")
    exercise = written(filler, asked("math", pool[0], shape), shape).samples[0]
    text = render("synthesize/solution.jinja", question=exercise.question, answer_kind="number")
    solved = written(filler, request(text, SolutionShape, INSTRUCTOR, 0), SolutionShape)
    assert solved.solution.endswith(f"The answer is {exercise.answer}.")


@pytest.mark.parametrize("family", SCORERS)
def test_a_real_exercise_is_solved_as_it_was_answered(family):
    pool, shape = pool_of(family), shape_of(SCORERS[family])
    filler = Filler(pool, replace(MIDDLE, accepted=1.0), 5)
    sent = asked(family, pool[0], shape)
    real = fill(shape.model_json_schema(), "real")
    filler.learn(sent, f"Here they are: {json.dumps(real)}")
    for one in real["samples"]:
        text = render("verify/solve.jinja", question=one["question"], answer_kind=SCORERS[family])
        again = request(text, SolutionShape, INSTRUCTOR, 0)
        assert one["solution"] in written(filler, again, SolutionShape).solution


def test_a_judge_accepts_the_assumed_share():
    filler = Filler(pool_of("math"), replace(MIDDLE, accepted=0.7), 5)
    said = [
        written(filler, request(f"judge {n}", VerdictShape, INSTRUCTOR, 0), VerdictShape).verdict
        for n in range(300)
    ]
    assert said.count("correct") / 300 == pytest.approx(0.7, abs=0.08)


@pytest.mark.parametrize(("assumed", "longer"), [(LOW, 0), (HIGH, 300)])
def test_a_program_stands_alone_at_the_lower_end_and_after_words_at_the_upper(assumed, longer):
    pool = pool_of("coding")
    filler = Filler(pool, assumed, 5)
    for sample in pool[:10]:
        text = render("synthesize/solution.jinja", question=sample.input, answer_kind="code")
        said = written(filler, request(text, SolutionShape, INSTRUCTOR, 0), SolutionShape).solution
        assert said.endswith(worked(sample))
        assert bool(longer) == (len(said) > len(worked(sample)) + longer)


def test_a_judge_says_the_same_of_one_exercise_whoever_solves_it_and_no_of_the_target():
    pool, filler = pool_of("math"), Filler(pool_of("math"), replace(MIDDLE, accepted=0.5), 5)
    shape = shape_of("number")
    said, guessed = [], set()
    for number in range(20):
        for one in written(filler, asked("math", pool[0], shape, number), shape).samples:
            solved = request(f"solve: {one.question}", SolutionShape, INSTRUCTOR, 0)
            guess = filler.reply(solved.model_copy(update={"json_schema": None}))
            found = [
                written(
                    filler,
                    request(f"{one.question}\n\n{text}", VerdictShape, INSTRUCTOR, 0),
                    VerdictShape,
                ).verdict
                for text in (one.solution, filler.reply(solved), guess)
            ]
            said.append(tuple(found[:2]))
            guessed.add(found[2])
    assert set(said) == {("correct",) * 2, ("no_answer",) * 2}
    assert guessed == {"no_answer"}


def test_one_request_has_one_reply():
    sent = request("ask", AnalysisShape, INSTRUCTOR, 0)
    one, other = (Filler(pool_of("math"), MIDDLE, 5).reply(sent) for _ in range(2))
    assert one == other and json.loads(one)["skill"]


@pytest.mark.parametrize(
    ("prompt", "count"),
    [("Write 4 new ones of 12.", 4), ("Write 12 of 3.5 kg, 2 of them", 2), ("Write some", 5)],
)
def test_how_many_exercises_a_prompt_asks_for(prompt, count):
    assert asked_for(prompt, 5) == count
