"""Tests of any size take the sandbox's time and memory, not the caller's."""

import resource
import subprocess
import sys
import time

import pytest

from lai import sandbox
from lai.core.python import SMALL

ASKED = "assert f(2) == 4\n"
NAME, LAMBDA = "a" * (SMALL // 2 - 40) + "\U00020000", "lambda:0,"
COSTLY = {
    "names": f"def {'a' * 200_000}():\n" + " lambda:0\n" * 20_000,
    "parts": "f'" + "{a}" * 100_000 + "'\n",
    "asserts": "assert 0\n" * 200_000,
    "strings": "x = (" + "''" * 600_000 + ")\n",
    "short_names": f"def {NAME}():\n x = ({LAMBDA * (SMALL // 2 // len(LAMBDA))})\n",
    "short_parts": "f'" + "{a}" * (SMALL // 3 - 40) + "'\n",
}
CALL = """import resource, sys
from lai.sandbox import prepared
given = sys.stdin.read()
before = resource.getrusage(resource.RUSAGE_SELF)
prepared.prepared((given,))
after = resource.getrusage(resource.RUSAGE_SELF)
print(after.ru_utime - before.ru_utime, after.ru_maxrss - before.ru_maxrss)
"""


@pytest.mark.parametrize("name", COSTLY)
def test_the_caller_reads_no_test_that_would_take_its_time_or_memory(name):
    given = COSTLY[name]
    ran = subprocess.run(
        [sys.executable, "-c", CALL], input=given, capture_output=True, text=True, check=True
    )
    seconds, kilobytes = map(float, ran.stdout.split())
    assert seconds < 1 and kilobytes < 200_000


@pytest.mark.parametrize("name", COSTLY)
def test_what_the_sandbox_cannot_read_does_not_pass(name):
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    outcome = sandbox.run("def f(x): return 5", [COSTLY[name], ASKED], 2.0)
    assert not outcome.passed and outcome.detail
    assert time.monotonic() - started < 9
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000
    assert sandbox.run("def f(x): return 4", [ASKED], 5.0).passed


@pytest.mark.parametrize(("returned", "passed"), [(4, True), (5, False)])
def test_long_tests_are_read_in_the_sandbox_to_the_same_verdict(returned, passed):
    long = "\n".join(ASKED.strip() for _ in range(SMALL // 10))
    program = f"def f(x): return {returned}\ndef sum(x): return f(2)"
    assert sandbox.run(program, [long], 9.0).passed is passed
    long = long.replace("f(2)", "sum(2)")
    assert sandbox.run(program, [f"x = f(2)\n{long}"], 9.0, "sum").passed is passed
    assert not sandbox.run(program, [f"x = f(2)\n{long}"], 9.0, "f").passed


def test_long_tests_that_are_no_python_are_said_to_be_none():
    outcome = sandbox.run("def f(x): return 4", [ASKED * (SMALL // 10) + "assert f(2) = 4"], 5.0)
    assert not outcome.passed and "no valid Python: SyntaxError" in outcome.detail
