"""Scorers by name: `number`, `choice`, `exact` and `code`."""

from __future__ import annotations

from lai.scorers.base import Judgement, Question, Scorer
from lai.scorers.choice import Choice
from lai.scorers.code import Code
from lai.scorers.exact import Exact
from lai.scorers.number import Number

__all__ = ["SCORERS", "Judgement", "Question", "Scorer"]

SCORERS: dict[str, Scorer] = {
    "number": Number(),
    "choice": Choice(),
    "exact": Exact(),
    "code": Code(),
}
