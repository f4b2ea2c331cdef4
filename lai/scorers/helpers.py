"""The helpers that a prompt defines and its tests use: taken from the prompt, not from the answer.

A response may define such a helper again, and a test that believed it would believe anything.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from lai.core.python import parsed
from lai.scorers.names import defined
from lai.scorers.programs import called
from lai.scorers.statements import closure, empty, last_function, source


@lru_cache(maxsize=256)
def helpers(prompt: str, tests: tuple[str, ...], entry: str = "") -> str | None:
    """A source with the complete functions of `prompt` that `tests` use, or None without any.

    Neither the function that the response is to write (`entry`, the prompt's last) nor what needs
    a class or a variable of the prompt, for that is shared with the program and stays there.
    """
    head = parsed(prompt + "\n    pass\n") or parsed(prompt)
    if head is None:
        return None
    asked = last_function(head)
    body = [one for one in head.body if one is not asked and entry not in defined([one])]
    taken: set[str] = set()
    given = _complete(body)
    for name in sorted(given & called(tests)) if given else ():
        if all(_alone(one) for one in closure(body, {name})):
            taken.add(name)
    return source(closure(body, taken)) if taken else None


def _complete(body: Iterable[ast.stmt]) -> set[str]:
    return {one.name for one in body if isinstance(one, ast.FunctionDef) and not empty(one)}


def _alone(one: ast.stmt) -> bool:
    """Whether a statement means the same in two processes: it makes nothing that both change."""
    if isinstance(one, ast.Assign):
        return isinstance(one.value, ast.Constant)
    return isinstance(one, ast.FunctionDef | ast.Import | ast.ImportFrom)
