"""What earlier iterations took, from the files that their stages left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lai.core import jsonl
from lai.core.records import Usage
from lai.estimation.engine import Place, Tally

FILES = {"analyze": "analysis_usage.json", "synthesize": "synthesis_usage.json"}

Means = Mapping[str, tuple[float, float]]
"""Tokens of a prompt and of a reply, by stage."""


def means(done: Mapping[str, list[str]]) -> Means:
    """Over all iterations whose stage would not run again."""
    replies: dict[str, int] = {}
    usage: dict[str, Usage] = {}
    for iteration, stages in done.items():
        for stage in (stage for stage in stages if stage in FILES):
            path = Path("data") / iteration / FILES[stage]
            used = dict(jsonl.read_json(path)) if path.exists() else {"replies": 0}
            replies[stage] = replies.get(stage, 0) + used.pop("replies")
            usage[stage] = usage.get(stage, Usage()) + Usage.model_validate(used)
    return {
        stage: (usage[stage].prompt_tokens / count, usage[stage].completion_tokens / count)
        for stage, count in replies.items()
        if count and usage[stage].completion_tokens
    }


def applied(scenario: Mapping[Place, Tally], known: Means) -> dict[Place, Tally]:
    """The calls of `scenario`, the instructor's with the tokens that calls took before."""
    return {
        place: replace(
            tally,
            prompt_tokens=tally.calls * known[place[1]][0],
            completion_tokens=tally.calls * known[place[1]][1],
        )
        if place[2] == "instructor" and place[1] in known
        else tally
        for place, tally in scenario.items()
    }
