"""What earlier iterations took, from the files that their stages left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from lai.core import jsonl
from lai.core.records import Usage
from lai.estimation.engine import Place, Tally

FILES: dict[str, tuple[str, ...]] = {
    "analyze": ("analysis_usage.json",),
    "synthesize": ("synthesis.json", "used", "synthesize"),
}
"""Where a stage's replies and tokens stand: the file, and the keys in it."""


class Mean(NamedTuple):
    """Tokens of a prompt and of a reply, over so many replies."""

    prompt: float
    completion: float
    replies: int


Means = Mapping[str, Mean]
"""By stage."""


def means(done: Mapping[str, list[str]], data: Path = Path("data")) -> Means:
    """Over all iterations whose stage would not run again."""
    replies: dict[str, int] = {}
    usage: dict[str, Usage] = {}
    for iteration, stages in done.items():
        for stage in (stage for stage in stages if stage in FILES):
            used = _used(data / iteration, stage)
            replies[stage] = replies.get(stage, 0) + used.pop("replies")
            usage[stage] = usage.get(stage, Usage()) + Usage.model_validate(used)
    return {
        stage: Mean(
            usage[stage].prompt_tokens / count, usage[stage].completion_tokens / count, count
        )
        for stage, count in replies.items()
        if count and usage[stage].completion_tokens
    }


def _used(folder: Path, stage: str) -> dict[str, int]:
    name, *keys = FILES[stage]
    if not (folder / name).exists():
        return {"replies": 0}
    found = jsonl.read_json(folder / name)
    for key in keys:
        found = found[key]
    return dict(found)


def applied(scenario: Mapping[Place, Tally], known: Means) -> dict[Place, Tally]:
    """The calls of `scenario`, the instructor's with the tokens that calls took before."""
    return {
        place: replace(
            tally,
            prompt_tokens=tally.calls * known[place[1]].prompt,
            completion_tokens=tally.calls * known[place[1]].completion,
            unseen=0.0,
        )
        if place[2] == "instructor" and place[1] in known
        else tally
        for place, tally in scenario.items()
    }
