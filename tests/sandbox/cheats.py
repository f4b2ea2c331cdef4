# ruff: noqa: E501
"""Programs without the answer that must not pass: the tests are `assert f(2) == 41` etc."""

OBJECT = """class X:
    def __init__(self, *a): pass
    def __eq__(self, o): return True
    def __ne__(self, o): return False
    def __lt__(self, o): return True
    __le__ = __gt__ = __ge__ = __contains__ = __instancecheck__ = __lt__
    def __abs__(self): return self
    def __sub__(self, o): return self
    __neg__ = __pos__ = __invert__ = __abs__
    __add__ = __rsub__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __round__ = __sub__
    def __hash__(self): return hash(41)
def f(x): return X()
"""
FRAMES = """import sys
def f(x):
    frame = sys._getframe()
    while frame:
        for scope in (frame.f_locals, frame.f_globals):
            for v in list(scope.values()):
                if isinstance(v, (str, list)) and 'assert' + ' f' in str(v): return 41
        frame = frame.f_back
"""
COLLECTED = """import gc
def f(x):
    return 41 if any(isinstance(o, list) and 'assert f(2) ==' + ' 41' in str(o)[:9999]
        for o in gc.get_objects() if o is not gc) else 0
"""
MEMORY = """import ctypes, mmap
def f(x):
    want = b'== 4' + b'1'
    for line in open('/proc/self/maps'):
        low, high = (int(p, 16) for p in line.split()[0].split('-'))
        if want in ctypes.string_at(low, high - low): return 41
"""


def _subclass(base, value):
    return (
        f"class X({base}):\n def __eq__(self, o): return True\n def __ne__(self, o): return False\n"
        f" def __hash__(self): return hash(41)\ndef f(x): return X({value})"
    )


