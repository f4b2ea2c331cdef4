"""What real replies were like: their lengths, their tokens, and what came of them."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from lai.core import jsonl
from lai.core.params import Params
from lai.core.record import Record
from lai.core.records import Analysis, Completion, Verdict, Weakness
from lai.core.stage import data
from lai.engines.base import Reply, Request
from lai.estimation.assumptions import HIGH, LOW, MIDDLE, SHAPES, Accepted, Observed, Rates
from lai.estimation.engine import characters
from lai.estimation.filler import asked_for, parsed
from lai.estimation.probing import SOLUTION, shape_of
from lai.estimation.workspace import Done
from lai.statistics import wilson

R = TypeVar("R", bound=Record)
SQUARES = sum(math.log1p(1 / rank) ** 2 for rank in range(1, 10_000))
PAIRS = 10
"""As much as so many pairs of analyses counts what is assumed before there are any."""
LEAST_SPREAD = 0.03
"""Of a mean over replies that happen to be alike."""


Exchanges = Mapping[str, tuple[Request, Reply]]
"""Requests and replies, by the key of the request."""


def observe(real: Exchanges, done: Done, params: Params) -> Observed:
    """Of the `real` exchanges, and of the records in data/iterN that were made of real replies.

    Those of the stages in `done` all were.
    """
    groups: dict[str, list[tuple[Request, Reply]]] = {}
    texts: dict[tuple[str, str], list[int]] = {}
    for request, reply in real.values():
        if request.json_schema is None or not reply.usage.completion_tokens:
            continue
        groups.setdefault(shape_of(request), []).append((request, reply))
        for name, text in _texts(parsed(reply.text)):
            for shape in ("", shape_of(request)):
                texts.setdefault((shape, name), []).append(len(text))
    told = [one for shape, group in groups.items() if shape not in SHAPES.values() for one in group]
    return Observed(
        replies=sum(map(len, groups.values())),
        rates={shape: _rates(group) for shape, group in groups.items()},
        pooled=_rates(told) if told else None,
        lengths={place: statistics.fmean(lengths) for place, lengths in texts.items()},
        spread=max(LEAST_SPREAD, _spread(list(groups.values()))),
        accepted=_accepted(real, done, params),
        skills=_skills(real, done),
        response=_response(done),
    )


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
    """A reply's text takes as many tokens a character as prompts do; the rest is reasoning.

    So a reply of half the length, to a request for fewer exercises, is taken to cost more than
    half, where a model reasons first.
    """
    sent = sum(characters(request) for request, _ in group)
    said = sum(len(reply.text) for _, reply in group)
    asked = sum(reply.usage.prompt_tokens for _, reply in group) / sent
    taken = sum(reply.usage.completion_tokens for _, reply in group)
    written = min(asked, taken / max(1, said))
    return Rates(asked, written, (taken - written * said) / len(group))


def _spread(groups: Sequence[Sequence[tuple[Request, Reply]]]) -> float:
    """The standard error of a shape's mean length of a reply, as a share of it.

    Lengths are taken to vary alike in all shapes, so that one with a single reply has one, too.
    """
    off = []
    for group in groups:
        lengths = [reply.usage.completion_tokens for _, reply in group]
        mean = statistics.fmean(lengths)
        off += [length / mean - 1 for length in lengths]
    free = len(off) - len(groups)
    if not free:
        return 0.5
    return math.sqrt(sum(one**2 for one in off) / free * len(groups) / len(off))


def _accepted(real: Exchanges, done: Done, params: Params) -> dict[str, Accepted] | None:
    """The accepted share of what real replies were asked for, by task, and of all under "".

    Of exercises that were not really solved again as many pass as of those that were.
    """
    total: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    agreed: Counter[str] = Counter()
    solved = 0
    solves = "\n".join(
        request.messages[0]["content"]
        for request, _ in real.values()
        if shape_of(request) == SOLUTION
    )
    for iteration, stages in done.items():
        verdicts = [
            verdict
            for name in ("verdicts.jsonl", "rejected.jsonl")
            for verdict in _records(Verdict, data(iteration, name))
        ]
        for key, group in _by_request(verdicts).items():
            task = group[0].sample.task
            if key in real and shape_of(real[key][0]) == SOLUTION:
                continue  # no exercise, but a pool question solved to be taught
            if key in real:
                prompt = real[key][0].messages[0]["content"]
                total[task] += asked_for(prompt, params.synthesize.samples_per_request)
            elif "synthesize" in stages:
                total[task] += len(group)
            else:
                continue
            passed[task] += sum(verdict.accepted for verdict in group)
            voted = [one for one in group if one.sample.input.strip() in solves]
            solved += len(voted)
            agreed[task] += sum(verdict.accepted for verdict in voted)
    if not total:
        return None
    confirmed = (agreed.total() + 1) / (solved + 1) if solved else 1.0
    accepted = {one: agreed[one] + (passed[one] - agreed[one]) * confirmed for one in total}
    found = {one: _interval(accepted[one], total[one]) for one in sorted(total)}
    return {**found, "": _interval(sum(accepted.values()), total.total())}


def _interval(accepted: float, total: int) -> Accepted:
    """By Laplace's rule, so that a few, all accepted, do not promise that all will be."""
    share = (accepted + 1) / (total + 2)
    low, high = wilson(min(total, round(accepted)), total)
    return Accepted(min(low, share), share, max(high, share))


def _skills(real: Exchanges, done: Done) -> float | None:
    """Of how many weaknesses a task's analyses may be drawn, by how often two are of one.

    Two draws from `Assumptions.skills` are equal with probability `SQUARES` / ln(skills + 1)^2.
    """
    pairs = same = 0.0
    for iteration, stages in done.items():
        genuine = {
            one.id
            for one in _records(Analysis, data(iteration, "analyses.jsonl"))
            if one.request_key in real or "analyze" in stages
        }
        lots: dict[tuple[str, str], list[int]] = {}
        for weakness in _records(Weakness, data(iteration, "weaknesses.jsonl")):
            count = sum(parent in genuine for parent in weakness.parents)
            lots.setdefault((weakness.task, weakness.strategy), []).append(count)
        for counts in lots.values():
            pairs += math.comb(sum(counts), 2)
            same += sum(math.comb(count, 2) for count in counts)
    if not pairs:
        return None
    assumed = statistics.fmean(
        SQUARES / math.log(one.skills + 1) ** 2 for one in (LOW, MIDDLE, HIGH)
    )
    return math.exp(math.sqrt(SQUARES * (pairs + PAIRS) / (same + PAIRS * assumed))) - 1


def _response(done: Done) -> int | None:
    lengths = [
        len(one.completion)
        for iteration, stages in done.items()
        if "eval" in stages
        for one in jsonl.read(Completion, data(iteration, "completions.jsonl"))
    ]
    return round(statistics.fmean(lengths)) if lengths else None


def _records(kind: type[R], path: Path) -> list[R]:
    """None where a probe left an iteration out."""
    return jsonl.read(kind, path) if path.exists() else []


def _by_request(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.sample.request_key, []).append(verdict)
    return found
