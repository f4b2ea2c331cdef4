"""What a synthetic sample has to pass before it is taught."""

from __future__ import annotations

from pydantic import model_validator

from lai.core.params.section import Positive, Section


class VotesParams(Section):
    """How often the instructor solves an exercise without its answer, and how many must agree."""

    votes: Positive = 1
    agree: Positive = 1

    @model_validator(mode="after")
    def _possible(self) -> VotesParams:
        if self.agree > self.votes:
            raise ValueError(f"{self.votes} votes cannot agree {self.agree} times")
        return self


class SuspectsParams(Section):
    """How many independent solves, all of them, contradict a reference that is set aside."""

    solves: Positive = 3


class ChecksParams(Section):
    """Which checks a sample goes through, besides those against dev and test, which it always does.

    `stub`, `deterministic`: of code, its tests. `solved_again` is paid for, `too_easy` asks the
    target; both look only at what passed the others.
    """

    language: bool = True
    answer: bool = True
    arithmetic: bool = True
    choices: bool = True
    stub: bool = True
    deterministic: bool = True
    in_pool: bool = True
    duplicate: bool = True
    solved_again: VotesParams | None = VotesParams()
    too_easy: bool = False
