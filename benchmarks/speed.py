"""What the demo and its parts cost: `python benchmarks/speed.py` after `make demo` has run once.

Prints the seconds of a `dvc repro` that has nothing to do, and of each stage's start-up: its
imports, without any work. Three runs each; the median with the lowest and the highest. With
`--demo 3` it prints instead the seconds and the peak memory of so many whole demos, each in a copy
of this repository without any cache.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support import repository
from tests.support.closure import ROOT

LIGHT = ("prepare", "mine_errors", "contrast_pairs", "analyze", "synthesize", "report")


def timed(command: list[str], runs: int = 3) -> str:
    """Wall seconds of a command."""
    found = []
    for _ in range(runs):
        started = time.monotonic()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        found.append(time.monotonic() - started)
    return f"{statistics.median(found):.2f} s ({min(found):.2f} to {max(found):.2f})"


def demos(runs: int) -> None:
    """Whole demos, a line each. The memory is that of the largest process."""
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            made = repository.make(Path(folder))
            started = time.monotonic()
            made.run("dvc", "repro")
            seconds = time.monotonic() - started
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"the demo: {seconds:.0f} s, at most {peak:.0f} MB resident", flush=True)


def main() -> None:
    """Print a line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=int, metavar="RUNS", default=0)
    arguments = parser.parse_args()
    if arguments.demo:
        demos(arguments.demo)
        return
    dvc = str(Path(sys.executable).with_name("dvc"))
    print(f"dvc repro, nothing to do: {timed([dvc, 'repro'])}")
    print(f"python alone: {timed([sys.executable, '-c', ''])}")
    for stage in LIGHT:
        print(f"imports of {stage}: {timed([sys.executable, '-c', f'import stages.{stage}'])}")
    both = "import stages.contrast_pairs, lai.contrast"
    print(f"imports of contrast_pairs for lec: {timed([sys.executable, '-c', both])}")


if __name__ == "__main__":
    main()
