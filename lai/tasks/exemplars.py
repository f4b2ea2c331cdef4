"""Solved examples that stand before a question (few-shot prompting)."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.params.tasks import Exemplar, Task
from lai.core.records import Message, Sample
from lai.tasks.drawing import rank
from lai.tasks.prompting import messages, question_text

BySubject = dict[str, list[Exemplar]]
"""The examples of each subject; those under the empty name are everybody's."""

FIXED = 7
"""The examples are the same for every run's seed, so that runs compare."""


def from_samples(samples: Iterable[Sample], shots: int) -> tuple[BySubject, list[Sample]]:
    """`shots` examples a subject, of different answers where there are such, and the other samples.

    Three examples that all say "No" teach a model to say "No". Raises: PipelineError where none of
    the samples has a solution to show.
    """
    by_subject: dict[str, list[Sample]] = {}
    rest: list[Sample] = []
    for sample in samples:
        if not teachable(sample):
            rest.append(sample)
            continue
        by_subject.setdefault(str(sample.metadata.get("subject", "")), []).append(sample)
    if rest and not by_subject:
        raise PipelineError(
            f"tasks.{rest[0].task}.few_shot: its questions come with tests and no solution to show "
            "(`reference: null`); name a file of examples as its `source`"
        )
    shown: BySubject = {}
    for subject, group in sorted(by_subject.items()):
        group.sort(key=lambda sample: (rank(_text(sample), FIXED), sample.id))
        first = {sample.reference: sample for sample in reversed(group)}
        group.sort(key=lambda sample: first[sample.reference] is not sample)
        shown[subject] = [_exemplar(sample) for sample in group[:shots]]
        rest += group[shots:]
    return shown, sorted(rest, key=lambda sample: sample.id)


def from_file(path: str, shots: int) -> BySubject:
    """The first `shots` rows a subject of a JSONL file: `input`, `response`, `subject`, `choices`,
    `tests`.

    Raises: PipelineError for a row that is none (file and line), or a subject with too few.
    """
    shown: BySubject = {}
    for number, row in jsonl.rows(path):
        if not all(isinstance(row.get(key), str) for key in ("input", "response")):
            raise PipelineError(f"{path}:{number}: an example has the texts `input` and `response`")
        asked = {key: row[key] for key in ("input", "choices", "tests", "response") if key in row}
        try:
            example = Exemplar.model_validate(asked)
        except ValidationError as error:
            problem = jsonl.first_problem(error)
            raise PipelineError(f"{path}:{number} is no example: {problem}; mend it") from None
        shown.setdefault(str(row.get("subject", "")), []).append(example)
    for subject, examples in shown.items() or [("", [])]:
        if len(examples) < shots:
            of = f" for subject {subject!r}" if subject else ""
            raise PipelineError(f"{path} has {len(examples)} examples{of}, {shots} are asked for")
    return {subject: examples[:shots] for subject, examples in shown.items()}


def keys(shown: BySubject) -> set[int]:
    """What the examples' questions are known by."""
    return {
        rank(question_text(example.input, example.choices), "")
        for examples in shown.values()
        for example in examples
    }


def _text(sample: Sample) -> str:
    return question_text(sample.input, sample.choices)


def _exemplar(sample: Sample) -> Exemplar:
    tests = list(sample.metadata.get("tests") or [])
    return Exemplar(
        input=sample.input, choices=sample.choices, tests=tests, response=worked(sample)
    )


def taught_chat(sample: Sample, task: Task) -> tuple[list[Message], list[Message]]:
    """What the target is asked for `sample`, and the reference as a row to be taught has it."""
    asked = messages(sample.input, sample.choices, task, sample.metadata)
    return asked, [{"role": "assistant", "content": worked(sample)}]


def tests_alone(sample: Sample) -> bool:
    """Whether its tests stand in for a reference that is lacking (`reference: null`)."""
    tests = sample.metadata.get("tests") or [sample.metadata.get("test", "")]
    return sample.reference == "\n".join(tests)


def teachable(sample: Sample) -> bool:
    """Whether `worked` gives an answer, and not the tests of one."""
    return bool(_solution(sample)) or not tests_alone(sample)


def worked(sample: Sample) -> str:
    """The worked solution, if the data set has one, and the answer in the form asked for."""
    solution = _solution(sample)
    if "tests" in sample.metadata or "test" in sample.metadata:
        return solution or f"```python\n{sample.reference}\n```"
    final = f"The answer is {sample.reference}."
    if solution.endswith(final):
        return solution
    return f"{solution}\n{final}" if solution else final


def _solution(sample: Sample) -> str:
    return str(sample.metadata.get("solution") or "").strip()
