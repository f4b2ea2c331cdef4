"""The `lai` command: looks at what the pipeline made, and scores responses made elsewhere.

The pipeline itself is run by `dvc repro`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from lai.cli import score, tasks
from lai.core.errors import PipelineError, exits_cleanly
from lai.core.jsonl import read_json
from lai.lineage import stories, tell
from lai.report.summary import table


@exits_cleanly
def main() -> None:
    """Parse the command line and run one subcommand."""
    parser = argparse.ArgumentParser(prog="lai", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    shown = commands.add_parser("show", help="accuracies over the iterations, one error's story")
    shown.set_defaults(run=show)
    story = commands.add_parser("story", help="what became of some errors of the first iteration")
    story.add_argument("--number", type=int, default=3, help="how many (default: 3)")
    story.set_defaults(run=tell_stories)
    tasks.add(commands)
    score.add(commands)
    arguments = parser.parse_args()
    arguments.run(arguments)


def show(arguments: argparse.Namespace) -> None:
    """Print one story, the table, and where the report is."""
    summary = read_json("metrics/summary.json")
    try:
        told = stories(Path("data"), summary["iterations"])
    except PipelineError:
        # In a fresh clone the figures are there, and the records behind them are not.
        told = []
    if told:
        print(f"\nOne error's story:\n{tell(told[0])}")
    print(f"\nAccuracy on the test sets in percent, strategy {summary['strategy']}:\n")
    print(table(summary))
    if Path("metrics/report.html").exists():
        print("\nReport: metrics/report.html (open it in a browser)")
    else:
        print("\nThese are the committed figures; `dvc repro` makes the records and the report.")
        return
    # 1 is DVC's answer where something changed; without a repository it has another one.
    status = [sys.executable, "-m", "dvc", "status", "--quiet"]
    if subprocess.run(status, capture_output=True).returncode == 1:
        print(
            "\nNote: params, code or data have changed since, or the last run did not end. These "
            "are the figures of the last whole run; `dvc repro` brings them up to date."
        )


def tell_stories(arguments: argparse.Namespace) -> None:
    """Print the first stories."""
    summary = read_json("metrics/summary.json")
    told = stories(Path("data"), summary["iterations"])
    print("\n\n".join(map(tell, told[: arguments.number])) or "no error was taught and mended")
