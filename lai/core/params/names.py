"""The names that a task's `scorer` may have, kept where params can be checked without scorers."""

from __future__ import annotations

import difflib
import re

SCORER_NAMES = ("number", "choice", "exact", "code", "math", "json", "judge")
"""The built-in scorers; `lai.scorers.SCORERS` holds what they are."""

_OWN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


def is_own(name: str) -> bool:
    """Whether `name` has the form of a user's own scorer, `module:function`."""
    return _OWN.fullmatch(name) is not None


def unknown_scorer(name: str) -> str:
    """What is wrong with a scorer's name, with the nearest known one."""
    near = difflib.get_close_matches(name, SCORER_NAMES, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return (
        f"no scorer {name!r}, expected {', '.join(SCORER_NAMES)} or a function of your own "
        f"as module:function{hint}"
    )


def checked_scorer(name: str) -> str:
    """`name`, when it may be a scorer's. Raises: ValueError with the nearest known name."""
    if name not in SCORER_NAMES and not is_own(name):
        raise ValueError(unknown_scorer(name))
    return name
