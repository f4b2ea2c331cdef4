"""The `lai` command: looks at what the pipeline made, and scores responses made elsewhere.

The pipeline itself is run by `dvc repro`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lai.core.errors import exits_cleanly
from lai.core.jsonl import read_json
from lai.lineage import stories, tell
from lai.report.summary import table
from lai.scoring import score_file, summary, write_judgements
from lai.tasks.rows import SCORER


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
    scored = commands.add_parser("score", help="score a JSONL file of a benchmark's rows")
    scored.add_argument(
        "--task",
        required=True,
        choices=sorted(SCORER),
        metavar="NAME",
        help=f"the benchmark: {', '.join(sorted(SCORER))}",
    )
    scored.add_argument("file", help="rows in the benchmark's public columns, with `response`")
    scored.add_argument("--output", help="where to write a scored row each (JSONL)")
    scored.set_defaults(run=score)
    arguments = parser.parse_args()
    arguments.run(arguments)


def show(arguments: argparse.Namespace) -> None:
    """Print one story, the table, and where the report is."""
    found = read_json("metrics/summary.json")
    told = stories(Path("data"), found["iterations"])
    if told:
        print(f"\nOne error's story:\n{tell(told[0])}")
    print(f"\nAccuracy on the test sets in percent, strategy {found['strategy']}:\n")
    print(table(found))
    print("\nReport: metrics/report.html (open it in a browser)")


def tell_stories(arguments: argparse.Namespace) -> None:
    """Print the first stories."""
    found = read_json("metrics/summary.json")
    told = stories(Path("data"), found["iterations"])
    print("\n\n".join(map(tell, told[: arguments.number])) or "no error was taught and mended")


def score(arguments: argparse.Namespace) -> None:
    """Print counts, accuracy and its interval as one JSON line."""
    judged = score_file(arguments.task, arguments.file)
    if arguments.output:
        write_judgements(arguments.output, judged)
    print(json.dumps(summary(judged)))


if __name__ == "__main__":
    main()
