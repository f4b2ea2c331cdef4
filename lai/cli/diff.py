"""`lai diff`: how the error sets, analyses and training data of two revisions differ, by row."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from lai.cli.revisions import Revision
from lai.core.errors import PipelineError
from lai.core.iterations import BASE
from lai.core.jsonl import index
from lai.core.records import Analysis, Error, Sample, Seed, TrainRow
from lai.core.reviewing import Suspect, without
from lai.core.text import printable

WIDTH = 100
Rows = Mapping[str, tuple[str, str]]
"""What a row is known by: (what stands in both when it is the same, the line that shows it)."""


@dataclass(frozen=True)
class Side:
    """One revision: its iterations, and its pool's questions by sample id."""

    revision: Revision
    iterations: list[str]
    pool: dict[str, Sample]

    def errors(self, iteration: str) -> Rows:
        """Errors by sample."""
        found = self.revision.records(Error, f"data/{iteration}/errors.jsonl")
        return {
            one.sample: (
                f"{one.error} {one.answer}",
                f"[{one.task}] {_short(self.pool[one.sample].input)} | {one.error}: "
                f"{_short(one.answer or '-', 30)} (reference {_short(one.reference, 30)})",
            )
            for one in found
        }

    def analyses(self, iteration: str) -> Rows:
        """Analyses by task and sample, by whichever strategy; a sample's are numbered.

        That of its error is the first.
        """
        folder = f"data/{iteration}"
        given = self.revision.records(Seed, f"{folder}/seeds.jsonl")
        errors = self.revision.records(Error, f"{folder}/errors.jsonl")
        aside = self.revision.records(Suspect, f"{folder}/suspects.jsonl")
        seeds = index(given) | index(without(aside, given, errors)[0])
        found: dict[str, tuple[str, str]] = {}
        seen: Counter[str] = Counter()
        for one in sorted(
            self.revision.records(Analysis, f"{folder}/analyses.jsonl"),
            key=lambda one: (seeds[one.seed].error is None, one.strategy, one.id),
        ):
            sample = seeds[one.seed].sample
            known = f"{one.task} {sample}"
            seen[known] += 1
            found[f"{known} {seen[known]}"] = (
                f"{one.strategy} {one.skill} {one.misconception} {one.explanation}",
                f"[{one.task}, {one.strategy}] {_short(self.pool[sample].input, 50)} | "
                f"{_short(one.skill, 40)}: {_short(one.misconception or one.explanation, 60)}",
            )
        return found

    def training(self, iteration: str) -> Rows:
        """The rows that this iteration added, by what is asked."""
        found = self.revision.records(TrainRow, f"data/{iteration}/train.jsonl")
        return {
            f"{one.task} {one.prompt[-1]['content']}": (
                one.completion[-1]["content"],
                f"[{one.task}] {_short(one.prompt[-1]['content'])} -> "
                f"{_short(one.completion[-1]['content'], 60)}",
            )
            for one in found
            if one.iteration == iteration
        }


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("diff", help="rows in which two commits or experiments differ")
    parser.add_argument("a", metavar="REV", help="a commit, branch or experiment")
    parser.add_argument("b", metavar="REV", help="the other one, such as HEAD")
    parser.add_argument("--rows", type=int, default=5, metavar="N", help="of each kind; 0 for all")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print counts of each iteration's rows on either side, and the first rows that differ."""
    a, b = side(arguments.a), side(arguments.b)
    most = arguments.rows or None
    for iteration in dict.fromkeys([*a.iterations, *b.iterations]):
        missing = [one.revision.name for one in (a, b) if iteration not in one.iterations]
        if missing:
            print(f"{iteration} is not in {missing[0]}\n")
            continue
        for what in ("errors", "analyses", "training"):
            _print(f"{iteration} {what}", getattr(a, what)(iteration), getattr(b, what)(iteration),
                   most)  # fmt: skip


def side(name: str) -> Side:
    """What is known of a revision. Raises: PipelineError when it is none, or has not run."""
    revision = Revision(name)
    iterations = revision.json("metrics/summary.json")["iterations"]
    pool = revision.records(Sample, "data/splits/pool.jsonl")
    names = [iteration for iteration in iterations if iteration != BASE]
    if not names:
        raise PipelineError(f"{name} has no iteration")
    return Side(revision, names, {sample.id: sample for sample in pool})


def _print(what: str, a: Rows, b: Rows, most: int | None) -> None:
    gone = [a[key][1] for key in sorted(a.keys() - b.keys())]
    new = [b[key][1] for key in sorted(b.keys() - a.keys())]
    both = sorted(a.keys() & b.keys())
    changed = [(a[key][1], b[key][1]) for key in both if a[key][0] != b[key][0]]
    same = len(both) - len(changed)
    print(
        f"{what}: {len(a)} and {len(b)} rows; {same} the same, {len(changed)} changed, "
        f"{len(gone)} only in the first, {len(new)} only in the second"
    )
    for before, after in changed[:most]:
        print(f"  - {before}\n  + {after}")
    for sign, lines in (("-", gone), ("+", new)):
        for line in lines[:most]:
            print(f"  {sign} {line}")
    hidden = sum(max(0, len(rows) - (most or len(rows))) for rows in (changed, gone, new))
    if hidden:
        print(f"  ... {hidden} more (--rows 0 shows all)")
    print()


def _short(text: str, width: int = WIDTH) -> str:
    line = printable(" ".join(text.split()))
    return line if len(line) <= width else f"{line[: width - 3]}..."
