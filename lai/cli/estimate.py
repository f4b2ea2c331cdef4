"""`lai estimate`: calls, tokens and cost of a run, before anything is paid."""

from __future__ import annotations

import argparse
import json

from lai.core import params
from lai.core.errors import PipelineError
from lai.core.params.runtime import BudgetParams
from lai.core.stage import ledger_path
from lai.engines.store.ledger import Ledger
from lai.engines.store.spending import Spending

HELP = """\
Rehearses the stages that are not done yet, without asking anybody, and prints calls, tokens and
cost by step, with a range. With --probe it really asks a few calls first, which narrows that.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "estimate", help="calls, tokens and cost of a run, beforehand", description=HELP
    )
    parser.add_argument(
        "--probe",
        type=int,
        default=0,
        metavar="N",
        help="really ask N calls first, and keep the replies for the run (20 will do)",
    )
    parser.add_argument("--json", action="store_true", help="for a program")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print the estimate. Raises: PipelineError for what the run would stumble over."""
    if arguments.probe < 0:
        raise PipelineError(f"--probe {arguments.probe}: give how many calls to ask, such as 20")
    from lai.estimation import table
    from lai.estimation.estimate import estimate

    given = params.load()
    found = estimate(given, arguments.probe)
    left = _left(given.runtime.budget)
    if arguments.json:
        print(json.dumps(table.as_json(found, left), indent=2))
    else:
        print(table.told(found, left))


def _left(caps: BudgetParams) -> dict[str, float]:
    """What is left below each cap that is set."""
    limits = caps.model_dump(exclude_none=True)
    if not limits:
        return {}
    with Ledger(ledger_path(), caps) as ledger:
        spent = sum(ledger.totals().by_note.values(), start=Spending())._asdict()
    return {name: max(0, cap - spent[name]) for name, cap in limits.items()}
