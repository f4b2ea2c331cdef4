"""Calls, tokens and cost of a run, before it is paid for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from lai.core.errors import PipelineError
from lai.core.iterations import BASE, chain
from lai.core.jsonl import read
from lai.core.params import Params
from lai.core.params.prices import check_prices
from lai.core.params.runtime import PriceParams
from lai.core.records import Sample
from lai.core.stage import cache_path
from lai.core.strategies import shares
from lai.engines.open_instructor import open_instructor
from lai.estimation import past
from lai.estimation.assumptions import HIGH, LOW, MIDDLE, Assumptions, Observed, informed
from lai.estimation.engine import Asker, Place, Rehearsal, Tally
from lai.estimation.filler import Filler
from lai.estimation.rehearse import Production, stores
from lai.estimation.workspace import changed, done, splits_of

Scenario = Mapping[Place, Tally]


@dataclass(frozen=True)
class Estimate:
    """What will be asked and paid; `scenarios`: `low`, `expected` and `high`.

    `known`: the iterations whose errors are the real ones. `observed`: what real replies in the
    store were like; `as_before`: whether calls are taken to be as those of earlier iterations.
    `pool`: how many questions there are.
    """

    scenarios: Mapping[str, Scenario]
    assumed: tuple[Assumptions, Assumptions]
    known: list[str]
    observed: Observed
    as_before: bool
    pool: int
    prices: Mapping[str, PriceParams | None]

    def cost(self, place: Place, tally: Tally) -> float | None:
        """What it costs, if there is a price for the role."""
        price = self.prices.get(place[2])
        if price is None:
            return None
        return price.of(round(tally.prompt_tokens), round(tally.completion_tokens))

    def total(self, name: str) -> tuple[Tally, float | None]:
        """All of a scenario; the cost is of the roles with a price, None where none has."""
        scenario = self.scenarios[name]
        costs = [self.cost(place, tally) for place, tally in scenario.items()]
        known = [cost for cost in costs if cost is not None]
        tally = sum(scenario.values(), start=Tally())
        return tally, sum(known) if known else None

    def exceeded(self, caps: Mapping[str, float | None]) -> list[str]:
        """The caps on `cost`, `calls` and `tokens` that the run may pass, by the high figure.

        `caps`: what is left of each.
        """
        tally, cost = self.total("high")
        tokens = tally.prompt_tokens + tally.completion_tokens
        taken = {"calls": tally.calls, "tokens": tokens, "cost": cost or 0.0}
        return [name for name, cap in caps.items() if cap is not None and taken[name] > cap]


def estimate(params: Params, probe: int = 0) -> Estimate:
    """Rehearse the run; with `probe`, after so many real calls of its first iteration.

    Raises: PipelineError for what a run would stumble over in params and data, or when the
    instructor cannot be reached in a probe.
    """
    if probe:
        check_prices(params)
    with tqdm(total=4 + bool(probe), desc="rehearsing", leave=False, disable=None) as bar:
        runs = _Runs.of(params, bar)
        there = runs.production.done
        to_ask = next((one for one in there if "synthesize" not in there[one]), None)
        if probe and to_ask and "mine_errors" not in there[to_ask]:
            raise PipelineError(
                f"a probe asks about real errors, and those of {to_ask} are not there; run "
                f"`dvc repro mine_errors@{to_ask}`, which asks no instructor"
            )
        first = runs.run(MIDDLE)
        observed = first.observed
        if probe and to_ask and first.rehearsal.shapes:
            observed = runs.probe(to_ask, first.rehearsal.shapes, probe)
        low, middle, high = (
            informed(one, observed, way) for one, way in ((LOW, -1), (MIDDLE, 0), (HIGH, 1))
        )
        rehearsals = {
            "low": runs.run(low).rehearsal,
            "expected": (first if middle == MIDDLE else runs.run(middle)).rehearsal,
            "high": runs.run(high).rehearsal,
        }
    # Without the store (in a clone, say) the iterations before still tell what a call takes.
    known = {} if observed.replies else past.means(there)
    return Estimate(
        scenarios={
            name: past.applied(_paid(one, params), known) for name, one in rehearsals.items()
        },
        assumed=(low, high),
        known=[one for one in there if "mine_errors" in there[one]],
        observed=observed,
        as_before=bool(known),
        pool=len(runs.pool),
        prices={
            "instructor": params.instructor.pays(params.runtime.instructor.price),
            "judge": params.runtime.judge.price,
            "target": params.runtime.target.price,
        },
    )


@dataclass(frozen=True)
class _Run:
    rehearsal: Rehearsal
    observed: Observed


@dataclass(frozen=True)
class _Runs:
    """Rehearsals of one run under several assumptions."""

    params: Params
    production: Production
    pool: list[Sample]
    bar: Any

    @classmethod
    def of(cls, params: Params, bar: Any) -> _Runs:
        """By the state of the repository. Raises: PipelineError, see `estimate`."""
        stale = changed()
        there = done(params.iterations, stale)
        splits = splits_of(params, stale)
        pool = read(Sample, "data/splits/pool.jsonl") if splits is None else splits.pool
        paid = params.target.engine == "openai" or any(
            task.scorer == "judge" for task in params.tasks.values()
        )
        measured = {
            one
            for one in chain(params.iterations)
            if not paid or (_measuring(one) not in stale and _is_whole(one, there))
        }
        return cls(params, Production(params, splits, there, frozenset(measured)), pool, bar)

    def run(
        self, assumed: Assumptions, asker: Asker | None = None, only: str | None = None
    ) -> _Run:
        """One rehearsal, see `Production.rehearse`."""
        filler = Filler(self.pool, assumed, self.params.synthesize.samples_per_request)
        rehearsal = Rehearsal(filler, stores(self.params), asker)
        found = _Run(rehearsal, self.production.rehearse(rehearsal, only))
        self.bar.update()
        return found

    def probe(self, iteration: str, shapes: Mapping[str, int], calls: int) -> Observed:
        """Ask `calls` real calls of `iteration`. `shapes`: what each shape of reply takes."""
        cache = cache_path().absolute()
        live = self.params.instructor.model_copy(update={"mode": "live"})
        engine = open_instructor(live, self.params.runtime, cache)
        return self.run(MIDDLE, Asker(engine, Counter(_quotas(shapes, calls))), iteration).observed


def _measuring(iteration: str) -> str:
    return "reeval_base" if iteration == BASE else f"reeval@{iteration}"


def _is_whole(iteration: str, there: Mapping[str, list[str]]) -> bool:
    return iteration == BASE or "synthesize" in there[iteration]


def _paid(rehearsal: Rehearsal, params: Params) -> Scenario:
    """What costs calls: not the target's answers in this process."""
    free = params.target.engine != "openai"
    return {
        place: tally
        for place, tally in rehearsal.tallies.items()
        if (tally.calls or tally.held) and not (free and place[2] == "target")
    }


def _quotas(shapes: Mapping[str, int], probe: int) -> dict[str, int]:
    """`probe` calls, by the root of the tokens that replies of each shape take in all.

    (Neyman's allocation, where every shape's lengths vary alike, is by the tokens themselves; the
    root leaves some for the small ones.)
    """
    roots = {name: math.sqrt(shapes[name]) for name in sorted(shapes)}
    total = sum(roots.values())
    return shares({name: root / total for name, root in roots.items()}, probe)
