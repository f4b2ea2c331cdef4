# ruff: noqa: E501
"""What a module sets up for the function under test is kept; examples of its use are not."""

import pytest

from lai.scorers import Question, get

TESTS = ["assert f(2) == 4"]
CACHE = "cache = {}\n\ndef f(n):\n    return cache.get(n, 0)\n\n"
TABLE = "memo = [0] * 100\n\ndef f(n):\n    return memo[n]\n\n"
KEPT = {
    "loop": TABLE + "for i in range(100):\n    memo[i] = 2 * i",
    "item": CACHE + "cache[2] = 4",
    "added_to_item": CACHE + "cache[2] = 1\ncache[2] += 3",
    "deleted_item": "gone = {2: 1}\n\ndef f(n):\n    return gone.get(n, 4)\n\ndel gone[2]",
    "method": "cache = {}\n\ndef f(n):\n    return cache.get(n, 0)\n\ncache.update({2: 4})",
    "method_in_loop": "t = []\n\ndef f(n):\n    return t[n]\n\nfor i in range(9):\n    t.append(2 * i)",
    "attribute": "class A:\n    k = 1\n\ndef f(n):\n    return A.k * n\n\nA.k = 2",
    "own_attribute": "def f(n):\n    return f.k * n\n\nf.k = 2",
    "setattr": "class A:\n    k = 1\n\ndef f(n):\n    return A.k * n\n\nsetattr(A, 'k', 2)",
    "call": TABLE + "def init():\n    for i in range(100):\n        memo[i] = 2 * i\n\ninit()",
    "call_that_binds": "k = 0\n\ndef init():\n    global k\n    k = 2\n\ndef f(n):\n    return k * n\n\ninit()",
    "call_of_a_call": TABLE + "def fill():\n    memo[2] = 4\n\ndef init():\n    fill()\n\ninit()",
    "call_with_result": TABLE + "def init():\n    memo[2] = 4\n    return 1\n\ndone = init()",
    "given": TABLE + "def init(t):\n    t[2] = 4\n\ninit(memo)",
    "given_to_library": "import heapq\nh = [4, 2]\n\ndef f(n):\n    return n + h[0]\n\nheapq.heapify(h)",
    "registry": "known = {}\n\ndef reg(g):\n    known[g.__name__] = g\n    return g\n\n"
    "@reg\ndef double(n):\n    return 2 * n\n\ndef f(n):\n    return known['double'](n)",
    "named_registry": "known = {}\n\ndef reg(name):\n    def put(g):\n        known[name] = g\n"
    "        return g\n    return put\n\n@reg('x')\ndef double(n):\n    return 2 * n\n\n"
    "def f(n):\n    return known['x'](n)",
    "registering_method": "class R(dict):\n    def add(self, g):\n        self[g.__name__] = g\n"
    "        return g\n\nknown = R()\n\n@known.add\ndef double(n):\n    return 2 * n\n\n"
    "def f(n):\n    return known['double'](n)",
    "recursion": "import sys\nsys.setrecursionlimit(10**5)\n\ndef g(n):\n    return n and 1 + g(n - 1)\n\n"
    "def f(n):\n    return 2 * n + g(2000) - 2000",
    "precision": "from decimal import *\ngetcontext().prec = 50\n\ndef f(n):\n"
    "    return 2 * n if len(str(Decimal(1) / 3)) > 40 else 0",
    "precision_of_module": "import decimal\ndecimal.getcontext().prec = 50\n\ndef f(n):\n"
    "    return 2 * n if len(str(decimal.Decimal(1) / 3)) > 40 else 0",
    "seed": "import random\nrandom.seed(3)\nfirst = random.random()\n\ndef f(n):\n"
    "    random.seed(3)\n    return 2 * n if random.random() == first else 0",
    "version": "import sys\nif sys.version_info > (3,):\n    def f(n):\n        return 2 * n\n"
    "else:\n    def f(n):\n        return 0",
    "import_error": "try:\n    import nothing_of_that_name\n\n    def f(n):\n        return 0\n"
    "except ImportError:\n    def f(n):\n        return 2 * n",
    "try": CACHE + "try:\n    cache[2] = 4\nexcept KeyError:\n    pass",
}  # fmt: skip
RIGHT = "memo = {}\n\ndef f(n):\n    memo[n] = 2 * n\n    return memo[n]\n\n"
EXAMPLES = {
    "print": "print(f(2), memo.pop(7))",
    "input": "n = int(input())\nprint(f(n))",
    "assert": "assert memo.pop(2) == 5",
    "main": "if __name__ == '__main__':\n    memo[input()] = 1",
    "main_function": "def main():\n    memo.clear()\n    print(f(int(input())))\n\nmain()",
    "main_of_another": "def go():\n    main()\n\ndef main():\n    print(f(int(input())))\n\ngo()",
    "loop": "for n in [1, 'a', {}]:\n    print(f(n))",
    "call": "f({})",
    "result": "results = {}\nresults[0] = f({})",
    "method": "out = []\nout.append(f({}))",
    "exit": "import sys\n\ndef f(n):\n    return sys.maxsize and 2 * n\n\nsys.exit()",
    "sleep": "import time\ntime.sleep(60)",
    "closed": "import sys\nsys.stdin = None\nsys.stdout.close()",
    "shell": "import os\nos.system('clear')\nos.abort()",
    "stream": "import sys\nfor line in [1]:\n    sys.stdin.read().index('x')",
}  # fmt: skip


def judged(response):
    return get("code")(Question("def f(n): return 2 * n", [], {"tests": TESTS}), response)


@pytest.mark.parametrize("name", KEPT)
def test_what_the_function_needs_is_set_up(name):
    assert judged(KEPT[name]).value == "C", judged(KEPT[name])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_use_is_not_run(name):
    assert judged(RIGHT + EXAMPLES[name]).value == "C", judged(RIGHT + EXAMPLES[name])


DOUBLE = "def f(n):\n    return 2 * n\n"


@pytest.mark.parametrize(
    "line", ["return f(2)", "yield 1", "if f(1):\n    return", "x = [(yield)]"]
)
def test_a_statement_that_is_for_functions_alone_fails_the_program(line):
    judgement = judged(f"{DOUBLE}\n{line}")
    assert judgement.value == "I" and "SyntaxError" in judgement.explanation
    assert judged(f"```python\n{DOUBLE}```\nso it ends in\n```python\n{line}\n```").value == "C"
