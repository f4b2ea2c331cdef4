"""The names that a task's `scorer` may have, kept where params can be checked without scorers."""

from __future__ import annotations

import difflib
import re

SCORER_NAMES = ("number", "choice", "exact", "code", "math", "json", "judge")
"""The built-in scorers; `lai.scorers.SCORERS` holds what they are."""

OWN_FOLDER = "scorers"
"""Where a user's own scorers live: dvc.yaml has it as a dep of every stage that scores."""

_FUNCTION = re.compile(r"(?P<module>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<function>[A-Za-z_]\w*)")


def is_own(name: str) -> bool:
    """Whether `name` has the form of a user's own scorer, `scorers.module:function`."""
    return name.startswith(f"{OWN_FOLDER}.") and _FUNCTION.fullmatch(name) is not None


def unknown_scorer(name: str) -> str:
    """What is wrong with a scorer's name, with the nearest known one."""
    elsewhere = _FUNCTION.fullmatch(name)
    if elsewhere:
        module = elsewhere["module"].rpartition(".")[2]
        return (
            f"the scorer {name} lies outside {OWN_FOLDER}/, so that no stage would notice when it "
            f"changes; put it into {OWN_FOLDER}/{module}.py and write "
            f"{OWN_FOLDER}.{module}:{elsewhere['function']}"
        )
    near = difflib.get_close_matches(name, SCORER_NAMES, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return (
        f"no scorer {name!r}, expected {', '.join(SCORER_NAMES)} or a function of your own "
        f"as {OWN_FOLDER}.module:function{hint}"
    )


def checked_scorer(name: str) -> str:
    """`name`, when it may be a scorer's. Raises: ValueError with the nearest known name."""
    if name not in SCORER_NAMES and not is_own(name):
        raise ValueError(unknown_scorer(name))
    return name
