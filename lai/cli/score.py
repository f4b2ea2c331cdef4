"""`lai score`: scores responses that were made elsewhere."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from lai import sandbox
from lai.core.params import load
from lai.core.params.benchmarks import declarations
from lai.core.stage import cache_path
from lai.judging import open_judge
from lai.scoring import score_file, summary, write_judgements


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("score", help="score a JSONL file of logged responses")
    parser.add_argument(
        "--task",
        required=True,
        metavar="NAME",
        help=f"a task of params.yaml, or a benchmark: {', '.join(sorted(declarations()))}",
    )
    parser.add_argument("file", help="rows in the task's own columns, with `response`")
    parser.add_argument("--output", help="where to write a scored row each (JSONL)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print counts, accuracy and its interval as one JSON line."""
    own, grader = {}, None
    if Path("params.yaml").exists():
        params = load()
        own = params.tasks
        sandbox.configure(params.sandbox, params.runtime.sandbox.workers)
        if arguments.task in own and own[arguments.task].scorer == "judge":
            grader = open_judge(params.judge, params.runtime, cache_path())
    scored = score_file(arguments.task, arguments.file, own, grader)
    if arguments.output:
        write_judgements(arguments.output, scored)
    print(json.dumps(summary(scored)))
