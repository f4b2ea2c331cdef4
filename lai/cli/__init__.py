"""The `lai` command: looks at what the pipeline made, and scores responses made elsewhere.

The pipeline itself is run by `dvc repro`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from lai.cli import (
    budget,
    check,
    compare,
    diff,
    estimate,
    preview,
    restore,
    review,
    score,
    smoke,
    tasks,
    trace,
)
from lai.core import params
from lai.core.errors import PipelineError, exits_cleanly
from lai.core.iterations import chain
from lai.core.jsonl import read_json
from lai.lineage.stories import stories, tell
from lai.report.summary import Summary, table

SHOW = """\
Prints an error's story, the test accuracies of every iteration with the change and its interval,
and where the report is. It reads what the last whole run left, and runs nothing.
"""
TOO_EARLY = (
    "An error's story ends with the taught model's answer to the same question, which the next "
    "iteration's eval asks: two iterations tell the first one."
)


@exits_cleanly
def main() -> None:
    """Parse the command line and run one subcommand."""
    parser = argparse.ArgumentParser(prog="lai", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    shown = commands.add_parser(
        "show", help="accuracies over the iterations, one error's story", description=SHOW
    )
    shown.set_defaults(run=show)
    story = commands.add_parser("story", help="what became of some errors of the first iteration")
    story.add_argument("--number", type=int, default=3, help="how many (default: 3)")
    story.set_defaults(run=tell_stories)
    budget.add(commands)
    check.add(commands)
    estimate.add(commands)
    preview.add(commands)
    smoke.add(commands)
    compare.add(commands)
    diff.add(commands)
    review.add(commands)
    tasks.add(commands)
    score.add(commands)
    restore.add(commands)
    trace.add(commands)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it has seen enough (`| head`); what is left must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(141) from None


def show(arguments: argparse.Namespace) -> None:
    """Print one story, the table, and where the report is."""
    summary = _summary()
    try:
        told = stories(Path("data"), summary["iterations"])
    except PipelineError:
        # In a fresh clone the figures are there, and the records behind them are not.
        told = []
    if told:
        print(f"\nOne error's story:\n{tell(told[0])}")
    elif len(summary["iterations"]) < 3:
        print(f"\n{TOO_EARLY}")
    print(f"\nAccuracy on the test sets in percent, strategy {summary['strategy']}:\n")
    print(table(summary, read_json("metrics/final.json").get("changes", ())))
    if Path("metrics/report.html").exists():
        print("\nReport: metrics/report.html (open it in a browser)")
    else:
        print("\nThese are the committed figures; `dvc repro` makes the records and the report.")
        if others := _others():
            print(f"They are of a run with another {', '.join(others)} than params.yaml has now.")
        return
    # 1 is DVC's answer where something changed; without a repository it has another one.
    status = [sys.executable, "-m", "dvc", "status", "--quiet"]
    if subprocess.run(status, capture_output=True).returncode == 1:
        print(
            "\nNote: params, code or data have changed since, or the last run did not end. These "
            "are the figures of the last whole run; `dvc repro` brings them up to date."
        )


def _others() -> list[str]:
    """The sections of params.yaml that are not those of the last report, by dvc.lock."""
    from dvc.utils.serialize import YAMLFileCorruptedError, load_yaml

    try:
        made = load_yaml("dvc.lock")["stages"]["report"]["params"]["params.yaml"]
        now = load_yaml("params.yaml")
    except (OSError, KeyError, YAMLFileCorruptedError):
        return []
    return [name for name, value in made.items() if now.get(name) != value]


def tell_stories(arguments: argparse.Namespace) -> None:
    """Print the first stories."""
    summary = _summary()
    known = chain(params.load().iterations)
    names = [name for name in summary["iterations"] if name in known]
    told = stories(Path("data"), names)
    nothing = TOO_EARLY if len(names) < 3 else "No error was taught and then mended."
    print("\n\n".join(map(tell, told[: arguments.number])) or nothing)
    if gone := [name for name in summary["iterations"] if name not in known]:
        print(f"\nNote: without {', '.join(gone)}, which params.yaml does not name any more.")


def _summary() -> Summary:
    if not Path("params.yaml").exists():
        raise PipelineError("no params.yaml here; run `lai` from the root of the repository")
    found: Summary = read_json("metrics/summary.json")
    return found