# Finds the program's own end of the channel, and uses it as no ordinary program would.
PEER = """import sys
frame = sys._getframe()
while not hasattr(frame.f_locals.get('self'), 'ask'): frame = frame.f_back
peer = frame.f_locals['self']
def ask(target, *given):
    from inside.remote import Remote
    return peer.ask('call', Remote(peer, target) if isinstance(target, list) else target, list(given), {})
"""
VERDICT = (
    "import os, json, time\\nd = json.dumps([True, '', False]).encode()\\n"
    "os.write(5, len(d).to_bytes(4, 'big') + d)\\nos.write(4, b'v')\\ntime.sleep(9)"
)
REFLECT = f"""{PEER}def f(x):
    module = ask(['named', 'getattr'], print, '__self__')
    ask(ask(['named', 'getattr'], module, 'exec'), "{VERDICT}")
    return 0
"""
EVERYWHERE = """import json, os, time
for d in ([True, '', False], ['verdict', True, ''], ['end', 'verdict', 1, True]):
    d = json.dumps(d).encode()
    for n in range(3, 64):
        for m in (len(d).to_bytes(4, 'big') + d, b'v', b'g'):
            try: os.write(n, m)
            except OSError: pass
def f(x): return 0
"""
_NAMES = "import sys\nnames = sys._getframe(1).f_locals['names']\ndef f(x): return 0.0\n"
_PATCH = "import json, builtins, sys, os\ndef f(x): return 0\n"
CHEAT = {
    "exit": "import os\nos._exit(0)",
    "exit_in_call": "import os\ndef f(x): os._exit(0)",
    "sys_exit": "import sys\ndef f(x): sys.exit(0)",
    "sys_exit_on_load": "import sys\nsys.exit(0)",
    "base_exception": "def f(x): raise BaseException",
    "generator_exit": "def f(x): raise GeneratorExit",
    "keyboard_interrupt": "def f(x): raise KeyboardInterrupt",
    "equals_everything": OBJECT,
    "int_subclass": _subclass("int", 3),
    "str_subclass": _subclass("str", "''"),
    "list_subclass": _subclass("list", "()"),
    "tuple_subclass": _subclass("tuple", "()"),
    "dict_subclass": _subclass("dict", ""),
    "float_subclass": _subclass("float", 1),
    "set_subclass": _subclass("set", ""),
    "frame_walk": FRAMES,
    "gc_scan": COLLECTED,
    "memory_scan": MEMORY,
    "stdout": "print('ok', 'passed')\ndef f(x): print('[\"verdict\",true,\"\"]')",
    "stdout_flood": "def f(x):\n while True: print('x' * 65536)",
    "forge_reply": (
        "import os, json\nfor n in range(64):\n for m in (['value',41,[]],['verdict',True,'',False]):\n"
        "  d = json.dumps(m).encode()\n  try: os.write(n, len(d).to_bytes(4,'big') + d)\n"
        "  except OSError: pass\ndef f(x): return 0"
    ),
    "forge_garbage": "import os\ndef f(x): os.write(3, b'\\0\\0\\0\\3[[[')",
    "forge_huge": "import os\ndef f(x): os.write(3, b'\\xff' * 64)",
    "forge_deep": "import os\ndef f(x):\n d = b'[' * 900000\n os.write(3, len(d).to_bytes(4,'big') + d)",
    "forge_exec": (
        "import os, json\ndef f(x):\n"
        " d = json.dumps(['ask','call',[['named','exec'],['list',['1']],['dict',[]]]]).encode()\n"
        " os.write(3, len(d).to_bytes(4,'big') + d)"
    ),
    "forge_builtin": (
        "import os, json\ndef f(x):\n"
        " d = json.dumps(['value',['builtin error','exec'],[]]).encode()\n"
        " os.write(3, len(d).to_bytes(4,'big') + d)"
    ),
    "close_channel": "import os\ndef f(x): os.closerange(0, 99)",
    "patch_json": _PATCH + "json.dumps = lambda *a, **k: '[\"value\",41]'",
    "patch_abs": _PATCH + "builtins.abs = abs = lambda x: 0",
    "patch_builtins": _PATCH + "for n in ('set','len','all','isinstance'):"
    " setattr(builtins, n, lambda *a: True)",
    "patch_assertion": _PATCH + "builtins.AssertionError = None",
    "settrace": _PATCH + "sys.settrace(lambda *a: os._exit(0))",
    "excepthook": _PATCH + "sys.excepthook = lambda *a: os._exit(0)",
    "atexit": "import atexit, os\natexit.register(os._exit, 0)\ndef f(x): raise SystemExit",
    "finalizer": "class X:\n def __del__(self): raise SystemExit\ndef f(x): X()",
    "thread_exit": (
        "import threading, os, time\ndef g():\n time.sleep(.05); os._exit(0)\n"
        "threading.Thread(target=g).start()\ndef f(x): time.sleep(1)"
    ),
    "endless": "def f(x):\n while True: pass",
    "endless_on_load": "while True: pass",
    "ignores_signals": (
        "import signal\nfor s in (1, 2, 3, 14, 15, 24): signal.signal(s, signal.SIG_IGN)\n"
        "def f(x):\n while True: pass"
    ),
    "stops": "import os, signal\ndef f(x): os.kill(os.getpid(), signal.SIGSTOP)",
    "sleeps": "import time\ndef f(x): time.sleep(99)",
    "recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef f(x): return f(x)",
    "segfault": "import ctypes\ndef f(x): ctypes.string_at(0)",
    "abort": "import os\ndef f(x): os.abort()",
    "huge_int": "def f(x): return 10 ** 10 ** 8",
    "huge_value": "def f(x): return 'x' * (1 << 26)",
    "cycle": "def f(x):\n a = []; a.append(a); return a",
    "deep": "def f(x):\n a = []\n for _ in range(9**5): a = [a]\n return a",
    "endless_iterator": "import itertools\ndef f(x): return itertools.count(50)",
    "pickle": (
        "class X:\n def __reduce__(self): return (print, ('x',))\n __getattr__ = lambda s, n: 41\n"
        "def f(x): return X()"
    ),
    "mutates_expected": "def f(x):\n import gc\n for o in gc.get_objects():\n"
    "  if isinstance(o, list) and o == [41]: o[:] = [0]\n return 0",
    "defines_tests": "def f(x): return 0\ncheck = lambda *a: True\nmath = type('m', (), "
    "{'isclose': lambda *a, **k: True})",
    "more_names": _NAMES + "names += ['abs', 'set', 'math', 'check', 'range']\ncheck = math = f\n"
    "abs = set = lambda x: 0\nrange = lambda n: []",
    "names_after": _NAMES + "names += ['isclose', 'AssertionError']\nAssertionError = f",
    "reflection": REFLECT,
    "all_descriptors": EVERYWHERE,
    "stop_iteration": "def f(x): raise StopIteration",
    "stop_in_special": "class X:\n def __getitem__(s, k): raise StopIteration\n"
    " __iter__ = __len__ = __bool__ = __float__ = __str__ = __getattr__ = __getitem__\n"
    "def f(x): return X()",
    "stop_in_own_class": "class S(StopIteration): pass\nclass X:\n def __getitem__(s, k): raise S\n"
    " def __eq__(s, o): raise S\ndef f(x): return X()",
    "stop_in_iterator": "class X:\n def __iter__(s): return s\n def __next__(s): return X()\n"
    " def __getitem__(s, k): raise StopIteration\ndef f(x): return X()",
    "every_operator": "class X:\n def __sub__(s, o): return 0.0\n __abs__ = __round__ = __neg__ = __bool__ ="
    " __add__ = __mod__ = __xor__ = __and__ = __rsub__ = __isub__ = lambda s, *o: 0\n"
    " __hash__ = lambda s: hash(41)\n __eq__ = __lt__ = __contains__ = lambda s, o: True\n"
    " __iter__ = lambda s: iter([s])\ndef f(x): return X()",
    "forge_changes": (
        "import os, json\ndef f(x):\n for c in ([['a', 41]], [[None, 41]], [[0, ['list', []]]], 7):\n"
        "  d = json.dumps(['raise', ['builtin error', 'ValueError'], '', [], ['dict', [['', 1]]], c]).encode()\n"
        "  os.write(3, len(d).to_bytes(4,'big') + d)\n return 0"
    ),
    "forge_error_base": (
        "import os, json\ndef f(x):\n e = ['candidate', 7, 'error', 'E', 'Exception', ['named', 'int']]\n"
        " d = json.dumps(['raise', e, '', [], ['named', 'int'], []]).encode()\n"
        " os.write(3, len(d).to_bytes(4,'big') + d); return 0"
    ),
    "own_exec": PEER + "def f(x): ask(['tester', -1, 'function', 'x'], '1'); return 0",
    "own_type": PEER + "def f(x): return ask(['named', 'type'], 'X', (int,), {'__eq__': print})",
    "forge_changed": (
        "import os, json\ndef f(x):\n d = json.dumps(['value', 0, [[0, 41], [-1, 41]]]).encode()\n"
        " os.write(3, len(d).to_bytes(4,'big') + d); return 0"
    ),
    "forge_trickle": "import os, time\ndef f(x): os.write(3, b'\\0\\1'); time.sleep(9)",
    "forge_two_values": "import os\ndef f(x): os.write(3, b'\\0\\0\\0\\4[] 1')",
    "forge_digits": "import os\ndef f(x):\n d = b'[\"value\",' + b'9' * 99999 + b',[]]'\n"
    " os.write(3, len(d).to_bytes(4,'big') + d)",
    "forge_named_tuple": (
        "import os, json\ndef f(x):\n d = ['namedtuple', 'X', ['a=print(1)', '__eq__'], [1, 2]]\n"
        " d = json.dumps(['value', d, []]).encode()\n os.write(3, len(d).to_bytes(4,'big') + d)"
    ),
    "read_ahead": "import os\nos.set_blocking(3, False)\ntry: said = os.read(3, 1 << 16)\n"
    "except OSError: said = b''\ndef f(x): return 41 if b'41' in said else 0",
    "half_closed": "import socket\ndef f(x): socket.socket(fileno=3).shutdown(2)",
    "poisoned_modules": "import sys\nfor m in ('json', 'math', 'inside.wire', 'inside.codec'):\n"
    " sys.modules[m] = None\ndef f(x): return 0",
    "patch_codec": "import inside.codec as c, inside.wire as w\nc.encode = lambda *a: True\n"
    "w.send = lambda *a: 0\ndef f(x): return 0",
    "own_package": "import lai.sandbox\ndef f(x): return 41",
    "profile": _PATCH + "sys.setprofile(lambda *a: None)\nsys.unraisablehook = os._exit",
    "unicode": "def \uff46(x): return '\u0664\u0661'",
    "iterates_otherwise": "class X(list):\n def __iter__(s): return iter([41])\n"
    " def __len__(s): return 1\ndef f(x): return X([0])",
    "class_claims": "class X:\n __class__ = property(lambda s: int)\n __index__ = __int__ = lambda s: 40\n"
    "def f(x): return X()",
    "signal_handler": "import signal, os\nsignal.signal(14, lambda *a: os._exit(0))\nsignal.alarm(1)\n"
    "def f(x):\n while True: pass",
    "thread_outlives": "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\n"
    "def f(x): return 0",
    "thread_writes": (
        "import threading, os\ndef g():\n while True: os.write(3, b'\\0\\0\\0\\0')\n"
        "threading.Thread(target=g, daemon=True).start()\ndef f(x): return 0"
    ),
    "syntax": "def f(x) return 41",
    "nothing": "",
}
TESTS = [
    ["assert f(2) == 41"],
    ["assert abs(f(2) - 41) < 1e-6"],
    ["import math\nassert math.isclose(f(2), 41)"],
    ["assert math.isclose(f(2), 41)"],
    ["assert f(2) in [41]", "assert f(2) == 41"],
    ["assert set(f(2)) == {41}"],
    ["assert all(map(lambda n: f(n) == 41, range(3)))"],
    ["assert all(map(lambda n: f(n)[0] == 41, range(3)))"],
    ["assert all(map(lambda n: f(n).value == 40 + 2, range(3)))"],
    ["x = f(2)\nx -= 41\nassert not x and -1 < x < 1 and abs(x) == 0"],
    ["assert round(f(2) - 41, 6) == 0 and not f(2) ^ 41 and 41 - f(2) == 0"],
    ["assert {f(2)} == {41} and {f(2): 1}[41] and f(2) in {41} and 41 in {f(2)}"],
    ["def check(candidate):\n    for n in range(3):\n        assert candidate(n) == 41\ncheck(f)"],
]
