"""`lai compare`: runs strategies over seeds as DVC experiments, and says which was better."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import yaml

from lai.cli import stash
from lai.cli.experiments import Collection, Experiment, listed, remove
from lai.cli.inputs import fingerprint
from lai.core import jsonl, params, strategies
from lai.core.errors import PipelineError
from lai.core.iterations import BASE, path
from lai.core.params.schema import LAST_SEED
from lai.report import comparison

DEFAULT = ("vanilla", "finetune", "augment", "active", "le", "lec", "le+lec")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("compare", help="run strategies over seeds, and compare them")
    parser.add_argument(
        "--strategies",
        nargs="+",
        default=DEFAULT,
        metavar="NAME",
        help=f"of vanilla, {', '.join(strategies.STRATEGIES)}; le+lec is a mixture of equal "
        f"weights, le>lec one after the other (default: {' '.join(DEFAULT)})",
    )
    parser.add_argument("--seeds", nargs="+", type=int, help="default: the seed of params.yaml")
    parser.add_argument(
        "--again",
        action="store_true",
        help="run again what has run, but whose records are gone for good (`dvc gc`)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run what has not run, write metrics/comparison.json and .md, and print the table.

    Raises: PipelineError when a run fails; those before it are kept, and not run again.
    """
    stash.check()
    given = params.load()
    seeds = list(dict.fromkeys(arguments.seeds or [given.seed]))
    order = list(dict.fromkeys(arguments.strategies))
    wrong = [seed for seed in seeds if not 0 <= seed <= LAST_SEED]
    if wrong:
        raise PipelineError(f"--seeds {wrong[0]}: a seed is a number from 0 to {LAST_SEED}")
    wanted = [name for name in order if name != comparison.VANILLA]
    if not wanted:
        raise PipelineError("--strategies names nothing that is taught; add le, for instance")
    values = {name: value(name, given.iterations) for name in wanted}
    _distinct(values, given.iterations)
    state = fingerprint(given)
    todo = [
        Experiment(_named(name, seed, state), name, seed, values[name])
        for seed in seeds
        for name in wanted
    ]
    told = {
        one: f"[{number}/{len(todo)}] {one.strategy}, seed {one.seed}"
        for number, one in enumerate(todo, 1)
    }
    found, there, left = Collection(), listed(), []
    # Before the first run, which may take hours: are the records of what has run all here?
    for experiment in todo:
        if experiment.name in there and _read(experiment, found, arguments.again):
            print(f"{told[experiment]}: has run", flush=True)
        else:
            left.append(experiment)
    for experiment in left:
        print(told[experiment], flush=True)
        if fingerprint(params.load()) != state:
            raise PipelineError(
                "params, code or data have changed since the comparison began; what has run is "
                "kept under the settings it ran with, start the comparison again for these"
            )
        _run(experiment)
        found.add(experiment)
    runs, tests, tasks = found.runs, found.tests, found.tasks
    if comparison.VANILLA not in order:
        runs = [one for one in runs if one.strategy != comparison.VANILLA]
    runs.sort(key=lambda one: (order.index(one.strategy), one.seed))
    compared = comparison.compare(runs, tests, tasks)
    text = comparison.markdown(compared, tasks)
    jsonl.write_json("metrics/comparison.json", compared)
    with jsonl.replacing("metrics/comparison.md") as file:
        file.write(text.encode())
    print(f"\n{text}\nWritten to metrics/comparison.json and metrics/comparison.md")


def value(name: str, iterations: Mapping[str, str]) -> str:
    """A strategy's name as `dvc exp run -S strategy=...` takes it.

    `le>lec` is cut along the way to the last iteration: that one's model is compared.

    Raises: PipelineError for a strategy that does not exist, or more of them than iterations.
    """
    parts = [part.split("+") for part in name.split(">")]
    twice = next((one for part in parts for one in part if part.count(one) > 1), None)
    if twice:
        raise PipelineError(
            f"--strategies {name} names {twice} twice; a mixture here has equal weights, others "
            "are for `strategy` in params.yaml and `dvc exp run`"
        )
    order = path(iterations)[1:]
    if len(parts) > len(order):
        raise PipelineError(f"{name} names {len(parts)} iterations; there are {len(order)}")
    weights = [
        part[0] if len(part) == 1 else {one: round(1 / len(part), 6) for one in part}
        for part in parts
    ]
    whole: Any = weights[0]
    if len(weights) > 1:
        # A branch from the base model has nothing before it to take after.
        starts = [one for one, before in iterations.items() if before == BASE]
        whole = dict.fromkeys(starts, whole) | dict(zip(order, weights, strict=False))
    try:
        strategies.check(whole)
    except ValueError as error:
        raise PipelineError(f"--strategies {name}: {error}") from None
    return yaml.safe_dump(whole, default_flow_style=True).removesuffix("...\n").strip()


def _distinct(values: Mapping[str, str], iterations: Mapping[str, str]) -> None:
    """Raises: PipelineError where two names mean the same run, such as le and le>le."""
    plans: list[tuple[str, dict[str, strategies.Weights]]] = []
    for name, value in values.items():
        plan = strategies.planned(yaml.safe_load(value), iterations)
        alike = next((other for other, its in plans if its == plan), None)
        if alike is not None:
            raise PipelineError(f"--strategies {alike} and {name} are one and the same; drop one")
        plans.append((name, plan))


def _named(strategy: str, seed: int, state: str) -> str:
    plain = strategy.replace("+", "-").replace(">", "-then-")
    return f"compare-{plain}-s{seed}-{state}"


def _read(experiment: Experiment, found: Collection, again: bool) -> bool:
    """Add a finished experiment. Of lost records: remove it, if it is to run `again`, or say so."""
    try:
        found.add(experiment)
    except PipelineError as error:
        if again:
            remove(experiment)
            return False
        raise PipelineError(
            f"{experiment.name} has run, but its records are not here: {error} Bring back DVC's "
            "cache, or name the remote that has them (`dvc remote add --default`); if they are "
            "gone for good, `lai compare --again` with the same arguments removes the experiment "
            "and runs it again"
        ) from None
    return True


def _run(experiment: Experiment) -> None:
    with stash.guarded():
        done = subprocess.run([sys.executable, "-m", "dvc", *experiment.command])
    if done.returncode:
        raise PipelineError(
            f"{experiment.strategy} with seed {experiment.seed} failed, see above; run the "
            "comparison again: what is finished is kept"
        )
