"""`lai restore`: what was heard before goes back into the store, so that nobody is asked again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from lai.cli.revisions import Revision
from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.stage import cache_path
from lai.engines.base import Exchange
from lai.engines.store.transcripts import restore

TRANSCRIPTS = "data/*/transcripts/*.jsonl"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "restore", help="replies out of the transcripts, so that stages rerun without a key"
    )
    parser.add_argument("--rev", help="a commit, branch or experiment, instead of what is here")
    parser.add_argument(
        "--replace", action="store_true", help="also where the store holds another reply"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Put the exchanges into the store, and say how many.

    Raises: PipelineError when there is no transcript, or one with a line that is no exchange.
    """
    exchanges = _of(Revision(arguments.rev)) if arguments.rev else _here()
    done = restore(exchanges, cache_path(), arguments.replace)
    parts = [f"{done.put:,} replies put into {cache_path()}"]
    parts += [f"{done.known:,} were there"] if done.known else []
    if done.other:
        what = "were replaced" if arguments.replace else "were left as they are (see --replace)"
        parts.append(f"{done.other:,} that it has other replies for {what}")
    parts += [f"{done.free:,} of the builtin tutor left out: it costs nothing"] * bool(done.free)
    print("; ".join(parts))


def _here() -> Iterator[Exchange]:
    paths = sorted(Path().glob(TRANSCRIPTS))
    if not paths:
        raise PipelineError(
            f"there is no {TRANSCRIPTS} here; `dvc pull` brings those of this commit"
        )
    for path in paths:
        for number, row in jsonl.rows(path):
            yield jsonl.parse(Exchange, row, f"{path}:{number}")


def _of(revision: Revision) -> Iterator[Exchange]:
    paths = revision.paths(TRANSCRIPTS)
    if not paths:
        raise PipelineError(f"{revision.name} tracks no {TRANSCRIPTS}; has its loop run?")
    for path in paths:
        yield from revision.records(Exchange, path)
