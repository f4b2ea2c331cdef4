"""The stages of all iterations, run in a workspace with engines that are not paid."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from pathlib import Path

from lai import evaluation
from lai.asking.judging import grade, open_judge
from lai.core import jsonl
from lai.core.drawing import draw
from lai.core.iterations import BASE, chain
from lai.core.params import Params, View
from lai.core.records import Analysis, Completion, Error, Sample, Score, Seed
from lai.core.stage import cache_path, data, split
from lai.core.strategies import planned
from lai.engines import stand_in
from lai.engines.target import Target
from lai.estimation.assumptions import Observed
from lai.estimation.engine import Rehearsal
from lai.estimation.observing import observe
from lai.estimation.workspace import STAGES, Done, workspace
from lai.instruction import weaknesses
from lai.tasks import kept
from lai.tasks.loading import Splits
from stages import analyze, contrast_pairs, mine_errors, plan, synthesize

Stage = Callable[[View, str, str], str]
WORK: dict[str, Stage] = {
    "plan": plan.main,
    "mine_errors": mine_errors.main,
    "contrast_pairs": contrast_pairs.main,
    "analyze": analyze.main,
    "synthesize": synthesize.main,
}


@dataclass(frozen=True)
class Production:
    """What is rehearsed: params, the splits where they are not on disk, and what need not run.

    `measured`: the iterations whose dev and test answers need not be asked for again.
    """

    params: Params
    splits: Splits | None
    done: Done
    measured: frozenset[str]

    def rehearse(self, rehearsal: Rehearsal, only: str | None = None) -> Observed:
        """Run the stages; returns what real replies were like.

        `only`: a single iteration, for a probe: exercises are then asked for of those analyses
        alone that are real, a request a weakness.
        """
        params = light(self.params)
        shown = everything(params)
        assumed = rehearsal.filler.assumed
        rate: dict[str, float] = {}
        with workspace(self.splits, self.done), stand_in.everywhere(rehearsal.open):
            for iteration in reachable(params):
                if iteration == BASE or trainable(params):
                    self._measure(iteration, params, rehearsal)
                if iteration == BASE or only not in (None, iteration):
                    continue
                previous = params.iterations[iteration]
                rate[iteration] = rate.get(previous, assumed.error_rate / assumed.later)
                rate[iteration] *= assumed.later
                for name in (one for one in STAGES[:-1] if one not in self.done[iteration]):
                    rehearsal.at = iteration, name
                    if name == "eval":
                        _eval(params, iteration, rehearsal, rate[iteration])
                    else:
                        WORK[name](shown, iteration, previous)
                found = len(jsonl.read(Error, data(iteration, "errors.jsonl")))
                asked = len(jsonl.read(Completion, data(iteration, "completions.jsonl")))
                rate[iteration] = found / max(1, asked)
                if only:
                    shown = everything(focused(params, iteration, rehearsal.real))
                if "synthesize" not in self.done[iteration]:
                    rehearsal.at = iteration, "synthesize"
                    WORK["synthesize"](shown, iteration, previous)
            heard = {stage: len(keys) for stage, keys in rehearsal.heard.items()}
            return replace(
                observe(rehearsal.real, self.done, params),
                stages=heard,
                unusable=rehearsal.unusable(),
            )

    def _measure(self, iteration: str, params: Params, rehearsal: Rehearsal) -> None:
        """The answers to dev and test, where they or their verdicts are paid for."""
        if iteration not in self.measured:
            rehearsal.at = iteration, "reeval"
            _answers(params, [*split("dev"), *split("test")], rehearsal)


def trainable(params: Params) -> bool:
    """Whether there are weights to be trained: not behind a server, nor in logs."""
    return params.target.engine == "hf"


def reachable(params: Params) -> list[str]:
    """The iterations that can run as far as synthesis: others follow one that cannot be trained."""
    ordered = chain(params.iterations)
    follows = params.iterations
    return [one for one in ordered if trainable(params) or follows.get(one, BASE) == BASE]


def everything(params: Params) -> View:
    """All sections: a stage takes those that it declares."""
    return View(params, tuple(Params.model_fields))


def light(params: Params) -> Params:
    """The same without what needs the target: other neighbours and questions, of like lengths."""
    plans = planned(params.strategy, params.iterations)
    strategy = {
        iteration: {
            name: share
            for name, share in (
                *((one, weights[one]) for one in weights if one not in ("active", "augment")),
                ("augment", weights.get("active", 0.0) + weights.get("augment", 0.0)),
            )
            if share
        }
        for iteration, weights in plans.items()
    }
    near = params.contrast_pairs.model_copy(update={"embedder": "tfidf", "model": None})
    # What a rehearsal writes is no measure of the instructor.
    written = params.synthesize.model_copy(update={"min_yield": 0.0})
    return params.model_copy(
        update={"contrast_pairs": near, "strategy": strategy, "synthesize": written}
    )


def _eval(params: Params, iteration: str, rehearsal: Rehearsal, rate: float) -> None:
    """Made-up answers to the pool, of which a share of `rate` is wrong."""
    pool = draw(split("pool"), params.eval.sample, f"{params.seed} {iteration}")
    completions = _answers(params, pool, rehearsal)
    dice = random.Random(f"{params.seed} {iteration}")
    scores = [
        Score(
            parents=[one.id],
            sample=one.sample,
            scorer="rehearsed",
            value="I" if dice.random() < rate else "C",
        )
        for one in completions
    ]
    jsonl.write(data(iteration, "completions.jsonl"), completions)
    jsonl.write(data(iteration, "scores.jsonl"), scores)


def _answers(params: Params, samples: list[Sample], rehearsal: Rehearsal) -> list[Completion]:
    tasks = kept.read()
    model = Target(
        iteration=rehearsal.at[0], base=params.target.model, base_fingerprint=rehearsal.at[0]
    )
    completions = evaluation.answer(samples, rehearsal.open("target"), model, params.target, tasks)
    asked = {sample.id: sample for sample in samples}
    judge = open_judge(params.judge, params.runtime, cache_path())
    items = [
        (asked[one.sample], one.completion, tasks[asked[one.sample].task]) for one in completions
    ]
    grade(judge, [item for item in items if item[2].scorer == "judge"])
    return completions


def focused(params: Params, iteration: str, genuine: Container[str]) -> Params:
    """Leave of the analyses those of `genuine` requests, and ask once for exercises of each.

    Without any the budget stays, which is for what is taught without analyses.
    """
    analyses = [
        one
        for one in jsonl.read(Analysis, data(iteration, "analyses.jsonl"))
        if one.request_key in genuine
    ]
    seeds = jsonl.read(Seed, data(iteration, "seeds.jsonl"))
    found = weaknesses.find(analyses, seeds, params.analyze.skill_distance)
    jsonl.write(data(iteration, "analyses.jsonl"), analyses)
    jsonl.write(data(iteration, "weaknesses.jsonl"), found)
    size, budget = params.synthesize.samples_per_request, params.synthesize.budget
    if analyses:
        budget = min(budget, size * max(Counter(one.task for one in analyses).values()))
    asked = {"budget": budget, "max_samples_per_skill": size, "max_rounds": 1}
    return params.model_copy(update={"synthesize": params.synthesize.model_copy(update=asked)})


def stores(params: Params) -> dict[str, Path]:
    """The user's stores, by role: replies in them are paid for."""
    from lai.engines.open_instructor import store_path

    cache = cache_path().absolute()
    return {
        "instructor": store_path(params.instructor, cache),
        "judge": cache,
        **({"target": cache} if params.target.engine == "openai" else {}),
    }
