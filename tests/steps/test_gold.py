"""`finetune` teaches references as they are: which it may teach, and which it leaves out."""

import pytest

from lai.core.params.schema import InstructorParams, SynthesizeParams
from lai.core.params.tasks import Task
from lai.core.records import Error, Sample
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


def source(samples):
    asked = (TASKS, None, InstructorParams(), SynthesizeParams(), 1)
    return Source(Material(samples, []), *asked)


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
