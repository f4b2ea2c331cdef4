"""The parts of a text that are Python, found with a limit on the work: models write in loops."""

from __future__ import annotations

import ast
import re

from lai.core.python import parsed, quiet
from lai.scorers.names import Definition

PATIENCE = 100_000
"""How many characters may be parsed, beyond three times the text, before no program is sought."""
_START = re.compile(r"(?:async def|def|class|import|from)\b|@")
_OPEN = re.compile(r"[(\[{\\\"'#]")


class Parts:
    """Finds modules in one response."""

    def __init__(self, text: str) -> None:
        self._left = PATIENCE + 3 * len(text)

    def module(self, block: str) -> ast.Module | None:
        """The first part of `block` that starts as code does and defines a function or class."""
        lines = block.split("\n")
        for start, line in enumerate(lines):
            if self._left > 0 and _START.match(line) and _begins(line):
                tree = self.longest(lines[start:])
                if tree and any(isinstance(one, Definition) for one in tree.body):
                    return tree
        return None

    def longest(self, lines: list[str], prefix: str = "") -> ast.Module | None:
        """The longest module that `lines` start with, cut where a line is not indented."""
        before, end = prefix.count("\n"), len(lines)
        while end > 0 and self._left > 0:
            tree, wrong = self._attempt(prefix + "\n".join(lines[:end]))
            if tree:
                return tree
            # No module that holds the line of the first error is one.
            end = min(end, wrong - before) - 1
            while end > 0 and not (lines[end].strip() and not lines[end][0].isspace()):
                end -= 1
        return None

    def _attempt(self, source: str) -> tuple[ast.Module | None, int]:
        """The module that `source` is, or else the number of a line that is wrong."""
        self._left -= len(source)
        try:
            with quiet():
                return ast.parse(source), 0
        except SyntaxError as error:
            line = error.lineno or source.count("\n", 0, source.find("\0")) + 1
        except UnicodeEncodeError as error:
            line = source.count("\n", 0, error.start) + 1
        except (ValueError, RecursionError, MemoryError):  # They do not say where.
            line = source.count("\n") + 1
        return None, line


def _begins(line: str) -> bool:
    """Whether a statement may begin with `line`: "from the question we see" is none."""
    if _OPEN.search(line):
        return True
    return any(parsed(line + rest) for rest in ("", "\n    pass", "\ndef f(): pass"))
