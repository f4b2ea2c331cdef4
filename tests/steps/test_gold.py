"""`finetune` teaches references as they are: which it may teach, and which it leaves out."""

import pytest

from lai.asking.solving import Solver
from lai.core.params.checks import SuspectsParams
from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.params.tasks import Task
from lai.core.records import Error, Sample, Solved
from lai.core.reviewing import Decision, Decisions
from lai.instruction import suspects
from lai.instruction.direct import Source
from lai.instruction.material import Material

TASKS = {"code": Task(family="coding", role="id", scorer="code", prompt="mbpp")}
ADDS = "def add(a, b):\n    return a + b"
CHECK = {"test": "def check(candidate):\n    assert candidate(1, 2) == 3\n", "entry_point": "add"}
ASSERTS = {"tests": ["assert add(1, 2) == 3", "assert add(2, 2) == 4"]}


def coded(text, reference, metadata):
    return Sample(task="code", split="pool", input=text, reference=reference, metadata=metadata)


def failed(sample):
    """The error of a target that answered `sample` wrongly."""
    said = f"completion_{sample.input}"
    return Error(
        parents=[said], sample=sample.id, task="code", error="wrong", answer="1",
        reference=sample.reference, completion=said,
    )  # fmt: skip


def solved(sample):
    said = f"completion_{sample.input}"
    return Solved(parents=[said], sample=sample.id, task="code", completion=said)


class Nobody:
    """An instructor that is not to be asked."""

    def generate(self, requests):
        assert not list(requests)
        return iter(())


def source(samples, params=None, decisions=()):
    shown, said = Material(samples, []), Decisions(decisions)
    solver = Solver(Nobody(), InstructorParams(), TASKS, 1)
    look = suspects.look(shown.samples, solver, params, said)
    asked = (TASKS, Nobody(), InstructorParams(), SynthesizeParams(), 1)
    return Source(shown, *asked, decisions=said, examine=look)


@pytest.mark.parametrize("metadata", [CHECK, ASSERTS])
def test_tests_that_stand_for_a_solution_are_not_taught_as_the_answer(metadata):
    tests = metadata.get("test") or "\n".join(metadata["tests"])
    whole = coded("Add.", ADDS, metadata)
    alone = coded("Add two.", tests, metadata)
    other = coded("Add both.", tests, metadata | {"solution": ADDS})
    errors = [failed(one) for one in (whole, alone, other)]
    found = source([whole, alone, other]).teach({("code", "finetune"): 3}, errors, [], "iter1")
    assert {row.parents[-1] for row in found.rows} == {whole.id, other.id}
    assert all("return a + b" in row.completion[0]["content"] for row in found.rows)
    assert found.shortfall == {"code": 1}


@pytest.mark.parametrize("params", [None, SuspectsParams()])
def test_what_a_person_called_wrong_is_not_taught_and_stays_a_suspect(params):
    samples = [coded(f"Add {n}.", ADDS, ASSERTS) for n in range(2)]
    errors, right = [failed(samples[0])], [solved(samples[1])]
    wrong = [Decision(parents=[one.id], sample=one.id, word="wrong") for one in samples]
    found = source(samples, params, wrong).teach({("code", "finetune"): 2}, errors, right, "iter1")
    assert not found.rows and found.shortfall == {"code": 2}
    assert {one.sample: one.parents for one in found.suspects} == {
        samples[0].id: [errors[0].id], samples[1].id: [right[0].id]
    }  # fmt: skip
    assert {one.reason for one in found.suspects} == {"a person said that its reference is wrong"}


def test_what_a_person_called_wrong_is_a_suspect_whatever_is_taught():
    """Or else replay, which teaches what was solved, would not know of it."""
    samples = [coded(f"Add {n}.", ADDS, ASSERTS) for n in range(3)]
    said = [
        Decision(parents=[one.id], sample=one.id, word=word)
        for one, word in zip(samples, ("wrong", "right", "wrong"), strict=True)
    ]
    errors, right = [failed(samples[0])], [solved(one) for one in samples[1:]]
    found = source(samples, None, said).teach({("code", "le"): 2}, errors, right, "iter1")
    assert {one.sample for one in found.suspects} == {samples[0].id, samples[2].id}
    assert not found.rows and not found.shortfall


@pytest.mark.parametrize("params", [None, SuspectsParams()])
def test_the_reference_of_solved_code_is_run_where_anybody_is_to_look(params):
    good, bad = coded("Add.", ADDS, ASSERTS), coded("Sum.", ADDS.replace("+", "-"), ASSERTS)
    right = [solved(good), solved(bad)]
    found = source([good, bad], params).teach({("code", "finetune"): 2}, [], right, "iter1")
    assert {row.parents[-1] for row in found.rows} == {good.id} | (
        {bad.id} if not params else set()
    )
    if params:
        [suspect] = found.suspects
        assert suspect.parents == [right[1].id] and suspect.sample == bad.id
        assert suspect.reason.startswith("the reference solution fails its own tests: ")
        assert found.shortfall == {"code": 1}


def test_suspects_are_replaced_for_so_many_rounds_and_no_more():
    bad = [coded(f"Sum {n}.", ADDS.replace("+", "-"), ASSERTS) for n in range(12)]
    right = [solved(one) for one in bad]
    found = source(bad, SuspectsParams()).teach({("code", "finetune"): 2}, [], right, "iter1")
    assert len(found.suspects) == 2 * SynthesizeParams().max_rounds == 8
    assert not found.rows and found.shortfall == {"code": 2}
