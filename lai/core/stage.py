"""What every stage script shares: its arguments, its params, its one summary line, clean exits."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lai.core import jsonl, measured, reviewing
from lai.core.errors import exits_cleanly
from lai.core.params import View, root, view
from lai.core.records import Sample, Shelf
from lai.core.reviewing import Decision, Decisions, Suspect
from lai.core.strategies import Weights

Main = Callable[[View, str, str], str]


@exits_cleanly
def run(main: Main, name: str, *sections: str) -> None:
    """Run `main(params, iteration, previous)` and print the summary that it returns, in a line.

    `previous` is the last iteration that passed the gate, where it reverts those that do not; or
    the one before, passed or not, if a stage is started with that.
    """
    parser = argparse.ArgumentParser(prog=f"python -m stages.{name}", description=main.__doc__)
    parser.add_argument("--iteration", help="this iteration, such as iter1")
    parser.add_argument("--previous", help="the iteration before, such as iter0")
    parser.add_argument("--before", help="the iteration before, whether or not it was taken back")
    arguments = parser.parse_args()
    iteration = arguments.iteration
    started = time.monotonic()
    previous = arguments.before or "iter0"
    if arguments.previous:
        previous = gate_of(arguments.previous)["good"]
    summary = main(view(*sections), iteration or "iter0", previous)
    seconds = time.monotonic() - started
    measured.note(name, iteration or "", seconds, summary)
    print(f"{name}{f' {iteration}' if iteration else ''}: {summary}, {seconds:.1f} s", flush=True)


def cache_path() -> Path:
    """The store of replies, outside every output, so that no rerun pays twice."""
    return root() / ".cache" / "responses.sqlite"


def ledger_path() -> Path:
    """Where is written down what was spent."""
    return cache_path().with_name("ledger.sqlite")


def verdicts_path() -> Path:
    """Where verdicts on generated programs are kept."""
    return cache_path().with_name("verdicts.sqlite")


def data(iteration: str, name: str) -> Path:
    """The file `name` among the records of `iteration`."""
    return Path("data") / iteration / name


def plan(iteration: str) -> Weights:
    """The strategies of `iteration` with their shares, as `plan` wrote them."""
    weights: Weights = jsonl.read_json(data(iteration, "strategy.json"))
    return weights


def decisions(iteration: str) -> Decisions:
    """What people said of the samples of `iteration`, as `plan` wrote it."""
    return Decisions(jsonl.read(Decision, data(iteration, "decisions.jsonl")))


def set_aside(iteration: str) -> list[Suspect]:
    """What was found doubtful in `iteration` and in all before it, taken back or not."""
    return reviewing.set_aside(Path("data", iteration))


def doubtful(iteration: str) -> set[str]:
    """The samples that no later iteration learns from: set aside, or called wrong by a person.

    `iteration`: as for `set_aside`. Its decisions are also those on the iterations before it.
    """
    said = jsonl.read(Decision, data(iteration, "decisions.jsonl"))
    called = {one.sample for one in said if one.word == "wrong"}
    return called | {one.sample for one in set_aside(iteration)}


def first_gate(model: str) -> dict[str, Any]:
    """The gate of iter0, which nothing came before and everything may start from."""
    return {"passed": True, "good": "iter0", "state": model, "compared_with": "", "checks": []}


def gate_of(iteration: str) -> dict[str, Any]:
    """What `lai.evaluation.gate` said of `iteration`; the next one starts from its `good`."""
    found: dict[str, Any] = jsonl.read_json(data(iteration, "gate.json"))
    return found


def split(name: Shelf) -> list[Sample]:
    """The samples of a split, or those that were not drawn, as `prepare` wrote them."""
    return jsonl.read(Sample, f"data/splits/{name}.jsonl")


def held_out() -> list[Sample]:
    """What must not be taught: dev and test, and the rows of test sources that were not drawn."""
    return [*split("dev"), *split("test"), *split("undrawn")]
