"""Scores a file of responses that were made elsewhere to a public benchmark's rows."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from lai.core.errors import PipelineError
from lai.core.jsonl import dumps, replacing, rows
from lai.evaluation import judge
from lai.scorers import Judgement, Question, get
from lai.tasks.rows import SCORER, question_of

IDS = ("id", "task_id", "question_id")


def score_file(task: str, path: str | Path) -> list[tuple[str, Judgement]]:
    """(id, judgement) of every row of a JSONL file, in file order.

    A row has the columns of the benchmark's public data set (see `lai.tasks.rows`), `response`,
    and maybe `truncated` (true where the response was cut off). A row without an id of its own
    goes by its line number.

    Raises: PipelineError naming file and line of a row that does not fit; when there is none.
    """
    read = [(_id(row, number), *_row(task, row, f"{path}:{number}")) for number, row in rows(path)]
    if not read:
        raise PipelineError(f"{path} has no row; give a JSONL file of {task} rows with 'response'")
    scorer = get(SCORER[task])
    judged = judge((scorer, question, text, cut) for _, question, text, cut in read)
    return [(row[0], judgement) for row, judgement in zip(read, judged, strict=True)]


def _id(row: dict[str, Any], number: int) -> str:
    return next((str(row[name]) for name in IDS if row.get(name) is not None), str(number))


def _row(task: str, row: dict[str, Any], where: str) -> tuple[Question, str, bool]:
    response, cut = row.get("response"), row.get("truncated", False)
    if not isinstance(response, str):
        what = "no 'response'" if response is None else "a 'response' that is no text"
        raise PipelineError(f"{where} has {what}; each row needs the model's answer as a text")
    if not isinstance(cut, bool):
        raise PipelineError(f"{where}: 'truncated' is {cut!r}, expected true or false")
    try:
        return question_of(task, row), response, cut
    except ValueError as error:
        raise PipelineError(f"{where} is no {task} row: {error}") from None


def summary(judged: list[tuple[str, Judgement]]) -> dict[str, Any]:
    """Counts, accuracy C / n (a share from 0 to 1) and its 95 % interval (Wilson 1927)."""
    count = Counter(judgement.value for _, judgement in judged)
    test = binomtest(count["C"], len(judged))
    interval = test.proportion_ci(confidence_level=0.95, method="wilson")
    return {
        "n": len(judged),
        "correct": count["C"],
        "incorrect": count["I"],
        "no_answer": count["N"],
        "accuracy": round(count["C"] / len(judged), 6),
        "low": round(float(interval.low), 6),
        "high": round(float(interval.high), 6),
    }


def write_judgements(path: str | Path, judged: list[tuple[str, Judgement]]) -> None:
    """Write a row each (`id`, `value`, `answer`, `explanation`), in the order given."""
    with replacing(path) as file:
        for identity, judgement in judged:
            row = {"id": identity, "value": judgement.value, "answer": judgement.answer}
            file.write(dumps(row | {"explanation": judgement.explanation}))
