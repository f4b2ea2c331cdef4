"""Python functions, graded by running their tests in a child process (pass@1)."""

from __future__ import annotations

import ast
import re

from lai import sandbox
from lai.scorers.base import Judgement, Question

_FENCE = re.compile(r"(?:```|~~~)[ \t]*(?:python|py)?[ \t]*\n(.*?)(?:\n(?:```|~~~)|\Z)", re.DOTALL)
PREAMBLE = "from typing import *\n"
"""Models annotate with List and Optional without importing them; that is no error of reasoning."""


def program(text: str) -> str | None:
    """The Python program in a response: the fenced blocks that parse, else the text itself."""
    blocks = [block for block in _FENCE.findall(text) if _parses(block)]
    if blocks:
        return "\n\n".join(blocks)
    return text if text.strip() and _parses(text) else None


def _parses(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assign) for node in tree.body)


class Code:
    """Passes when every test of the sample (`metadata["tests"]`, assert statements) passes."""

    parallel = True

    def __call__(self, question: Question, text: str, truncated: bool = False) -> Judgement:
        source = program(text)
        if source is None:
            why = "the response was cut off" if truncated else "the response holds no valid Python"
            return Judgement("N", None, why)
        outcome = sandbox.run(PREAMBLE + source, list(question.metadata["tests"]))
        return Judgement("C" if outcome.passed else "I", source, outcome.detail)

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """The canonical solution, which must be valid Python."""
        if program(raw) is None:
            raise ValueError("it is no valid Python function")
        return raw.strip("\n"), ""
