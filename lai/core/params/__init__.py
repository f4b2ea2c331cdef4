"""params.yaml: an unknown key or a wrong type fails at once, with its path and the nearest name.

A stage asks for the sections that dvc.yaml lists for it and receives no others, so that a section
it forgot to list is an error and never a stale cache. `runtime` holds what cannot change an answer
(concurrency, time-outs, URLs, devices); no stage lists it and every stage may read it.
"""

from __future__ import annotations

import difflib
import os
import re
import typing
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from lai.core.errors import PipelineError
from lai.core.params import benchmarks
from lai.core.params.prices import check_prices
from lai.core.params.schema import Params
from lai.core.params.section import Section

__all__ = ["Params", "View", "load", "parse", "root", "view"]


class View:
    """The sections that a stage declared, and `runtime`. Any other attribute is a defect."""

    def __init__(self, params: Params, sections: tuple[str, ...]) -> None:
        self._params = params
        self._sections = (*sections, "runtime")

    def __getattr__(self, name: str) -> Any:
        if name not in self._sections:
            raise AttributeError(f"the stage reads params.{name} but does not declare it")
        return getattr(self._params, name)


def root() -> Path:
    """The pipeline's own folder, also when DVC runs a stage in a temporary copy."""
    return Path(os.environ.get("DVC_ROOT") or ".")


def load(path: str | Path = "params.yaml") -> Params:
    """Read and check params.yaml. Raises: PipelineError with the key's path and a suggestion."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PipelineError(f"{path} does not exist; run from the root of the repository") from None
    except UnicodeDecodeError:
        raise PipelineError(f"{path} is not UTF-8; convert the file") from None
    try:
        raw = yaml.load(text, _Unique)
    except yaml.YAMLError as error:
        raise PipelineError(f"{path} is not valid YAML: {error}") from None
    if not isinstance(raw, dict):
        raise PipelineError(f"{path} is empty or no mapping; restore it from git")
    return parse(raw, str(path))


class _Unique(yaml.SafeLoader):
    """Refuses a key that stands twice in a mapping: PyYAML would take the last, DVC takes none."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Raises: yaml.YAMLError with the key and its line."""
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and (key.tag, key.value) in seen:
                said = f"{key.value} stands twice in one mapping; keep one of the two"
                raise yaml.MarkedYAMLError(problem=said, problem_mark=key.start_mark)
            seen.add((key.tag, str(key.value)))
        return node


def view(*sections: str) -> View:
    """The declared `sections` of ./params.yaml, for a stage.

    Raises: PipelineError, also where any stage will ask somebody whose capped cost nobody knows:
    no stage is to pay before the next one finds out.
    """
    params = load()
    check_prices(params)
    return View(params, sections)


def parse(raw: dict[str, Any], where: str = "params.yaml") -> Params:
    """Check a params mapping. Raises: PipelineError, see `load`."""
    try:
        return Params.model_validate(benchmarks.filled_in(raw, where))
    except ValidationError as error:
        problems = error.errors(include_url=False)
        # A misspelt name comes with the complaint that the right one is missing.
        misspelt = [problem for problem in problems if problem["type"] == "extra_forbidden"]
        problem = (misspelt or problems)[0]
        raise PipelineError(f"{where}: {_explain(problem)}") from None


def _explain(problem: Any) -> str:
    location = list(problem["loc"])
    if location[-1:] == ["[key]"]:
        location = location[:-1]
        path = ".".join(str(part) for part in location)
        if location[0] == "iterations":
            return (
                f"{path} is no iteration name: DVC makes no stage of a key that is not a string "
                "such as iter1 (write iterations: {iter1: iter0, iter2: iter1})"
            )
        return f"{path}: a name starts with a letter and goes on with letters, digits, _ and -"
    path = ".".join(str(part) for part in location)
    if problem["type"] == "extra_forbidden":
        return f"unknown parameter {path}; {_suggest(location)}"
    if problem["type"] == "missing":
        return f"{path} is missing; add it"
    if problem["type"] == "literal_error":
        expected = re.findall(r"'([^']+)'", str(problem["ctx"]["expected"]))
        near = difflib.get_close_matches(str(problem["input"]), expected, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        return f"{path} is {problem['input']!r}, expected {problem['ctx']['expected']}{hint}"
    message = re.sub(r"^Value error, ", "", problem["msg"])
    if problem["type"] == "float_type" and re.fullmatch(r"\d+e-?\d+", str(problem["input"])):
        number = str(problem["input"]).replace("e", ".0e")
        message += f"; write {number}, for YAML takes a number without a point for text"
    given = "" if isinstance(problem["input"], dict) else f" (it is {problem['input']!r})"
    return f"{path}: {message}{given}" if path else message


def _suggest(location: list[Any]) -> str:
    """The nearest valid name for the last part of `location`, else all of them."""
    annotation: Any = Params
    for part in location[:-1]:
        annotation = _step(annotation, str(part))
    section = _section(annotation)
    known = sorted(section.model_fields) if section else []
    near = difflib.get_close_matches(str(location[-1]), known, n=1)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"


def _step(annotation: Any, part: str) -> Any:
    section = _section(annotation)
    if section is not None:
        field = section.model_fields.get(part)
        return field.annotation if field else None
    if typing.get_origin(annotation) is dict:
        return typing.get_args(annotation)[1]
    return annotation


def _section(annotation: Any) -> type[Section] | None:
    for candidate in (annotation, *typing.get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, Section):
            return None if typing.get_origin(annotation) is dict else candidate
    return None
