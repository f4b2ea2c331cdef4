"""A user's own scorer: a function under scorers/, named `scorers.module:function`."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

from lai.core.errors import PipelineError
from lai.scorers.base import Judgement, Question

Function = Callable[[Question, str, bool], Any]


class Own:
    """Calls `function(question, text, truncated)` and makes a judgement of what it returns.

    It may return a Judgement, a tuple (value, answer, explanation), or a bool: right or wrong.
    """

    parallel = False

    def __init__(self, name: str, function: Function) -> None:
        self._name, self._function = name, function

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        """Raises: PipelineError when the function returns something else."""
        said = self._function(question, text, truncated)
        if isinstance(said, Judgement):
            return said
        if isinstance(said, bool):
            why = "" if said else f"{self._name} says that it is wrong"
            return Judgement("C" if said else "I", text, why)
        if isinstance(said, tuple) and len(said) == 3 and said[0] in ("C", "I", "N"):
            value, answer, explanation = said
            return Judgement(value, None if answer is None else str(answer), str(explanation))
        raise PipelineError(
            f"scorer {self._name} returned {said!r:.80}; return a Judgement, True, False, or "
            '("C", "I" or "N", answer, explanation)'
        )

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """The field as it is."""
        return raw.strip(), ""


def load(name: str) -> Own:
    """The scorer `scorers.module:function`, imported from the working folder.

    Raises: PipelineError when there is no such module or function, or it needs one that is absent.
    """
    module_name, _, function_name = name.partition(":")
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.append(os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and not f"{module_name}.".startswith(f"{error.name}."):
            raise PipelineError(f"scorer {name}: {module_name} needs {error.name}") from error
        path = module_name.replace(".", "/")
        raise PipelineError(f"scorer {name}: there is no {path}.py in {os.getcwd()}") from None
    function = getattr(module, function_name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value) and key[0] != "_"]
        near = difflib.get_close_matches(function_name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PipelineError(f"scorer {name}: no function {function_name!r} in {module_name}{hint}")
    return Own(name, function)
