"""`lai score`: scores responses that were made elsewhere."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from lai import sandbox
from lai.asking.judging import open_judge
from lai.core.errors import PipelineError
from lai.core.jsonl import replacing
from lai.core.params import load
from lai.core.params.benchmarks import declarations
from lai.core.stage import cache_path
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
    if arguments.output is None:
        scored = score_file(arguments.task, arguments.file, own, grader)
    else:
        _keep(arguments.file, arguments.output)
        # Opened before a minute of scoring is lost to a folder that cannot be written.
        with replacing(arguments.output, follow=True) as file:
            scored = score_file(arguments.task, arguments.file, own, grader)
            write_judgements(file, scored)
    print(json.dumps(summary(scored)))


def _keep(file: str, output: str) -> None:
    """Raises: PipelineError where the scores would take the responses' place, or have no folder."""
    if not Path(output).absolute().parent.is_dir():
        raise PipelineError(f"cannot write {output}: {Path(output).parent} is no folder; make it")
    if os.path.exists(file) and os.path.exists(output) and os.path.samefile(file, output):
        raise PipelineError(f"{output} holds the responses; name another file for the scores")
