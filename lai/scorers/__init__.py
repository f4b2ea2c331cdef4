"""Scorers by name: built-in ones, or a user's own as `scorers.module:function`."""

from __future__ import annotations

import functools

from lai.core.errors import PipelineError
from lai.core.params.names import is_own, unknown_scorer
from lai.scorers.base import Judgement, Question, Scorer
from lai.scorers.choice import Choice
from lai.scorers.code import Code
from lai.scorers.exact import Exact
from lai.scorers.fields import Fields
from lai.scorers.judged import Judged
from lai.scorers.number import Number
from lai.scorers.own import load
from lai.scorers.symbolic import Symbolic

__all__ = ["SCORERS", "Judgement", "Question", "Scorer", "get"]

SCORERS: dict[str, Scorer] = {
    "number": Number(),
    "choice": Choice(),
    "exact": Exact(),
    "code": Code(),
    "math": Symbolic(),
    "json": Fields(),
    "judge": Judged(),
}
"""Those that need no set-up; lai.core.params.names lists the same names."""


@functools.cache
def get(name: str) -> Scorer:
    """The scorer of a task's `scorer` entry.

    Raises: PipelineError with the nearest known name when there is none.
    """
    if name in SCORERS:
        return SCORERS[name]
    if is_own(name):
        return load(name)
    raise PipelineError(unknown_scorer(name))
