"""Candidates on their way through all checks: what is asked, in which order, who overrules whom."""

import json
import re

import pytest

from lai.asking.solving import Solver
from lai.core.params.checks import ChecksParams, VotesParams
from lai.core.params.schema import InstructorParams
from lai.core.params.tasks import Task
from lai.core.records import Sample, SyntheticSample
from lai.core.reviewing import Decision, Decisions, Edit
from lai.engines.base import Reply
from lai.verification import Verifier

TASKS = {
    "sums": Task(family="math", role="id", scorer="number", prompt="plain"),
    "facts": Task(family="facts", role="id", scorer="choice", prompt="plain"),
}
TEST = Sample(task="sums", split="test", input="How much is 40 plus 2 here?", reference="42")
CHINESE = "把两个数字加起来就得到了正确的结果，所以我们一共有十八个苹果。"
POOL = Sample(task="sums", split="pool", input="How much is 30 plus 3 now?", reference="33")


def candidate(left, right, said=None, question="How much is {} plus {}?", solution=""):
    said = left + right if said is None else said
    return SyntheticSample(
        parents=["analysis_1"],
        task="sums",
        input=question.format(left, right),
        reference=str(said),
        solution=solution or f"It is {said}.\nThe answer is {said}.",
        request_key="k",
    )


class Solving:
    """An instructor that adds; `script`: what it says of each draw in place of the sum."""

    commit_every = 1

    def __init__(self, script=lambda draw, total: total):
        self.script = script
        self.asked = []

    def generate(self, requests):
        for request in requests:
            text = request.messages[0]["content"]
            left, right = map(int, re.search(r"(\d+) plus (\d+)", text).groups())
            self.asked.append((left, right, request.draw))
            said = self.script(request.draw, left + right)
            solution = f"The answer is {said}." if said is not None else "No idea."
            reply = json.dumps({"solution": solution})
            yield Reply(request_key=request.key, text=reply, stop_reason="stop")


SOURCE = "How many pears are left when Tom eats five of them?"


def verifier(engine=None, decisions=(), held_out=(TEST,), source=SOURCE, **checks):
    solver = Solver(engine or Solving(), InstructorParams(), TASKS, 1)
    return Verifier(
        TASKS,
        held_out,
        [POOL],
        [],
        checks=ChecksParams(**checks),
        solver=solver,
        sources={"analysis_1": source},
        decisions=Decisions(decisions),
    )


def failed(verdict):
    return [check.name for check in verdict.checks if not check.passed]


def test_every_check_that_was_made_is_listed_and_nothing_is_paid_for_what_failed_before():
    engine = Solving()
    candidates = [
        candidate(1, 2),
        candidate(40, 2, question=TEST.input),
        candidate(30, 3, question=POOL.input),
        candidate(5, 6, question="Wie viel ist {} plus {}, wenn man beide Zahlen zusammenzählt?"),
        candidate(7, 7, solution="7 + 7 = 15.\nThe answer is 14."),
        candidate(8, 8, solution="The answer is 17."),
        candidate(9, 9, solution=f"{CHINESE}\nThe answer is 18."),
    ]
    verdicts = verifier(engine)(candidates)
    assert [verdict.accepted for verdict in verdicts] == [True] + 6 * [False]
    assert [check.name for check in verdicts[0].checks] == [
        "not_held_out", "language", "arithmetic", "not_in_pool", "not_copied",
        "answer", "not_a_duplicate", "solved_again",
    ]  # fmt: skip
    assert [failed(one) for one in verdicts[1:]] == [
        ["not_held_out"], ["not_in_pool"], ["language"], ["arithmetic"], ["answer"],
        ["language"],
    ]  # fmt: skip
    assert engine.asked == [(1, 2, 0)]


@pytest.mark.parametrize("name", ["language", "answer", "arithmetic", "in_pool"])
def test_each_check_can_be_switched_off(name):
    wrong = {
        "language": candidate(5, 6, question="Wie viel ist {} plus {}, wenn man beide addiert?"),
        "answer": candidate(8, 8, solution="The answer is 17."),
        "arithmetic": candidate(7, 7, solution="7 + 7 = 15.\nThe answer is 14."),
        "in_pool": candidate(30, 3, question=POOL.input),
    }[name]
    assert not verifier()([wrong])[0].accepted
    assert verifier(**{name: False})([wrong])[0].accepted


def test_of_equal_questions_the_first_that_is_accepted_is_kept():
    wrong, right, again = candidate(1, 2, 4), candidate(1, 2), candidate(1, 2, 3.0)
    verdicts = verifier()([wrong, right, again])
    assert [verdict.accepted for verdict in verdicts] == [False, True, False]
    assert [failed(one) for one in verdicts] == [["solved_again"], [], ["not_a_duplicate"]]


def test_an_instructor_that_repeats_what_is_turned_down_is_asked_a_few_times_only():
    story = "How many {} are left over when Ann adds {} plus {} of them together this morning?"
    told = story.format("pears", "{}", "{}")
    wrong = [candidate(1, 2, 4, told, f"{n} it is.\nThe answer is 4.") for n in range(40)]
    engine = Solving()
    verdicts = verifier(engine)([*wrong, candidate(5, 6), *wrong[:2]])
    assert len(engine.asked) == 4, "a call for each, one after the other"
    assert [failed(one)[0] for one in verdicts[:40]].count("solved_again") == 3
    assert failed(verdicts[39]) == ["not_a_duplicate"]
    assert verdicts[39].checks[-1].detail == "3 like it were turned down already"
    assert verdicts[40].accepted


