"""The whole way from a few errors to their exercises, before the full run is paid for."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from lai.asking.judging import open_judge
from lai.core import jsonl
from lai.core.drawing import grouped
from lai.core.errors import PipelineError
from lai.core.iterations import chain
from lai.core.params import Params
from lai.core.params.prices import check_prices
from lai.core.records import (
    Analysis,
    Completion,
    Failure,
    Sample,
    Seed,
    TrainRow,
    Verdict,
    Weakness,
)
from lai.core.reviewing import Suspect, learned_from
from lai.core.stage import cache_path, data, split
from lai.engines import stand_in
from lai.engines.base import Reply, Request
from lai.engines.open_instructor import open_instructor
from lai.engines.open_target import open_target
from lai.engines.store.cache import Cached
from lai.estimation.rehearse import WORK, everything, focused
from lai.estimation.workspace import changed, done, workspace


class Exchanged(NamedTuple):
    """Who was asked, `instructor`, `judge` or `target`, what, and what came back."""

    role: str
    request: Request
    reply: Reply


ELSEWHERE = "the budget of this weakness went to another of its errors"
NONE_LEFT = "the budget gives none to this weakness"
Exchanges = dict[str, Exchanged]
"""By the key of the request."""


@dataclass(frozen=True)
class Recorder:
    """An engine that passes requests on and writes down what comes back."""

    role: str
    engine: Cached
    exchanges: Exchanges
    proven: set[object] = field(default_factory=set)
    commit_every = 1

    def held(self, requests: Sequence[Request]) -> dict[str, Reply] | None:
        """As the engine behind."""
        return self.engine.held(requests)

    def forget(self, keys: Sequence[str]) -> None:
        """As the engine behind."""
        self.engine.forget(keys)

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """As the engine behind."""
        asked = {request.key: request for request in requests}
        for reply in self.engine.generate(requests):
            key = reply.request_key
            self.exchanges[key] = Exchanged(self.role, asked[key], reply)
            yield reply


@dataclass(frozen=True)
class Way:
    """From one seed to its exercises. `analysis` is None where no reply could be used.

    `without`: why there are no exercises; empty where there are some, or no analysis.
    """

    seed: Seed
    sample: Sample
    response: str
    analysis: Analysis | None
    verdicts: list[Verdict]
    without: str = ""


@dataclass(frozen=True)
class Direct:
    """What became of pool questions that are taught themselves.

    `solutions`: the verdicts on the instructor's own. `references`: how many were to be taught as
    they are; `contradicted`: those of them that are not, each with its question.
    """

    solutions: list[Verdict]
    references: int
    contradicted: list[tuple[Sample, Suspect]]


@dataclass(frozen=True)
class Preview:
    """All ways, the exchanges behind them, replies that could not be used, and who was asked.

    `analyzing`: the keys of what was asked before there were exercises.
    """

    ways: list[Way]
    direct: Direct
    exchanges: Exchanges
    failures: list[Failure]
    engines: Mapping[str, Cached]
    analyzing: Collection[str]


def preview(params: Params, errors: int) -> Preview:
    """Analyse `errors` errors of the first iteration and ask for exercises, as the run will.

    The replies are kept in the user's store, where the run finds what it asks for, too. No output
    of a stage is written.

    Raises: PipelineError when the errors are not there, or from the instructor.
    """
    check_prices(params)
    iteration = chain(params.iterations)[1]
    there = {iteration: done(params.iterations, changed())[iteration]}
    if "mine_errors" not in there[iteration]:
        raise PipelineError(
            f"the errors of {iteration} are not there, or of other params, code or data; run "
            f"`dvc repro mine_errors@{iteration}`, which asks no instructor"
        )
    cache = cache_path().absolute()
    # A batch would take hours.
    live = params.instructor.model_copy(update={"mode": "live"})
    engines: dict[str, Cached] = {"instructor": open_instructor(live, params.runtime, cache)}
    judge = open_judge(params.judge, params.runtime, cache)
    if judge is not None:
        engines["judge"] = judge.engine
    if params.target.engine == "openai":
        folder = Path("models") / params.iterations[iteration]
        engines["target"] = open_target(folder, params.target, params.runtime, cache)
    exchanges: Exchanges = {}

    def stood_in(role: str) -> Recorder | None:
        return Recorder(role, engines[role], exchanges) if role in engines else None

    view, previous = everything(params), params.iterations[iteration]
    there[iteration] = [one for one in there[iteration] if one not in ("analyze", "synthesize")]
    with workspace(None, there), stand_in.everywhere(stood_in):
        for name in ("plan", "contrast_pairs"):
            if name not in there[iteration]:
                WORK[name](view, iteration, previous)
        seeds = _chosen(jsonl.read(Seed, data(iteration, "seeds.jsonl")), errors)
        jsonl.write(data(iteration, "seeds.jsonl"), seeds)
        WORK["analyze"](view, iteration, previous)
        analyzing = set(exchanges)
        few = focused(params, iteration, exchanges)
        if not jsonl.read(Analysis, data(iteration, "analyses.jsonl")):
            few = _smaller(few, errors)
        WORK["synthesize"](everything(few), iteration, previous)
        failures = [
            failure
            for name in ("analysis_failures", "synthesis_failures")
            for failure in jsonl.read(Failure, data(iteration, f"{name}.jsonl"))
        ]
        ways, direct = _ways(iteration, seeds, failures), _direct(iteration)
        return Preview(ways, direct, exchanges, failures, engines, analyzing)


def _smaller(params: Params, budget: int) -> Params:
    """For what is taught without analyses: so many pool questions a task."""
    synthesize = params.synthesize.model_copy(update={"budget": budget})
    return params.model_copy(update={"synthesize": synthesize})


def _chosen(seeds: Sequence[Seed], count: int) -> list[Seed]:
    """The first of each task in turn."""
    in_turn = itertools.zip_longest(*grouped(seeds).values())
    return [seed for turn in in_turn for seed in turn if seed is not None][:count]


def _ways(iteration: str, seeds: Sequence[Seed], failures: Sequence[Failure]) -> list[Way]:
    samples = jsonl.index(split("pool"))
    completions = jsonl.index(jsonl.read(Completion, data(iteration, "completions.jsonl")))
    analyses = {one.seed: one for one in jsonl.read(Analysis, data(iteration, "analyses.jsonl"))}
    verdicts: dict[str, list[Verdict]] = {}
    for one in _verdicts(iteration):
        verdicts.setdefault(one.sample.parents[0], []).append(one)
    failed = {parent: one.reason for one in failures for parent in one.parents}
    weaknesses = jsonl.read(Weakness, data(iteration, "weaknesses.jsonl"))
    of_weakness = {parent: one.parents for one in weaknesses for parent in one.parents}
    left = jsonl.index(learned_from(data(iteration, ""))[0])
    ways = []
    for seed in (left.get(one.id, one) for one in seeds):
        analysis = analyses.get(seed.id)
        response = completions[seed.completion].completion if seed.completion else ""
        found = verdicts.get(analysis.id, []) if analysis else []
        without = ""
        if analysis and not found:
            asked = any(one in verdicts or one in failed for one in of_weakness[analysis.id])
            without = ELSEWHERE if asked else NONE_LEFT
            if analysis.id in failed:
                without = f"the reply could not be used: {failed[analysis.id]}"
        ways.append(Way(seed, samples[seed.sample], response, analysis, found, without))
    return ways


def _direct(iteration: str) -> Direct:
    samples = jsonl.index(split("pool"))
    solutions = [one for one in _verdicts(iteration) if one.sample.parents[0] in samples]
    rows = jsonl.read(TrainRow, data(iteration, "train.jsonl"))
    # What else is taught comes from a verdict or a completion, too.
    taught = [one for one in rows if one.iteration == iteration and one.parents[0] in samples]
    suspects = jsonl.read(Suspect, data(iteration, "gold_suspects.jsonl"))
    contradicted = [(samples[one.sample], one) for one in suspects]
    return Direct(solutions, len(taught) + len(suspects), contradicted)


def _verdicts(iteration: str) -> list[Verdict]:
    return [
        one
        for name in ("verdicts", "rejected")
        for one in jsonl.read(Verdict, data(iteration, f"{name}.jsonl"))
    ]
