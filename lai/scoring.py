"""Scores a file of responses that were made elsewhere, to a benchmark's or a user's own rows."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lai.asking.judging import Judge, grade
from lai.core.errors import PipelineError
from lai.core.jsonl import dumps, rows
from lai.core.params.benchmarks import declarations
from lai.core.params.tasks import TaskParams
from lai.scorers import Judgement, Question, get
from lai.scorers.number import NONE
from lai.scorers.together import judge
from lai.tasks.mapping import columns, question_of, sample_of
from lai.tasks.sources import Row

IDS = ("id", "task_id", "question_id")
_HINT = "check the path that you gave"
_DECLARED = (
    "give the rows the columns that lai/core/params/benchmarks.yaml declares for {name}, or name "
    "yours in params.yaml: tasks: {{{name}: {{benchmark: {name}, fields: {{...}}}}}}"
)


@dataclass(frozen=True)
class Logged:
    """A response as it stands in the file; `label`: what a person says of it, where one did."""

    id: str
    row: Row
    question: Question
    response: str
    truncated: bool
    label: bool | None


@dataclass(frozen=True)
class Scored:
    """A judged response. `answerable`: whether the reference is an answer, and not None."""

    id: str
    judgement: Judgement
    label: bool | None
    answerable: bool


def forms(name: str, own: dict[str, TaskParams]) -> list[TaskParams]:
    """The declarations that `name` may mean: the user's own block, then the benchmark's forms.

    `mbpp` has three of them: the Hub's two configurations, and HumanEval's form.

    Raises: PipelineError with the nearest name where there is none.
    """
    declared = declarations()
    found = [own[name]] if name in own else []
    found += [
        TaskParams.model_validate(declared[other])
        for other in declared
        if other == name or (name in declared and other.startswith(f"{name}_"))
    ]
    if not found:
        known = sorted({*own, *declared})
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        place = "in params.yaml or" if Path("params.yaml").exists() else "(no params.yaml here)"
        raise PipelineError(f"no task {name!r} {place} among the benchmarks; {hint}")
    return found


def logged(
    name: str, path: str | Path, own: dict[str, TaskParams] | None = None
) -> tuple[TaskParams, list[Logged]]:
    """The responses in a JSONL file, in its order, and the declaration that its columns fit best.

    A row has the task's own columns, `response`, maybe `truncated` (true where the response was cut
    off) and `correct` (what a person says of it: true or 1, false or 0; null where nobody did). A
    row without an id of its own goes by its line; rows may share an id, as samples of a question.
    `own`: the tasks of params.yaml.

    Raises: PipelineError naming file and line of a row that does not fit; when there is none.
    """
    candidates = forms(name, own or {})
    read = [((f"{path}:{number}", row, name), number) for number, row in rows(path, _HINT)]
    if not read:
        raise PipelineError(f"{path} has no row; give a JSONL file of {name} rows with 'response'")
    task = max(candidates, key=lambda form: _share(form, read[0][0][1]))
    check = "" if own and task is own.get(name) else _DECLARED.format(name=name)
    return task, [_logged(name, task, row, number, check) for row, number in read]


def score_file(
    name: str,
    path: str | Path,
    own: dict[str, TaskParams] | None = None,
    grader: Judge | None = None,
) -> list[Scored]:
    """The judgement of every row of a JSONL file, see `logged`, in its order.

    `grader` judges for a task with `scorer: judge`.
    """
    task, entries = logged(name, path, own)
    if task.scorer == "judge":
        asked = [sample_of(one.row, name, task, task.fields, "test") for one in entries]
        items = [(sample, one.response, task) for sample, one in zip(asked, entries, strict=True)]
        judged = grade(grader, items)
    else:
        scorer = get(task.scorer)
        judged = judge((scorer, one.question, one.response, one.truncated) for one in entries)
    numeric = task.scorer == "number"
    return [
        Scored(one.id, said, one.label, not (numeric and one.question.reference == NONE))
        for one, said in zip(entries, judged, strict=True)
    ]


def _share(form: TaskParams, row: dict[str, Any]) -> float:
    """Which part of a declaration's columns a row has."""
    named = columns(form.fields)
    return len(named & row.keys()) / len(named)


def _logged(name: str, task: TaskParams, entry: Row, number: int, check: str) -> Logged:
    where, row, _ = entry
    response, cut, label = row.get("response"), row.get("truncated", False), row.get("correct")
    if not isinstance(response, str):
        what = "no 'response'" if response is None else "a 'response' that is no text"
        raise PipelineError(f"{where} has {what}; each row needs the model's answer as a text")
    if not isinstance(cut, bool):
        raise PipelineError(f"{where}: 'truncated' is {cut!r:.60}, expected true or false")
    if not (label is None or (isinstance(label, int | float) and label in (0, 1))):
        raise PipelineError(f"{where}: 'correct' is {label!r:.60}, expected true, false or null")
    ids = [task.fields.id, *IDS] if task.fields.id else IDS
    identity = next((str(row[key]) for key in ids if row.get(key) is not None), str(number))
    question = question_of(entry, name, task, task.fields, check)
    label = None if label is None else bool(label)
    return Logged(identity, entry, question, response, cut, label)


def summary(scored: Sequence[Scored]) -> dict[str, Any]:
    """Counts, accuracy C / n (a share from 0 to 1) and its 95 % interval (Wilson 1927).

    Where rows share an id, `questions` is how many they are to; the interval takes every row for a
    question of its own, and is too narrow then.
    Where the rows have labels, `agreement` is the share of the `labelled` ones that were judged as
    the label says. Where references are None (questions that have no answer, as some of GSM-PLUS),
    `without_none` has the figures of the others.
    """
    found = _counts(scored)
    questions = len({one.id for one in scored})
    if questions < len(scored):
        found["questions"] = questions
    labelled = [one for one in scored if one.label is not None]
    if labelled:
        agreed = sum((one.judgement.value == "C") == one.label for one in labelled)
        found |= {
            "labelled": len(labelled),
            "agreement": round(agreed / len(labelled), 6),
        }
    answerable = [one for one in scored if one.answerable]
    if answerable and len(answerable) < len(scored):
        found["without_none"] = _counts(answerable)
    return found


def _counts(scored: Sequence[Scored]) -> dict[str, Any]:
    from scipy.stats import binomtest  # half a second that no other subcommand needs

    count = Counter(one.judgement.value for one in scored)
    test = binomtest(count["C"], len(scored))
    interval = test.proportion_ci(confidence_level=0.95, method="wilson")
    return {
        "n": len(scored),
        "correct": count["C"],
        "incorrect": count["I"],
        "no_answer": count["N"],
        "accuracy": round(count["C"] / len(scored), 6),
        "low": round(float(interval.low), 6),
        "high": round(float(interval.high), 6),
    }


def write_judgements(file: BinaryIO, scored: Sequence[Scored]) -> None:
    """Write a row each (`id`, `value`, `answer`, `explanation`), in the order given."""
    for one in scored:
        said = one.judgement
        row = {"id": one.id, "value": said.value, "answer": said.answer}
        file.write(dumps(row | {"explanation": said.explanation}))
