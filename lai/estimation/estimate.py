"""Calls, tokens and cost of a run, before it is paid for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from tqdm import tqdm

from lai.core.drawing import draw
from lai.core.errors import PipelineError
from lai.core.iterations import BASE, chain
from lai.core.jsonl import read
from lai.core.params import Params
from lai.core.params.prices import check_prices
from lai.core.params.runtime import PriceParams
from lai.core.records import Sample
from lai.core.stage import cache_path
from lai.core.strategies import STRATEGIES, planned
from lai.engines.open_instructor import open_instructor
from lai.estimation import past
from lai.estimation.assumptions import HIGH, LOW, MIDDLE, Assumptions, Observed, informed
from lai.estimation.engine import Rehearsal, Tally
from lai.estimation.figures import Estimate, Scenario
from lai.estimation.filler import Filler
from lai.estimation.probing import Asker, Shapes
from lai.estimation.rehearse import Production, reachable, stores, trainable
from lai.estimation.workspace import changed, done, splits_of

FREE = PriceParams(input=0, output=0)


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
        left = (one for one in reachable(params) if one != BASE)
        to_ask = next((one for one in left if "synthesize" not in there[one]), None)
        if probe and to_ask and "mine_errors" not in there[to_ask]:
            raise PipelineError(
                f"a probe asks about real errors, and those of {to_ask} are not there; run "
                f"`dvc repro mine_errors@{to_ask}`, which asks no instructor"
            )
        first = runs.run(MIDDLE)
        observed, asked = first.observed, 0
        if probe and to_ask and first.rehearsal.shapes:
            observed, asked = runs.probe(to_ask, first.rehearsal.shapes, probe)
        elif to_ask and observed.replies:
            # What an earlier probe asked for is more than what the run will ask in the same words.
            again = runs.run(MIDDLE, None, to_ask).observed
            observed = max(observed, again, key=lambda one: one.replies)
        low, middle, high = (
            informed(one, observed, way) for one, way in ((LOW, -1), (MIDDLE, 0), (HIGH, 1))
        )
        rehearsals = [
            runs.run(low).rehearsal,
            (first if middle == MIDDLE else runs.run(middle)).rehearsal,
            runs.run(high).rehearsal,
        ]
    plans = planned(params.strategy, params.iterations)
    to_run = [plans[one] for one in reachable(params)[1:] if "synthesize" not in there[one]]
    alike = {one: there[one] for one in there if all(plans[one] == other for other in to_run)}
    # Without the store (in a clone, say) the iterations before still tell what a call takes.
    before = {
        stage: mean
        for stage, mean in past.means(alike).items()
        if mean.replies > observed.stages.get(stage, 0)
    }
    taken = [past.applied(_paid(one, params), before) for one in rehearsals]
    return Estimate(
        scenarios={
            "low": _extreme(min, taken),
            "expected": taken[1],
            "high": _extreme(max, taken),
        },
        assumed=(low, high),
        known=[one for one in there if "mine_errors" in there[one]],
        observed=observed,
        before=before,
        pool=len(draw(runs.pool, params.eval.sample, "")),
        prices=_prices(params),
        probed=(asked, probe) if probe else None,
        untrained=not trainable(params),
        halved=params.instructor.mode == "batch" and bool(params.runtime.instructor.price),
        teaches=frozenset(STRATEGIES[name].teaches for weights in to_run for name in weights),
    )


def _extreme(pick: Callable[..., Any], scenarios: Sequence[Scenario]) -> Scenario:
    """The least or the most of each figure: fewer exercises accepted, say, are fewer solved."""
    return {
        place: Tally(
            *(
                pick(getattr(one.get(place, Tally()), field.name) for one in scenarios)
                for field in fields(Tally)
            )
        )
        for place in dict.fromkeys(place for one in scenarios for place in one)
    }


def _prices(params: Params) -> dict[str, PriceParams | None]:
    """By role; the builtin tutor and a judge in this process are paid by nobody."""
    runtime = params.runtime
    instructor = params.instructor.pays(runtime.instructor.price)
    judge = runtime.judge.price
    return {
        "instructor": FREE if params.instructor.engine == "builtin" else instructor,
        "judge": FREE if params.judge and params.judge.engine == "hf" else judge,
        "target": runtime.target.price,
    }


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

    def probe(self, iteration: str, shapes: Shapes, calls: int) -> tuple[Observed, int]:
        """Ask `calls` real calls of `iteration`, or as many as there are requests for.

        `shapes`: what the replies of each shape take. What one pass finds no request for is asked
        in the next, in which there are more real analyses and exercises.

        Raises: PipelineError when the replies of a stage are of no use.
        """
        live = self.params.instructor.model_copy(update={"mode": "live"})
        engine = open_instructor(live, self.params.runtime, cache_path().absolute())
        asked, freely = 0, False
        while True:
            asker = Asker.of(engine, shapes, calls - asked, freely)
            run = self.run(MIDDLE, asker, iteration)
            asked += asker.asked
            if asked == calls or (freely and not asker.asked):
                run.rehearsal.check(engine)
                return run.observed, asked
            freely = not asker.asked


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
