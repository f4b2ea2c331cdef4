"""What real replies were like: their lengths, their tokens, and what came of them."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lai.core import jsonl
from lai.core.params import Params
from lai.core.records import Analysis, Verdict, Weakness
from lai.core.stage import data
from lai.engines.base import Reply, Request
from lai.estimation.assumptions import Observed, Rates
from lai.estimation.engine import characters, shape_of
from lai.estimation.filler import asked_for

LEAST_SPREAD = 0.03


def observe(
    real: Mapping[str, tuple[Request, Reply]], iterations: Sequence[str], params: Params
) -> Observed:
    """Of the `real` exchanges, and of the records that were made of them in data/iterN."""
    groups: dict[str, list[tuple[Request, Reply]]] = {}
    texts: dict[str, list[int]] = {}
    for request, reply in real.values():
        if request.json_schema is None or not reply.usage.completion_tokens:
            continue
        groups.setdefault(shape_of(request), []).append((request, reply))
        for name, text in _texts(_parsed(reply.text)):
            texts.setdefault(name, []).append(len(text))
    return Observed(
        replies=sum(map(len, groups.values())),
        rates={shape: _rates(group) for shape, group in groups.items()},
        lengths={name: statistics.fmean(lengths) for name, lengths in texts.items()},
        spread=max([LEAST_SPREAD, *map(_spread, groups.values())]),
        accepted=_accepted(real, iterations, params),
        skills=_skills(real, iterations),
    )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text[text.find("{") : text.rfind("}") + 1])
    except ValueError:
        return None


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, name)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, key)


def _rates(group: Sequence[tuple[Request, Reply]]) -> Rates:
    sent = sum(characters(request) for request, _ in group)
    said = sum(len(reply.text) for _, reply in group)
    return Rates(
        sum(reply.usage.prompt_tokens for _, reply in group) / sent,
        sum(reply.usage.completion_tokens for _, reply in group) / max(1, said),
    )


def _spread(group: Sequence[tuple[Request, Reply]]) -> float:
    """The standard error of the mean length of a reply, as a share of it."""
    lengths = [reply.usage.completion_tokens for _, reply in group]
    if len(lengths) < 2:
        return 0.5
    return statistics.stdev(lengths) / math.sqrt(len(lengths)) / statistics.fmean(lengths)


def _accepted(
    real: Mapping[str, tuple[Request, Reply]], iterations: Sequence[str], params: Params
) -> tuple[float, float] | None:
    """The accepted share of what real replies were asked for, and its standard error."""
    asked: dict[str, int] = {}
    accepted = 0
    for iteration in iterations:
        for name in ("verdicts.jsonl", "rejected.jsonl"):
            path = data(iteration, name)
            for verdict in jsonl.read(Verdict, path) if path.exists() else ():
                key = verdict.sample.request_key
                if key in real:
                    prompt = real[key][0].messages[0]["content"]
                    asked[key] = asked_for(prompt, params.synthesize.samples_per_request)
                    accepted += verdict.accepted
    total = sum(asked.values())
    if not total:
        return None
    # Laplace's rule, so that a few replies, all accepted, do not promise that all will be.
    share = (accepted + 1) / (total + 2)
    return share, math.sqrt(share * (1 - share) / total)


def _skills(real: Mapping[str, tuple[Request, Reply]], iterations: Sequence[str]) -> float | None:
    """Of how many equal weaknesses a task's analyses may be drawn, by how often two are of one.

    (The birthday problem the other way round.)
    """
    pairs = same = 0.0
    for iteration in iterations:
        path = data(iteration, "weaknesses.jsonl")
        if not path.exists():
            continue
        genuine = {
            one.id
            for one in jsonl.read(Analysis, data(iteration, "analyses.jsonl"))
            if one.request_key in real
        }
        lots: dict[tuple[str, str], list[int]] = {}
        for weakness in jsonl.read(Weakness, path):
            count = sum(parent in genuine for parent in weakness.parents)
            lots.setdefault((weakness.task, weakness.strategy), []).append(count)
        for counts in lots.values():
            pairs += math.comb(sum(counts), 2)
            same += sum(math.comb(count, 2) for count in counts)
    return (pairs + 1) / (same + 0.5) if pairs else None
