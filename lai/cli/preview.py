"""`lai preview`: a few errors' whole way to their exercises, on the terminal."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from lai.core import params
from lai.core.errors import PipelineError
from lai.core.params.runtime import PriceParams
from lai.core.records import Verdict

if TYPE_CHECKING:
    from lai.preview import Preview, Way


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("preview", help="a few errors' way to exercises, before the run")
    parser.add_argument("--errors", type=int, default=5, help="how many (default: 5)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Ask, and print prompts, replies, verdicts and the price."""
    if arguments.errors < 1:
        raise PipelineError(f"--errors {arguments.errors}: give how many to look at, such as 5")
    from lai.preview import preview  # scikit-learn takes a second to import

    given = params.load()
    found = preview(given, arguments.errors)
    price = given.runtime.instructor.price
    for number, way in enumerate(found.ways, 1):
        print(_title(f"{number} of {len(found.ways)}: {way.seed.task}, {way.seed.strategy}"))
        _way(found, way, price)
    verdicts = [one for way in found.ways for one in way.verdicts]
    accepted = sum(one.accepted for one in verdicts)
    print(_title("all together"))
    print(f"{len(found.ways)} errors -> {len(verdicts)} exercises, {accepted} accepted")
    for failure in found.failures:
        print(f"{failure.step}: a reply could not be used: {failure.reason}")
    for role, engine in found.engines.items():
        print(f"{role}: {engine.summary()}")


def _way(found: Preview, way: Way, price: PriceParams | None) -> None:
    _block("question", "\n".join([way.sample.input, *way.sample.choices]))
    if way.response:
        _block("the target's response", way.response)
    _block("reference", way.sample.reference)
    if way.analysis is None:
        print("No usable analysis; see the end.")
        return
    _exchange(found, way.analysis.request_key, "analysis", price)
    keys = dict.fromkeys(one.sample.request_key for one in way.verdicts)
    for key in keys:
        _exchange(found, key, "exercises", price)
    for verdict in way.verdicts:
        _block(
            "accepted" if verdict.accepted else "rejected",
            "\n".join([verdict.sample.input, *verdict.sample.choices, *_checks(verdict)]),
        )


def _exchange(found: Preview, key: str, what: str, price: PriceParams | None) -> None:
    request, reply = found.exchanges[key]
    usage = reply.usage
    cost = f", {price.of(usage.prompt_tokens, usage.completion_tokens):.4f}" if price else ""
    for message in request.messages:
        _block(f"{what}: {message['role']}", message["content"])
    _block(
        f"{what}: reply ({usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens{cost})",
        reply.text,
    )


def _checks(verdict: Verdict) -> list[str]:
    return [
        f"  {'passed' if check.passed else 'FAILED'} {check.name}"
        f"{f': {check.detail}' if check.detail else ''}"
        for check in verdict.checks
    ]


def _title(text: str) -> str:
    return f"\n{'=' * 8} {text} {'=' * 8}"


def _block(name: str, text: str) -> None:
    print(f"\n--- {name}\n{text}")
