"""Makes a server ready to fork: what each child would do again is done once before.

A child pays for each page of memory that it is the first to write to, and the first run of a
function writes far more of them than the next ones: bytecode is specialised, attributes are looked
up and remembered, the compiler sets itself up. So the server plays both parts against a child.
"""

from __future__ import annotations

import _socket
import contextlib
import ctypes
import gc
import importlib
import os
import sys

from . import candidate, tester

# What programs import most. Each module makes every fork slower, so the rest is left to those few
# that need it.
PRELOAD = """abc bisect collections collections.abc copy enum functools heapq itertools math
operator re string time types typing""".split()
PROGRAM = '''from typing import *
import math

def f(values: List[int], low: int = 0) -> List[int]:
    """ Values above low. """
    kept = [value * 2 for value in values if value > low]
    return sorted(kept, reverse=True)[: math.ceil(len(kept))]

def g(text, pairs):
    return [(text, {"a": None, 1.5: {1, 2}}), True, len(pairs)]
'''
TESTS = [
    "assert f([1, 5, 3, 9], 2) == [18, 10, 6]",
    "assert f([], low=2) == []",
    "assert g('a', {1: (2, 3)}) == [('a', {'a': None, 1.5: {1, 2}}), True, 1]",
    "assert set(f([4], 2)) == {8} and abs(f([1])[0] - 2) < 1e-6",
    "def check(candidate):\n    for n in range(9):\n        assert candidate([n]) != [n]\ncheck(f)",
]
ROUNDS = 4
MOST = 1 << 20


def up() -> None:
    """Load and run what the children need."""
    _preload()
    for _ in range(ROUNDS):
        for part in (_test, _answer):
            _against_a_child(part)
    for name in ("__candidate__", "__tests__"):
        sys.modules.pop(name, None)


def pack() -> None:
    """Leave a child little to copy: no garbage, no free memory, nothing for it to collect."""
    gc.collect()
    gc.freeze()
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)  # of the GNU library alone


def _preload() -> None:
    """Import `PRELOAD`, and let no module do work in every child.

    (`threading` would look for threads that a server has not, `random` take a new seed.)
    """
    register = os.register_at_fork
    os.register_at_fork = lambda **_: None
    for name in PRELOAD:
        importlib.import_module(name)
    os.register_at_fork = register


def _test(channel: int) -> None:
    codes = [compile(test, tester.filename(place), "exec") for place, test in enumerate(TESTS)]
    given: tester.Tests = (["f", "g"], [], "", codes, TESTS)
    passed, detail, _ = tester.Tester(channel, MOST).run(given, lambda place: None)
    if not passed:
        raise RuntimeError(f"the interpreter here computes otherwise: {detail}")


def _answer(channel: int) -> None:
    candidate.Candidate(channel, MOST).run(PROGRAM)


def _against_a_child(part: object) -> None:
    """Play `part` here and the other one in a child."""
    one, other = _socket.socketpair()
    child = os.fork()
    if not child:
        try:
            one.close()
            (_answer if part is _test else _test)(other.fileno())
        finally:
            os._exit(0)
    other.close()
    (_test if part is _test else _answer)(one.fileno())
    one.close()
    os.waitpid(child, 0)
