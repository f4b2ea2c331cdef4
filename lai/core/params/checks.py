"""What a synthetic sample has to pass before it is taught."""

from __future__ import annotations

from pydantic import model_validator

from lai.core.params.overlap import Share
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

    `stub`, `deterministic`: of code, its tests. `copied`: the share of its word n-grams that stand
    in the question of the error it was written for, from which on it is a copy of that.
    `near_duplicate`: the Jaccard similarity of word shingles from which on a question is one that
    is taught already. `solved_again` is paid for, `too_easy` asks the target; both look only at
    what passed the others.
    """

    language: bool = True
    answer: bool = True
    arithmetic: bool = True
    choices: bool = True
    stub: bool = True
    deterministic: bool = True
    in_pool: bool = True
    copied: Share | None = 0.8
    near_duplicate: Share | None = 0.9
    solved_again: VotesParams | None = VotesParams()
    too_easy: bool = False
