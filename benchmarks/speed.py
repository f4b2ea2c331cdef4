"""What the demo and its parts cost: `python benchmarks/speed.py` after `make demo` has run once.

Prints the seconds of a `dvc repro` that has nothing to do, and of each stage's start-up: its
imports, without any work. Three runs each; the median with the lowest and the highest.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIGHT = ("prepare", "mine_errors", "contrast_pairs", "analyze", "synthesize", "report")


def timed(command: list[str], runs: int = 3) -> str:
    """Wall seconds of a command."""
    found = []
    for _ in range(runs):
        started = time.monotonic()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        found.append(time.monotonic() - started)
    return f"{statistics.median(found):.2f} s ({min(found):.2f} to {max(found):.2f})"


def main() -> None:
    """Print a line a measurement."""
    dvc = str(Path(sys.executable).with_name("dvc"))
    print(f"dvc repro, nothing to do: {timed([dvc, 'repro'])}")
    print(f"python alone: {timed([sys.executable, '-c', ''])}")
    for stage in LIGHT:
        print(f"imports of {stage}: {timed([sys.executable, '-c', f'import stages.{stage}'])}")
    both = "import stages.contrast_pairs, lai.contrast"
    print(f"imports of contrast_pairs for lec: {timed([sys.executable, '-c', both])}")


if __name__ == "__main__":
    main()
