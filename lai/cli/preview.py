"""`lai preview`: a few errors' whole way to their exercises, on the terminal."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lai.core import params
from lai.core.errors import PipelineError
from lai.core.iterations import chain
from lai.core.params.runtime import EndpointParams, in_words
from lai.core.prompts import options
from lai.core.records import Verdict
from lai.core.strategies import STRATEGIES, from_errors, label, planned
from lai.core.text import counted
from lai.estimation.probing import SOLUTION, shape_of

if TYPE_CHECKING:
    from lai.preview import Preview, Way

HELP = """\
Really asks the instructor about a few errors of the first iteration, as the run will, and prints
prompts, replies, verdicts and the price; the run finds the replies. First:
`dvc repro mine_errors@iter1`, which asks no instructor.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "preview", help="a few errors' way to exercises, before the run", description=HELP
    )
    parser.add_argument("--errors", type=int, default=5, help="how many (default: 5)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Ask, and print prompts, replies, verdicts and the price."""
    if arguments.errors < 1:
        raise PipelineError(f"--errors {arguments.errors}: give how many to look at, such as 5")
    from lai.preview import preview  # scikit-learn takes a second to import

    given = params.load()
    found = preview(given, arguments.errors)
    pages = _Pages(found, {role: getattr(given.runtime, role) for role in found.engines})
    for number, way in enumerate(found.ways, 1):
        _title(f"{number} of {len(found.ways)}: {way.seed.task}, {way.seed.strategy}")
        pages.way(way)
    pages.rest()
    verdicts = [one for way in found.ways for one in way.verdicts]
    accepted = sum(one.accepted for one in verdicts)
    _title("all together")
    weights = planned(given.strategy, given.iterations)[chain(given.iterations)[1]]
    if any(STRATEGIES[name].teaches == "exercises" for name in weights):
        what = "error" if from_errors(weights) else "question"
        seeds = counted(len(found.ways), what)
        print(f"{seeds} -> {counted(len(verdicts), 'exercise')}, {accepted} accepted")
    else:
        print(f"strategy {label(weights)} has no error explained and no exercise written")
    for failure in found.failures:
        print(f"{failure.step}: a reply could not be used: {failure.reason}")
    for role, engine in found.engines.items():
        print(f"{role}: {engine.summary()}")


class _Pages:
    """Prints each exchange once. `endpoints`: with the price, by role."""

    def __init__(self, found: Preview, endpoints: Mapping[str, EndpointParams]) -> None:
        self._left = dict(found.exchanges)
        self._analyzing = found.analyzing
        self._exercises = any(way.verdicts for way in found.ways)
        self._endpoints = endpoints

    def way(self, way: Way) -> None:
        """From the error to its exercises."""
        _block("question", _question(way.sample.input, way.sample.choices))
        if way.response:
            _block("the target's response", way.response)
        _block("reference", way.sample.reference)
        if way.analysis is None:
            print("\nNo analysis: its reply could not be used, or its reference is in doubt.")
            return
        self._exchange(way.analysis.request_key, "analysis")
        for key in dict.fromkeys(one.sample.request_key for one in way.verdicts):
            self._exchange(key, "exercises")
        if way.without:
            print(f"\nNo exercises: {way.without}.")
        for verdict in way.verdicts:
            _block(
                "accepted" if verdict.accepted else "rejected",
                "\n".join(
                    [
                        _question(verdict.sample.input, verdict.sample.choices),
                        f"answer: {verdict.sample.reference}",
                        f"solution: {verdict.sample.solution}",
                        *_checks(verdict),
                    ]
                ),
            )

    def rest(self) -> None:
        """What was asked besides: solves, the judge's verdicts, replies that did not fit."""
        if self._left:
            _title("asked besides")
        for key, asked in list(self._left.items()):
            what = asked.role
            if shape_of(asked.request) == SOLUTION:
                what = f"{self._solved(key)}, solved without its answer"
            self._exchange(key, what)

    def _solved(self, key: str) -> str:
        if key in self._analyzing:
            return "check of a reference"
        return "check of an exercise" if self._exercises else "a pool question"

    def _exchange(self, key: str, what: str) -> None:
        if key not in self._left:
            return
        asked = self._left.pop(key)
        usage, price = asked.reply.usage, self._endpoints[asked.role].price
        cost = (
            f", {in_words(price.of(usage.prompt_tokens, usage.completion_tokens))}" if price else ""
        )
        for message in asked.request.messages:
            _block(f"{what}: {message['role']}", message["content"])
        tokens = f"{usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens{cost}"
        told = tokens if usage.total else "tokens not told"
        _block(f"{what}: reply ({told})", asked.reply.text)


def _question(text: str, choices: list[str]) -> str:
    return f"{text}\n{options(choices)}" if choices else text


def _checks(verdict: Verdict) -> list[str]:
    return [
        f"  {'passed' if check.passed else 'FAILED'} {check.name}"
        f"{f': {check.detail}' if check.detail else ''}"
        for check in verdict.checks
    ]


def _title(text: str) -> None:
    print(f"\n{'=' * 8} {text} {'=' * 8}")


def _block(name: str, text: str) -> None:
    print(f"\n--- {name}\n{text}")
