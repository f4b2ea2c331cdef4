"""Python functions, graded by running their tests in a child process (pass@1)."""

from __future__ import annotations

from typing import Any

from lai import sandbox
from lai.scorers import programs
from lai.scorers.base import Judgement, Question
from lai.scorers.helpers import helpers

PREAMBLE = "from typing import *\n"
"""Models annotate with List and Optional without importing them; that is no error of reasoning."""


def tests_of(metadata: dict[str, Any]) -> list[str]:
    """The statements that a program must get through, from a sample's metadata, in order.

    `setup` (statements or a list of them) runs first, then the asserts of `tests`, or `test`, a
    source that defines `check(candidate)`, and a call of it with `entry_point` (Chen et al. 2021).

    Raises: KeyError where there is neither.
    """
    setup = metadata.get("setup") or []
    before = [setup] if isinstance(setup, str) else list(setup)
    if "tests" in metadata:
        return [*before, *metadata["tests"]]
    return [*before, metadata["test"], f"check({metadata['entry_point']})"]


class Code:
    """Passes when every test of the sample passes; see `tests_of` for what its metadata holds.

    `metadata["prompt"]` (optional) is the start of the module that the response goes on from:
    its imports and helpers count as given, and tests use these helpers whatever the response
    makes of them.
    """

    parallel = True

    def __call__(
        self, question: Question, text: str, truncated: bool = False, again: bool = False
    ) -> Judgement:
        """See `Scorer`. `again`: in another interpreter, with another order of sets of strings."""
        metadata = question.metadata
        tests = tests_of(metadata)
        entry = metadata.get("entry_point") or programs.under_test(tests, question.reference)
        wanted = programs.called(tuple(tests)) | ({entry} if entry else set())
        source = None
        if not truncated or programs.closed(text) or programs.whole(text):
            source = programs.program(text, metadata.get("prompt", ""), wanted)
        if source is None:
            why = "the response was cut off" if truncated else "the response holds no valid Python"
            return Judgement("N", None, why)
        given = helpers(metadata.get("prompt", ""), tuple(tests), entry)
        if given:
            tests = [_with_preamble(given), *tests]
        outcome = sandbox.run(_with_preamble(source), tests, entry=entry, again=again)
        return Judgement("C" if outcome.passed else "I", source, outcome.detail)

    def reference(self, raw: str, choices: list[str]) -> tuple[str, str]:
        """The canonical solution, which must be valid Python."""
        if programs.program(raw) is None:
            raise ValueError("it is no valid Python function")
        return raw.strip("\n"), ""


def _with_preamble(source: str) -> str:
    """`source` after the preamble, which may not come before `from __future__` imports."""
    first, _, rest = source.partition("\n")
    if first.startswith("from __future__"):
        return f"{first}\n{PREAMBLE}{rest}"
    return PREAMBLE + source
