"""A benchmark's public row as its scorer sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from lai.scorers import Question, get

Row = Mapping[str, Any]
_OPTION = re.compile(r"^\(([A-Z])\)\s*(.*?)\s*$", re.MULTILINE)
_LETTER = re.compile(r"\(([A-Z])\)")


def question_of(task_name: str, row: Row) -> Question:
    """The question of a row in the schema of the benchmark's public data set.

    `task_name`: a key of `SCORER`. Columns: MMLU `choices`, `answer` (index or letter); ARC
    `choices` (`text`, `label`), `answerKey`; GSM8K and GSM-PLUS `answer`; MBPP `test_list` with
    `test_setup_code` or `test_imports`, or `prompt`, `test`, `entry_point` as in HumanEval; BBH
    `input`, `target`.

    Raises: ValueError saying which column is missing, or why a gold does not parse.
    """
    if task_name not in _READ:
        raise ValueError(f"no benchmark {task_name!r} is known")
    return _READ[task_name](row)


def _column(row: Row, *names: str) -> Any:
    for name in names:
        if row.get(name) is not None:
            return row[name]
    raise ValueError(f"it has no {' or '.join(map(repr, names))}")


def _texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name!r} is no list of texts")
    return value


def _mmlu(row: Row) -> Question:
    choices = _texts(_column(row, "choices"), "choices")
    answer = _column(row, "answer")
    if isinstance(answer, int) and not 0 <= answer < len(choices):
        raise ValueError(f"'answer' is {answer}, but there are {len(choices)} choices")
    return Question(get("choice").reference(str(answer), choices)[0], choices)


def _arc(row: Row) -> Question:
    columns = _column(row, "choices")
    if not isinstance(columns, Mapping):
        raise ValueError("'choices' is no object with 'text' and 'label'")
    choices = _texts(columns.get("text"), "choices.text")
    labels = _texts(columns.get("label"), "choices.label")
    answer = str(_column(row, "answerKey")).strip()
    if len(labels) != len(choices) or answer not in labels:
        raise ValueError(f"'answerKey' is {answer!r}, which is none of the labels {labels}")
    return Question(answer, choices, {"labels": labels})


def _gsm(row: Row) -> Question:
    answer = row.get("answer", "")
    return Question(get("number").reference("None" if answer is None else str(answer), [])[0])


def _code(row: Row) -> Question:
    if "test_list" in row:
        metadata: dict[str, Any] = {"tests": _texts(_column(row, "test_list"), "test_list")}
        setup = row.get("test_setup_code") or row.get("test_imports")
        return Question(
            str(row.get("code", "")), [], metadata | ({"setup": setup} if setup else {})
        )
    metadata = {name: _column(row, name) for name in ("prompt", "test", "entry_point")}
    for name, value in metadata.items():
        if not isinstance(value, str):
            raise ValueError(f"{name!r} is no text")
    return Question(str(row.get("canonical_solution", "")), [], metadata)


def _bbh(row: Row) -> Question:
    target = str(_column(row, "target")).strip()
    return with_options(str(_column(row, "input")), get("exact").reference(target, [])[0])


def with_options(text: str, reference: str, metadata: dict[str, Any] | None = None) -> Question:
    """The question of a text that may list its options itself: `Options:`, then `(A) ...` lines.

    Where it does and `reference` names one of them, by letter or by its text, it is a choice.

    Raises: ValueError when `reference` is a letter that none of the options has.
    """
    options = _OPTION.findall(text.rpartition("Options:")[2]) if "Options:" in text else []
    expected = [chr(ord("A") + number) for number in range(len(options))]
    if options and [letter for letter, _ in options] == expected:
        choices = [option for _, option in options]
        letter = _LETTER.fullmatch(reference)
        if letter and letter[1] in expected:
            return Question(letter[1], choices, metadata or {})
        if choices.count(reference) == 1:
            return Question(expected[choices.index(reference)], choices, metadata or {})
        if letter:
            raise ValueError(f"{reference} is none of the {len(choices)} options")
    return Question(reference, [], metadata or {})


_READ: dict[str, Callable[[Row], Question]] = {
    "mmlu": _mmlu,
    "arc_challenge": _arc,
    "gsm8k": _gsm,
    "gsm_plus": _gsm,
    "mbpp": _code,
    "humaneval": _code,
    "bbh": _bbh,
}

SCORER = {
    "mmlu": "choice",
    "arc_challenge": "choice",
    "gsm8k": "number",
    "gsm_plus": "number",
    "mbpp": "code",
    "humaneval": "code",
    "bbh": "exact",
}
"""The scorer of each benchmark."""
