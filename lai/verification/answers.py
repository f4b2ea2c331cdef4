"""Whether a sample's answer is well formed, and its worked solution earns it."""

from __future__ import annotations

from lai.core.params.tasks import Task
from lai.core.records import SyntheticSample
from lai.scorers import Judgement, Question, get

LONGEST = 500


def question_of(sample: SyntheticSample, task: Task) -> Question:
    """The scorer's view of a sample. Raises: ValueError where the answer does not parse."""
    reference, _ = get(task.scorer).reference(sample.reference, sample.choices)
    return Question(reference, sample.choices, sample.metadata)


def disagrees(sample: SyntheticSample, task: Task) -> str:
    """Why the answer does not parse, or the solution does not earn it; or "".

    Of code the tests judge both, the solution and the function that is called the answer. Of an
    open answer only a judge can say.
    """
    scorer = get(task.scorer)
    try:
        question = question_of(sample, task)
    except ValueError as error:
        return f"the answer does not parse: {error}"
    stated = {"answer": sample.reference} if task.scorer == "code" else {}
    for what, text in {"solution": sample.solution, **stated}.items():
        if why := unearned(what, scorer(question, text)):
            return why
    return ""


def unearned(what: str, judgement: Judgement) -> str:
    """Why `what` does not earn its answer, or ""."""
    if judgement.value == "C":
        return ""
    return f"the {what} does not earn its answer: {judgement.explanation}"[:LONGEST]