def test_a_question_with_its_options_in_another_order_is_no_new_one():
    first, turned = (
        SyntheticSample(
            task="facts", input="Which of these towns lies by the sea?", choices=choices,
            reference=reference, solution=f"The answer is {reference}.", request_key="k",
        )
        for choices, reference in ((["Ulm", "Brest", "Cham"], "B"), (["Brest", "Cham", "Ulm"], "A"))
    )  # fmt: skip
    verdicts = verifier(solved_again=None)([first, turned])
    assert [failed(one) for one in verdicts] == [[], ["not_a_duplicate"]]


def test_what_nearly_repeats_another_or_copies_its_source_is_turned_down():
    story = "How many {} are left over when Ann adds {} plus {} of them together this morning?"
    first = candidate(1, 2, question=story.format("pears", "{}", "{}"))
    nearly = candidate(1, 2, question=story.format("pears", "{}", "{}") + " Say it.")
    copied = candidate(5, 3, question="How many pears are left when Tom eats {} plus {} of them?")
    verdicts = verifier(near_duplicate=0.7, copied=0.4)([first, nearly, copied])
    assert [failed(one) for one in verdicts] == [[], ["not_a_duplicate"], ["not_copied"]]
    assert verdicts[1].checks[-1].detail.startswith("nearly the same is taught already: How many")
    off = verifier(near_duplicate=None, copied=None)([first, nearly, copied])
    assert all(one.accepted for one in off)


@pytest.mark.parametrize(
    ("votes", "agree", "said", "accepted", "asked"),
    [
        (1, 1, [3], True, 1),
        (1, 1, [4], False, 1),
        (3, 2, [3, 3, 4], True, 2),  # decided by the second
        (3, 2, [4, 4, 3], False, 2),
        (3, 2, [4, 3, 3], True, 3),
        (3, 2, [None, 3, 3], True, 3),  # no answer is no vote
        (3, 2, [None, 3, None], False, 3),
        (2, 1, [None, None], False, 2),
    ],
)
def test_as_many_votes_are_had_as_it_takes_to_decide(votes, agree, said, accepted, asked):
    engine = Solving(lambda draw, total: said[draw])
    params = VotesParams(votes=votes, agree=agree)
    [verdict] = verifier(engine, solved_again=params)([candidate(1, 2)])
    assert verdict.accepted is accepted
    assert engine.asked == [(1, 2, draw) for draw in range(asked)]
    if not any(said):
        assert verdict.checks[-1].detail.startswith("no vote could be had: ")


def test_the_solver_is_not_shown_the_answer_and_the_sample_stays_as_it_was():
    engine = Solving(lambda draw, total: total + 1)
    shown = []
    engine.script = lambda draw, total: shown.append(total) or 99
    sample = candidate(1, 2, 777)
    [verdict] = verifier(engine)([sample])
    assert verdict.sample == sample
    assert "777" in sample.solution and shown == [3]
    detail = verdict.checks[-1].detail
    assert detail.startswith("solved again, 0 of 1 agree and 1 must: ")


def said(sample, word, edit=None):
    return Decision(parents=[sample.id], sample=sample.id, word=word, edit=edit)


def test_a_person_overrules_the_checks_but_not_that_it_is_held_out():
    wrong, test, right = candidate(1, 2, 4), candidate(40, 2, question=TEST.input), candidate(3, 4)
    engine = Solving()
    words = [said(wrong, "accept"), said(test, "accept"), said(right, "reject")]
    verdicts = verifier(engine, words)([wrong, test, right])
    assert [verdict.accepted for verdict in verdicts] == [True, False, False]
    assert [failed(one) for one in verdicts] == [[], ["not_held_out"], ["person"]]
    assert engine.asked == [], "what a person decided is not paid for"


def test_a_person_overrules_a_likeness_to_what_is_held_out_but_not_a_copy():
    story = "Kim packs {} jars into {} crates and 9 trays. How many jars are in 1 crate of hers?"
    test = Sample(task="sums", split="test", input=story.format(12, 4), reference="3")
    alike = candidate(15, 5, question=story.replace("1 crate", "2 crates"))
    copy = candidate(12, 4, question=story)
    for verdict in verifier(held_out=[test])([alike, copy]):
        assert "not_held_out" in failed(verdict)
    words = [said(alike, "accept"), said(copy, "accept")]
    verdicts = verifier(held_out=[test], decisions=words)([alike, copy])
    assert [verdict.accepted for verdict in verdicts] == [True, False]
    assert "(tasks.sums.overlap.share is 0.5)" in verdicts[0].checks[0].detail


def test_an_edit_is_verified_anew_and_overrules_the_checks_of_opinion():
    sample = candidate(1, 2, 4)
    mended = Edit(input="Was ist 1 plus 2, wenn man beide Zahlen zusammenzählt?", reference="4",
                  solution="The answer is 4.")  # fmt: skip
    [verdict] = verifier(decisions=[said(sample, "edit", mended)])([sample])
    assert verdict.accepted
    assert verdict.sample.input == mended.input
    assert verdict.sample.parents == ["analysis_1", sample.id]
    spoilt = mended.model_copy(update={"solution": "The answer is 5."})
    [verdict] = verifier(decisions=[said(sample, "edit", spoilt)])([sample])
    assert failed(verdict) == ["answer"]
    copied = mended.model_copy(update={"input": TEST.input, "reference": "42"})
    [verdict] = verifier(decisions=[said(sample, "edit", copied)])([sample])
    assert "not_held_out" in failed(verdict)
