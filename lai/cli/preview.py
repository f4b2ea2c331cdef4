"""`lai preview`: a few errors' whole way to their exercises, on the terminal."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
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

CHECKED = {"exercises": "an exercise", "gold": "a reference"}
"""What is solved again in synthesis, by what a strategy teaches."""
HELP = """\
Really asks the instructor about a few errors (or pool questions) of the first iteration, as the
run will, and prints prompts, replies, verdicts and the price; the run finds the replies. First:
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
    weights = planned(given.strategy, given.iterations)[chain(given.iterations)[1]]
    teaches = {STRATEGIES[name].teaches for name in weights}
    pages.solutions()
    if "gold" in teaches:
        pages.contradicted()
    pages.rest(teaches)
    _title("all together")
    if "exercises" in teaches:
        seeds = counted(len(found.ways), "error" if from_errors(weights) else "question")
        exercises = [one for way in found.ways for one in way.verdicts]
        print(f"{seeds} -> {_yield(exercises, 'exercise')}")
    if "solutions" in teaches:
        print(_yield(found.direct.solutions, "solution"))
    if "gold" in teaches:
        checked = "checked" if given.synthesize.suspects else "unchecked"
        references = counted(found.direct.references, "reference")
        print(f"{references} {checked}, {len(found.direct.contradicted)} contradicted")
    if teaches == {"solved"}:
        print(f"strategy {label(weights)} asks nobody anything")
    for failure in found.failures:
        print(f"{failure.step}: a reply could not be used: {failure.reason}")
    for role, engine in found.engines.items():
        print(f"{role}: {engine.summary()}")


class _Pages:
    """Prints each exchange once. `endpoints`: with the price, by role."""

    def __init__(self, found: Preview, endpoints: Mapping[str, EndpointParams]) -> None:
        self._left = dict(found.exchanges)
        self._asked = len(self._left)
        self._analyzing = found.analyzing
        self._direct = found.direct
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
            _judged(verdict)

    def solutions(self) -> None:
        """The instructor's own, of pool questions."""
        found = self._direct.solutions
        for number, verdict in enumerate(found, 1):
            _title(f"solution {number} of {len(found)}: {verdict.sample.task}")
            self._exchange(verdict.sample.request_key, "solution")
            _judged(verdict)

    def contradicted(self) -> None:
        """References that are not taught."""
        found = self._direct.contradicted
        for number, (sample, suspect) in enumerate(found, 1):
            _title(f"contradicted reference {number} of {len(found)}: {sample.task}")
            _block("question", _question(sample.input, sample.choices))
            _block("reference", sample.reference)
            for solve in suspect.found:
                self._exchange(solve.request_key, "check of a reference")
            _block("contradicted", suspect.reason)

    def rest(self, teaches: Collection[str]) -> None:
        """What was asked besides: solves, the judge's verdicts, replies that did not fit.

        `teaches`: of all strategies, see `Strategy`.
        """
        solved = [what for one, what in CHECKED.items() if one in teaches]
        if self._left:
            _title("asked besides" if len(self._left) < self._asked else "asked")
        for key, asked in list(self._left.items()):
            what = asked.role
            if shape_of(asked.request) == SOLUTION:
                of = ["a reference"] if key in self._analyzing else solved
                what = f"check of {' or '.join(of)}" if of else "a pool question"
                what += ", solved without its answer"
            self._exchange(key, what)

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


def _judged(verdict: Verdict) -> None:
    sample = verdict.sample
    lines = [
        _question(sample.input, sample.choices),
        f"answer: {sample.reference}",
        f"solution: {sample.solution}",
        *_checks(verdict),
    ]
    _block("accepted" if verdict.accepted else "rejected", "\n".join(lines))


def _yield(verdicts: Sequence[Verdict], noun: str) -> str:
    accepted = sum(one.accepted for one in verdicts)
    return f"{counted(len(verdicts), noun)}, {accepted} accepted"


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
