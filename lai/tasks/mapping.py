"""A row of a source, by the task's field mapping, as a sample."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from lai.core.errors import PipelineError
from lai.core.params.tasks import Fields, Task
from lai.core.prompts import letter
from lai.core.records import Sample, Split
from lai.scorers import Question, get
from lai.tasks.code_tests import problem
from lai.tasks.listed import with_options
from lai.tasks.sources import ORIGIN, Row


def sample_of(row: Row, name: str, task: Task, fields: Fields, split: Split) -> Sample:
    """The sample in a row. Raises: PipelineError naming file, line and column that do not fit."""
    reader = _Reader(row, name)
    text = reader.text(fields.input)
    choices = reader.choices(fields.choices)
    own = reader.optional("metadata")
    metadata = dict(own) if isinstance(own, dict) else {}
    metadata |= {key: reader.column(path) for key, path in fields.metadata.items()}
    if fields.subject:
        metadata["subject"] = str(reader.column(fields.subject))
    if task.scorer == "code":
        _add_tests(reader, fields, metadata)
    if fields.reference is None:
        # The instructor is shown what judges the answer, where there is no answer to show.
        reference, solution = "\n".join(metadata.get("tests") or [metadata.get("test", "")]), ""
    else:
        reference, solution = _parsed_gold(reader, fields, choices, task)
    if solution or reader.optional("solution"):
        metadata["solution"] = solution or reader.optional("solution")
    return Sample(
        task=name, split=split, input=text, choices=choices, reference=reference, metadata=metadata
    )


def question_of(row: Row, name: str, task: Task, fields: Fields, check: str = "") -> Question:
    """What a scorer needs of a row that was answered elsewhere: columns for the prompt may lack.

    Options keep the data set's own labels, since that is what the prompt may have shown. `check`:
    where the columns are declared, for messages; by default in the task's block.

    Raises: PipelineError naming file, line and column that do not fit.
    """
    reader = _Reader(row, name, check)
    choices = reader.choices(fields.choices)
    metadata = {
        key: value
        for key, path in fields.metadata.items()
        if (value := reader.optional(path)) is not None
    }
    if task.scorer == "code":
        _add_tests(reader, fields, metadata)
        return Question("", [], metadata)
    reference, _ = _parsed_gold(reader, fields, choices, task)
    if fields.labels:
        metadata["labels"] = reader.choices(fields.labels)
    if choices:
        return Question(reference, choices, metadata)
    text = reader.optional(fields.input) if isinstance(fields.input, str) else None
    try:
        return with_options(text if isinstance(text, str) else "", reference, metadata)
    except ValueError as error:
        reader.fail(f"{fields.reference!r} does not parse: {error}")


def columns(fields: Fields) -> set[str]:
    """The columns that a field mapping names, the first part of each path."""
    named = [fields.id, fields.choices, fields.labels, fields.reference, fields.tests, fields.input]
    paths = [*fields.metadata.values()]
    for path in named:
        paths += path if isinstance(path, list) else [path] if path else []
    return {path.split(".")[0] for path in paths}


def own_id(row: Row, fields: Fields, name: str) -> str | None:
    """What the source calls the row, if the task says where that stands."""
    return str(_Reader(row, name).column(fields.id)) if fields.id else None


def _parsed_gold(
    reader: _Reader, fields: Fields, choices: list[str], task: Task
) -> tuple[str, str]:
    """The reference answer, and the worked solution around it."""
    raw = _gold(reader, fields, choices, task.scorer)
    try:
        return get(task.scorer).reference(raw, choices)
    except ValueError as error:
        reader.fail(f"{fields.reference!r} does not parse: {error}")


def _gold(reader: _Reader, fields: Fields, choices: list[str], scorer: str) -> str:
    if isinstance(fields.reference, list):
        return "".join(str(reader.column(path)) for path in fields.reference)
    raw = reader.column(str(fields.reference))
    if raw is None:
        reader.fail(f"{fields.reference!r} is empty")
    if fields.labels is None:
        if isinstance(raw, dict | list) and scorer in ("number", "choice"):
            reader.fail(f"{fields.reference!r} is no text or number")
        return raw if isinstance(raw, str) else json.dumps(raw, ensure_ascii=False)
    labels = reader.choices(fields.labels)
    if len(labels) != len(choices) or str(raw) not in labels:
        reader.fail(f"{fields.reference!r} is {raw!r}, which is none of the labels {labels}")
    return letter(labels.index(str(raw)))


def _add_tests(reader: _Reader, fields: Fields, metadata: dict[str, Any]) -> None:
    tests = reader.column(fields.tests) if fields.tests else reader.optional("tests")
    if tests is not None:
        metadata["tests"] = tests
    setup = metadata.get("setup")
    if isinstance(setup, list):
        metadata["setup"] = "\n".join(map(str, setup))
    wrong = problem(metadata, fields.tests or "tests")
    if wrong:
        reader.fail(wrong)


class _Reader:
    """The columns of one row, with errors that say where it stands."""

    def __init__(self, row: Row, task: str, check: str = "") -> None:
        self._where, self._row, self._origin = row
        self._check = check or f"check tasks.{task}.fields in params.yaml"

    def fail(self, problem: str) -> NoReturn:
        raise PipelineError(f"{self._where}: {problem}; mend the row, or {self._check}")

    def optional(self, path: str) -> Any:
        """The value at `path`, or None where there is none."""
        try:
            return self.column(path)
        except PipelineError:
            return None

    def column(self, path: str) -> Any:
        """The value at `path`; a column whose own name has dots in it comes first."""
        if path == ORIGIN:
            return self._origin
        if path in self._row:
            return self._row[path]
        value: Any = self._row
        for part in path.split("."):
            if not isinstance(value, dict) or part not in value:
                raise PipelineError(
                    f"{self._where} has no {path!r} (it has {', '.join(sorted(self._row))}); "
                    f"{self._check}"
                )
            value = value[part]
        return value

    def text(self, path: str | list[str]) -> str:
        """A text, or several columns' with an empty line between."""
        parts = [self.column(part) for part in ([path] if isinstance(path, str) else path)]
        shown = path if isinstance(path, str) else " and ".join(path)
        if not all(isinstance(part, str) and part.strip() for part in parts):
            self.fail(f"{shown!r} is empty or no text")
        return "\n\n".join(parts)

    def choices(self, path: str | list[str] | None) -> list[str]:
        """The options: a list in one column (in CSV, a JSON list), or a column each."""
        if path is None and "choices" not in self._row:
            return []
        shown = path or "choices"
        if isinstance(shown, list):
            found = [self.column(part) for part in shown]
        else:
            found = self.column(shown)
            if isinstance(found, str) and found.lstrip().startswith("["):
                found = _parsed(found)
        if not isinstance(found, list) or not all(
            isinstance(one, str | int | float) for one in found
        ):
            self.fail(f"{shown!r} is no list of texts")
        return [str(one) for one in found]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
