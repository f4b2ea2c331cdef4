"""`lai budget`: what was spent on whom, what is left of the caps, and a new count from zero."""

from __future__ import annotations

import argparse

from lai.core import params
from lai.core.params.runtime import BudgetParams, in_words
from lai.core.stage import ledger_path
from lai.engines.openai.batch_state import pending
from lai.engines.store.entries import State, Totals
from lai.engines.store.ledger import Ledger
from lai.engines.store.spending import Spending

WORDS: dict[State, str] = {
    "settled": "",
    "in flight": "in flight, at most",
    "held": "in batches under way, at most",
    "doubtful": "no answer, or no usage told, at most",
}
UNPRICED = (
    "-: it costs nothing (a refused call, a free server), or its price in params.yaml, "
    "runtime.<who>.price, was null when it was asked"
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("budget", help="what was spent, and what is left of the caps")
    parser.add_argument(
        "--new",
        action="store_true",
        help="count from zero, but for what is under way: start a new run",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print what each run spent, this one in full."""
    caps = params.load().runtime.budget
    with Ledger(ledger_path(), caps) as ledger:
        if arguments.new:
            batches = ledger_path().with_name("batches")
            number = ledger.start_run(lambda: pending(batches))
            print(f"Run {number} starts: the caps count from zero, but for what is under way.\n")
        totals = ledger.totals()
        for earlier in range(1, totals.run):
            print(_line(ledger.totals(earlier)))
        print(table(totals, caps))


def table(totals: Totals, caps: BudgetParams) -> str:
    """What a run spent by who was asked, in all, and what is left."""
    if not totals.by_note:
        rows = [("nothing asked yet", "", "", "")]
    else:
        rows = [
            (": ".join(filter(None, (note, WORDS[state]))), *_figures(spending))
            for (note, state), spending in totals.by_note.items()
        ]
        rows.append(("in all", *_figures(_all(totals))))
    limits = caps.model_dump(exclude_none=True)
    if limits:
        spent = _all(totals)._asdict()
        left = {name: max(0, cap - spent[name]) for name, cap in limits.items()}
        rows += [("cap", *_some(limits)), ("left", *_some(left))]
    head = (f"run {totals.run}, since {totals.started[:16].replace('T', ' ')} UTC",)
    rows = [(*head, "calls", "tokens", "cost"), *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()
        for row in rows
    ]
    notes = [UNPRICED] if any(row[3] == "-" for row in rows) else []
    if not limits:
        notes.append("No caps; runtime.budget in params.yaml sets some (docs/COSTS.md).")
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def _all(totals: Totals) -> Spending:
    return totals.of(*WORDS)


def _line(totals: Totals) -> str:
    calls, tokens, cost = _figures(_all(totals))
    started = totals.started[:10]
    return f"run {totals.run}, from {started}: {calls} calls, {tokens} tokens, cost {cost}"


def _figures(spending: Spending) -> tuple[str, str, str]:
    cost = in_words(spending.cost) if spending.cost else "-"
    return f"{spending.calls:,}", f"{spending.tokens:,}", cost


def _some(figures: dict[str, float]) -> tuple[str, str, str]:
    """The figures that are given, as cells."""
    calls, tokens = (
        f"{figures[name]:,}" if name in figures else "" for name in ("calls", "tokens")
    )
    return calls, tokens, in_words(figures["cost"]) if "cost" in figures else ""
