"""`lai score`: scores responses that were made elsewhere."""

from __future__ import annotations

import argparse
import json

from lai.scoring import score_file, summary, write_judgements
from lai.tasks.rows import SCORER


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("score", help="score a JSONL file of a benchmark's rows")
    parser.add_argument(
        "--task",
        required=True,
        choices=sorted(SCORER),
        metavar="NAME",
        help=f"the benchmark: {', '.join(sorted(SCORER))}",
    )
    parser.add_argument("file", help="rows in the benchmark's public columns, with `response`")
    parser.add_argument("--output", help="where to write a scored row each (JSONL)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print counts, accuracy and its interval as one JSON line."""
    judged = score_file(arguments.task, arguments.file)
    if arguments.output:
        write_judgements(arguments.output, judged)
    print(json.dumps(summary(judged)))
