"""`lai smoke`: a few samples through every stage, before the long run."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from lai.core.errors import PipelineError
from lai.core.params import Params, load

if TYPE_CHECKING:
    from lai.core.measured import Measured
    from lai.smoke.run import Smoke

MIB = 1 << 20
LEAST = 2
_CALLS = re.compile(r"(?:of the (judge|target) )?([\d,]+) (?:calls|questions) asked (\([^)]*\))")

HELP = """\
Sends a few samples of each task through every stage, training among them, in a temporary copy, and
says what each stage took. The instructor is really asked; the replies are kept.
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "smoke", help="a few samples through every stage of a copy", description=HELP
    )
    parser.add_argument("--samples", type=int, default=8, help="how many of each task (default: 8)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run it and print a table. Raises: PipelineError in one line when something does not fit."""
    if arguments.samples < LEAST:
        raise PipelineError(f"--samples {arguments.samples}: give {LEAST} or more, such as 8")
    from lai.smoke.run import smoke

    found = smoke(arguments.samples)
    rows = [("stage", "seconds", "peak MiB", "GPU MiB", "asked"), *map(row, found.stages)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print()
    for one in rows:
        cells = [one[0].ljust(widths[0]), *map(str.rjust, one[1:4], widths[1:4]), one[4]]
        print("  ".join(cells).rstrip())
    print()
    for line in told(found, load()):
        print(line)
    if found.untried:
        raise PipelineError(found.untried)
    print("All stages ran, and all of it fits; `lai estimate` says what the long run takes.")


def row(stage: Measured) -> tuple[str, str, str, str, str]:
    """Its line of the table: name, seconds, peaks in MiB, and who was asked how often."""
    gpu = f"{stage.cuda / MIB:,.0f}" if stage.cuda else "-"
    resident = f"{stage.resident / MIB:,.0f}"
    asked = "target" if stage.stage in ("eval", "reeval") else "instructor"
    calls = ", ".join(
        f"{other or asked} {count} {tokens}"
        for other, count, tokens in _CALLS.findall(stage.summary)
    )
    name = f"{stage.stage} {stage.iteration}".rstrip()
    return name, f"{stage.seconds:.1f}", resident, gpu, calls


def told(found: Smoke, given: Params) -> list[str]:
    """What was tried, a line each, by the user's own params."""
    count, cut = found.answers
    lines = [f"answers: of {count} to the pool {cut} were cut off at target.max_tokens"]
    lines += [
        f"hint: 0 of {number} answers of the task {task} are right: look at its prompt and scorer "
        f"(`lai tasks {task} --show 3`)"
        for task, number in found.none_right.items()
    ]
    if found.trained:
        lines.append(
            f"chat template: the prompt's tokens begin those of prompt and completion in all "
            f"{found.trained.count} rows (longest {found.trained.longest} tokens)"
        )
        lines.append(
            f"memory: of batches with these rows; the long run's are {given.train.batch_size} rows "
            f"of at most {given.train.max_length} tokens"
        )
        lines.append(f"end of sequence: among the labels of all {found.trained.count} rows")
    verdicts = sum(found.verdicts.values())
    if verdicts:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(found.verdicts.items()))
        lines.append(f"{found.writes}s: {verdicts}, of them {counts}")
    if given.instructor.mode == "batch":
        lines.append("instructor: asked live; the Batch API was not tried")
    return lines
