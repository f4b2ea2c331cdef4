"""What loading a large pool costs: `python benchmarks/loading.py --rows 1000000`.

Writes a JSONL file of that many GSM8K-like rows to a temporary folder and loads it in a process of
its own, once with a pool of 2,000 drawn from it and once with all of it; prints seconds and the
peak of resident memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def write_rows(path: Path, first: int, count: int) -> None:
    """Rows about as long as GSM8K's (240 characters of question, 290 of answer)."""
    with path.open("w") as file:
        for number in range(first, first + count):
            story = f"A depot holds {number} crates, and each crate holds {number % 97} pears. "
            row = {"question": story * 3 + "How many pears?", "subject": f"s{number % 50}"}
            row["answer"] = f"There are {number} crates of {number % 97} pears. " * 5
            file.write(json.dumps({**row, "answer": f"{row['answer']}\n#### {number}"}) + "\n")


def measured(folder: Path, size: int | None) -> None:
    """Load and print, in this process."""
    from lai.core.params.schema import PrepareParams
    from lai.core.params.tasks import TaskParams
    from lai.tasks.loading import load

    task = TaskParams.model_validate(
        {
            "family": "math",
            "role": "id",
            "scorer": "number",
            "prompt": "number",
            "pool": {"files": str(folder / "pool.jsonl")},
            "test": {"files": str(folder / "test.jsonl")},
            "fields": {"input": "question", "reference": "answer", "subject": "subject"},
        }
    )
    started = time.monotonic()
    splits = load({"depots": task}, PrepareParams(pool_size=size), 1)
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"pool of {len(splits.pool)}: {seconds:.0f} s, peak {peak:.0f} MB", flush=True)


def main() -> None:
    """Write the rows and measure both loads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        folder, size = arguments.measure
        measured(Path(folder), None if size == "all" else int(size))
        return
    with tempfile.TemporaryDirectory() as made:
        write_rows(Path(made) / "pool.jsonl", 0, arguments.rows)
        write_rows(Path(made) / "test.jsonl", arguments.rows, 100)
        for size in ("2000", "all"):
            command = [sys.executable, __file__, "--measure", made, size]
            subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
