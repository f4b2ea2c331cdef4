"""Where targeting stops paying: `python benchmarks/controls.py missing`, or `... misjudged`.

Runs LE and `augment` of the demo, three iterations each, with one budget and, unless one runs short
of errors, the same steps and replay, and pairs them on the test items. `missing` pre-trains the
target anew for each share of skills that it never saw (some five minutes each), `misjudged` lets
the tutor err. Prints a Markdown table, a row a point.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lai.core import jsonl
from lai.core.params.tasks import Task
from lai.core.records import Error, Sample, Score, TrainRow
from lai.demo import micro
from lai.report import effort
from lai.report.comparison import VANILLA, Run, compare, right
from tests.support import repository

PAIR = ("augment", "le")


def missing(share: int, folder: Path) -> dict[str, Any]:
    """A base model that never saw `share` percent of each family's skills; no other params."""
    recipe = micro.Recipe()
    shares = tuple((family, share / 100) for family, _ in recipe.missing)
    recipe = dataclasses.replace(recipe, missing=shares)
    tokenizer = micro.make_tokenizer(recipe)
    model = micro.pretrain(recipe, tokenizer).bfloat16()
    model.save_pretrained(folder / "models/base/micro")
    tokenizer.save_pretrained(folder / "models/base/micro")
    return {}


def misjudged(rate: int, _: Path) -> dict[str, Any]:
    """Params of a tutor that misjudges `rate` percent of the errors; the base model as it is."""
    return {"instructor__model": f"tutor-errs-{rate}" if rate else "tutor"}


def point(folder: Path, changed: dict[str, Any], seed: int) -> str:
    """The row of one point: accuracies, their difference, and what there was to teach from."""
    runs: list[Run] = []
    facts: list[str] = []
    made = repository.Repository(folder)
    for strategy in PAIR:
        made.set(seed=seed, strategy=strategy, **changed)
        made.run("dvc", "repro")
        tests = {one.id: one for one in jsonl.read(Sample, folder / "data/splits/test.jsonl")}
        if not runs:
            runs.append(Run(VANILLA, seed, right(_scores(folder, "iter0"), tests), 0, 0))
            facts.append(str(len(jsonl.read(Error, folder / "data/iter1/errors.jsonl"))))
        taught = len(jsonl.read(TrainRow, folder / "data/iter3/train.jsonl"))
        runs.append(Run(strategy, seed, right(_scores(folder, "iter3"), tests), taught, 0))
        facts += [f"{taught:,}", f"{_tokens(folder):,}"]
    told = json.loads((folder / "data/splits/tasks.json").read_text())
    found = compare(runs, tests, {name: Task.model_validate(task) for name, task in told.items()})
    means = [f"{100 * found['strategies'][run.strategy]['mean']:.1f}" for run in runs]
    one = next(pair for pair in found["paired"] if {pair["a"], pair["b"]} == set(PAIR))
    low, high = sorted((-100 * one["low"], -100 * one["high"]))
    said = f"{-100 * one['difference']:+.1f} [{low:+.1f}, {high:+.1f}]"
    return " | ".join([*means, said, *facts])


def _tokens(folder: Path) -> int:
    """Of the instructor, over all iterations, asked or remembered."""
    used = effort.usage(folder / "data", ["iter0", "iter1", "iter2", "iter3"])
    steps = [row[step] for _, row in used for step in effort.STEPS]
    return sum(one["prompt_tokens"] + one["completion_tokens"] for one in steps)


def _scores(folder: Path, iteration: str) -> list[Score]:
    return jsonl.read(Score, folder / "data" / iteration / "reeval_scores.jsonl")


def main() -> None:
    """Print a row a point, as each is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("missing", "misjudged"))
    parser.add_argument("--points", type=int, nargs="+", help="in percent")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    vary, points = {
        "missing": (missing, arguments.points or [0, 25, 50]),
        "misjudged": (misjudged, arguments.points or [0, 20, 50]),
    }[arguments.what]
    heads = [f"% {arguments.what}", VANILLA, *PAIR, "le minus augment", "errors at first"]
    heads += [f"{what} of {one}" for one in PAIR for what in ("samples", "instructor tokens")]
    print(f"| {' | '.join(heads)} |")
    print(f"|{'---|' * len(heads)}")
    for value in points:
        with tempfile.TemporaryDirectory() as folder:
            repository.make(Path(folder))
            changed = vary(value, Path(folder))
            print(f"| {value} | {point(Path(folder), changed, arguments.seed)} |", flush=True)


if __name__ == "__main__":
    main()
