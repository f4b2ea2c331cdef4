# ruff: noqa: E501
"""What the tests see of a program's objects and of what it does to theirs is what Python shows."""

import pytest

from lai import sandbox

VECTOR = """class V:
    def __init__(s, x): s.x = x
    def __add__(s, o): return V(s.x + o.x)
    def __sub__(s, o): return V(s.x - o.x)
    def __iadd__(s, o): s.x += o.x; return s
    def __eq__(s, o): return isinstance(o, V) and s.x == o.x
    def __lt__(s, o): return s.x < o.x
    def __neg__(s): return V(-s.x)
    def __abs__(s): return abs(s.x)
    def __hash__(s): return hash(s.x)
    def __format__(s, form): return form + str(s.x)
    def __contains__(s, o): return o.x < s.x
    def __round__(s, n=0): return round(s.x, n)
class W(V): pass
"""
ERRORS = """class Base(Exception): pass
class Sub(Base):
    def __init__(s, code): super().__init__('no', code); s.code = code
class Both(Base, KeyError): pass
def f(n):
    raise (Sub(n) if n else Both('k'))
"""
PASS = {
    "add": (VECTOR, "assert V(1) + V(2) == V(3) and V(1) - V(2) == V(-1)"),
    "add_in_place": (VECTOR, "v = w = V(1)\nv += V(2)\nassert v is w and v.x == 3"),
    "unary": (VECTOR, "assert -V(1) == V(-1) and abs(V(-2)) == 2 and round(V(1.26), 1) == 1.3"),
    "hash": (VECTOR, "assert len({V(1), V(1), V(2)}) == 2 and {V(1): 'a'}[V(1)] == 'a'"),
    "format": (VECTOR, "assert f'{V(1):>}' == '>1' and format(V(2)) == '2'"),
    "contains": (VECTOR, "assert V(1) in V(2) and V(3) not in V(2)"),
    "subclass": (VECTOR, "assert issubclass(W, V) and not issubclass(V, W) and isinstance(W(1), V)"),
    "identity": ("o = object()\ndef f(): return o", "assert f() is f()"),
    "keyword": ("def f(xs): xs.append(1)", "a = []\nf(xs=a)\nassert a == [1]"),
    "in_tuple": ("def f(t): t[1][0].append(1)", "a = []\nf((2, (a,)))\nassert a == [1]"),
    "raising": ("def f(xs, ys):\n xs.append(1); ys.append(2)\n raise KeyError(1)",
                "a, b = [], []\ntry:\n    f(a, ys=b)\nexcept KeyError:\n    assert a == [1] and b == [2]"),
    "base_error": (ERRORS, "try:\n    f(3)\nexcept Base as e:\n    assert e.code == 3 and e.args == ('no', 3)"),
    "two_bases": (ERRORS, "for kind in (Base, KeyError, Both):\n    try:\n        f(0)\n    except kind:\n        pass"),
    "no_other_error": (ERRORS, "try:\n    f(0)\nexcept Sub:\n    assert False\nexcept Base:\n    pass"),
    "uuid": ("import uuid\ndef f(): return uuid.UUID(int=5)", "import uuid\nassert f() == uuid.UUID(int=5)"),
    "path": ("from pathlib import Path\ndef f(p): return p / 'a'", "from pathlib import Path\nassert f(Path('x')) == Path('x/a')"),
    "array": ("from array import array\ndef f(): return array('d', [1, 2.5])",
              "from array import array\nassert f() == array('d', [1, 2.5])"),
    "zone": ("from datetime import *\ndef f(): return datetime(2020, 1, 2, tzinfo=timezone(timedelta(hours=2)))",
             "from datetime import *\nassert f() == datetime(2020, 1, 1, 22, tzinfo=timezone.utc)"),
}  # fmt: skip
LONG = {
    "argument": (
        "def f(x): return 1",
        "assert f('a' * (1 << 21)) == 1",
        "the program was given 20",
    ),
    "result": (
        "def f(n): return 'a' * n",
        "assert len(f(1 << 21)) == 1 << 21",
        "sent a message of 20",
    ),
}


@pytest.mark.parametrize("name", PASS)
def test_a_right_program_passes(name):
    program, test = PASS[name]
    assert sandbox.run(program, [test], 5.0) == sandbox.Outcome(True)


@pytest.mark.parametrize("name", LONG)
def test_what_is_too_long_to_cross_is_said_to_be(name):
    program, test, said = LONG[name]
    outcome = sandbox.run(program, [test], 5.0)
    assert not outcome.passed and said in outcome.detail and "are allowed" in outcome.detail
