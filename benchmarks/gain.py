"""How much the demo's loop lifts the target: `python benchmarks/gain.py --seeds 101 102 103`.

Each seed runs the default params in a copy of this repository, with nothing changed but the seed.
Differences are paired on items, and skills are resampled, since items of a skill stand or fall
together. The seeds on which world and hyper-parameters were chosen are 1 to 4.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lai.core import jsonl
from lai.core.records import Sample, Score
from lai.statistics import Estimate, clustered_mean
from tests.support import repository


def clusters(folder: Path, role: str, first: str, last: str) -> list[dict[str, list[float]]]:
    """The change of every test item from `first` to `last` (its value, if `first` is empty)."""
    tasks = json.loads((folder / "data/splits/tasks.json").read_text())
    names = [name for name, task in tasks.items() if task["role"] == role]
    samples = jsonl.read(Sample, folder / "data/splits/test.jsonl")
    after = _right(folder, last)
    before = _right(folder, first) if first else dict.fromkeys(after, 0.0)
    found: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    for sample in samples:
        if sample.task in found:
            group = found[sample.task].setdefault(
                f"{tasks[sample.task]['family']} {sample.cluster}", []
            )
            group.append(after[sample.id] - before[sample.id])
    return list(found.values())


def _right(folder: Path, iteration: str) -> dict[str, float]:
    scores = jsonl.read(Score, folder / "data" / iteration / "reeval_scores.jsonl")
    return {score.sample: float(score.value == "C") for score in scores}


def _said(estimate: Estimate) -> str:
    return (
        f"{100 * estimate.mean:+.1f} points [{100 * estimate.low:+.1f}, {100 * estimate.high:+.1f}]"
    )


def main() -> None:
    """Run the seeds and print a line each, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    parser.add_argument("--strategy", default="le")
    arguments = parser.parse_args()
    gains: dict[str, list[float]] = {"id": [], "ood": []}
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as folder:
            made = repository.make(Path(folder), seed=seed, strategy=arguments.strategy)
            made.run("dvc", "repro")
            summary = json.loads((made.path / "metrics/summary.json").read_text())
            last = summary["iterations"][-1]
            line = []
            for role in gains:
                change = clustered_mean(clusters(made.path, role, "iter0", last))
                gains[role].append(change.mean)
                line.append(f"{role.upper()} mean {_said(change)}")
            base = clustered_mean(clusters(made.path, "id", "", "iter0"))
            line.append(f"standard error of the ID mean {100 * base.error:.2f} points")
            falls = {
                name: round(100 * (task["accuracy"][-1] - task["accuracy"][0]), 1)
                for name, task in summary["tasks"].items()
            }
            print(f"seed {seed}:", ", ".join(line), json.dumps(falls), flush=True)
    for role, found in gains.items():
        print(
            f"{role.upper()}: median {100 * statistics.median(found):+.1f}, "
            f"from {100 * min(found):+.1f} to {100 * max(found):+.1f}"
        )


if __name__ == "__main__":
    main()
