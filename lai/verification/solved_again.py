"""Whether the instructor, who is not shown a sample's answer, finds the same one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lai.asking.solving import Solved, Solver
from lai.core.params.checks import VotesParams
from lai.core.records import SyntheticSample


def contradicted(
    samples: Sequence[SyntheticSample], solver: Solver, params: VotesParams
) -> list[str]:
    """For each sample why too few votes agree with its answer, or "".

    All samples are asked about vote by vote, each only until its votes decide. A reply that holds
    no answer is no vote. Nothing of a reply gets into a sample.
    """
    votes: list[list[Solved]] = [[] for _ in samples]
    for draw in range(params.votes):
        left = params.votes - draw
        asked = [
            place
            for place, found in enumerate(votes)
            if params.agree - left <= _agreeing(found) < params.agree
        ]
        for place, vote in zip(asked, solver([samples[one] for one in asked], draw), strict=True):
            votes[place].append(vote)
    return ["" if _agreeing(found) >= params.agree else _why(found, params) for found in votes]


def _agreeing(votes: Sequence[Solved]) -> int:
    return sum(vote.value == "C" for vote in votes)


def _why(votes: Sequence[Solved], params: VotesParams) -> str:
    cast = [vote for vote in votes if vote.value != "N"]
    if not cast:
        return f"no vote could be had: {votes[0].reason}"[:500]
    told = f"solved again, {_agreeing(cast)} of {len(cast)} agree and {params.agree} must"
    others = Counter(vote.reason for vote in cast if vote.value == "I")
    return f"{told}: {next(iter(others), 'there were too few votes')}"[:500]
