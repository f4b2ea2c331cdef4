# ruff: noqa: E501, UP031
"""Programs that must not pass, by name: those that reach out and those that cheat the tests.

`REACH`: bodies of `def f():` that return True when they got what they reach for. CANARY, PORT, PID
and SOCKET are put in. `CHEAT`: programs without the answer; the tests are `assert f(2) == 41` etc.
"""

LIBC = "import ctypes; libc = ctypes.CDLL(None, use_errno=True); "


def syscall(number, *arguments):
    """Whether a raw x86-64 system call succeeds."""
    given = ", ".join(["ctypes.c_long(%s)" % a for a in (number, *arguments)])
    return f"{LIBC}return libc.syscall({given}) >= 0"


REACH = {
    "read_canary": "return 'secret' in open(CANARY).read()",
    "write_canary": "open(CANARY, 'w').write('x'); return True",
    "append_canary": "open(CANARY, 'a').write('x'); return True",
    "delete_canary": "import os; os.unlink(CANARY); return True",
    "rename_canary": "import os; os.rename(CANARY, CANARY + '2'); return True",
    "chmod_canary": "import os; os.chmod(CANARY, 0o777); return True",
    "truncate_canary": "import os; os.truncate(CANARY, 0); return True",
    "symlink_canary": "import os; os.symlink(CANARY, 'l'); return 'secret' in open('l').read()",
    "hardlink_canary": "import os; os.link(CANARY, 'h'); return 'secret' in open('h').read()",
    "list_canary": "import os; return bool(os.listdir(os.path.dirname(CANARY)))",
    "write_prefix": "import os; open(os.__file__, 'a').write('#'); return True",
    "read_shadow": "return bool(open('/etc/shadow').read())",
    "environment": "import os; return 'LAI_KEY' in os.environ",
    "parent_environment": "return b'LAI_KEY' in open('/proc/PID/environ', 'rb').read()",
    "server_environment": "import os; return bool(open('/proc/%d/environ' % os.getppid()).read())",
    "parent_memory": "open('/proc/PID/mem', 'rb'); return True",
    "server_memory": "import os; open('/proc/%d/mem' % os.getppid(), 'rb'); return True",
    "connect": "import socket; socket.create_connection(('127.0.0.1', PORT), 1); return True",
    "listen": "import socket; socket.create_server(('127.0.0.1', 0)); return True",
    "abstract_socket": (
        "import socket; s = socket.socket(socket.AF_UNIX); s.connect('\\0SOCKET'); return True"
    ),
    "datagram_pair": (
        "import socket; a, b = socket.socketpair(type=socket.SOCK_DGRAM);"
        "a.sendto(b'x', '\\0SOCKET'); return True"
    ),
    "raw_socket": syscall(41, 17, 3, 0),
    "kill_parent": "import os; os.kill(PID, 0); return True",
    "kill_server": "import os; os.kill(os.getppid(), 9); return True",
    "kill_all": "import os; os.kill(-1, 9); return True",
    "kill_group": "import os; os.killpg(0, 0); return True",
    "signal_by_owner": "import fcntl, os; fcntl.fcntl(3, fcntl.F_SETOWN, os.getppid()); return True",
    "ptrace_server": "import os; " + syscall(101, 16, "os.getppid()", 0, 0),
    "read_server": "import os; " + syscall(310, "os.getppid()", 0, 0, 0, 0, 0),
    "fork": "import os\n if os.fork() == 0: os._exit(0)\n return True",
    "fork_bomb": "import os\n while True: os.fork()",
    "double_fork_daemon": (
        "import os, time\n if os.fork() == 0:\n  os.setsid()\n  os.fork() or time.sleep(60)\n return True"
    ),
    "subprocess": "import subprocess; subprocess.run(['/bin/true']); return True",
    "vfork": syscall(58),
    "execute": "import os; os.execv('/bin/true', ['true'])",
    "multiprocessing": "import multiprocessing as m; p = m.Process(target=int); p.start(); return True",
    "thread_bomb": (
        "import threading, time\n threading.stack_size(32768)\n"
        " for _ in range(2000): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
        " return True"
    ),
    "memory_bomb": "x = bytearray(1 << 33); return True",
    "memory_slow": "x = []\n while True: x.append(bytearray(1 << 24))",
    "disk_fill": ("for i in range(64): open('f%d' % i, 'wb').write(bytes(1 << 20))\n return True"),
    "big_file": "open('big', 'wb').write(bytes(1 << 26)); return True",
    "shared_memory": "open('/dev/shm/x', 'w').write('x'); return True",
    "many_descriptors": "x = [open('/dev/null') for _ in range(500)]; return True",
    "raise_limit": (
        "import resource as r; r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY,) * 2); return True"
    ),
    "limit_of_server": "import os, resource as r; r.prlimit(os.getppid(), r.RLIMIT_CPU, (0, 0)); return True",
    "setuid": "import os; os.setuid(0); os.seteuid(0); return open('/etc/shadow').read() != ''",
    "chroot": "import os; os.chroot('/'); return True",
    "unshare": syscall(272, 0x10000000),
    "mount": syscall(165, 0, 0, 0, 0, 0),
    "open_by_handle": syscall(304, 0, 0, 0),
    "inotify": syscall(294, 0),
    "keyctl": syscall(250, 0, -3, 1),
    "add_key": syscall(248, 0, 0, 0, 0, 0),
    "io_uring": LIBC + "b = ctypes.create_string_buffer(256); return libc.syscall(425, 4, b) >= 0",
    "perf": LIBC
    + "b = ctypes.create_string_buffer(128); return libc.syscall(298, b, 0, -1, -1, 0) >= 0",
    "bpf": LIBC + "b = ctypes.create_string_buffer(128); return libc.syscall(321, 0, b, 48) >= 0",
    "userfaultfd": syscall(323, 1),
    "memfd": "import os; os.memfd_create('x'); return True",
    "sysv_memory": syscall(29, 0, 4096, 0o1600),
    "message_queue": syscall(68, 0, 0o1600),
    "pidfd": "import os; os.pidfd_open(os.getppid()); return True",
    "priority": "import os; os.setpriority(0, os.getppid(), 19); return True",
    "personality": syscall(135, 0x0400000),
    "clone3": syscall(435, 0, 0),
    "terminal": "import fcntl; fcntl.ioctl(0, 0x5412, b'x'); return True",
    "write_root": "open('/x', 'w'); return True",
    "core_pattern": "open('/proc/sys/kernel/core_pattern', 'w').write('|x'); return True",
    "other_descriptors": (
        "import os\n for n in range(4, 64):\n  try: os.write(n, b'x'); return True\n"
        "  except OSError: pass\n return False"
    ),
}

OBJECT = """class X:
    def __init__(self, *a): pass
    def __eq__(self, o): return True
    def __ne__(self, o): return False
    def __lt__(self, o): return True
    __le__ = __gt__ = __ge__ = __contains__ = __instancecheck__ = __lt__
    def __abs__(self): return self
    def __sub__(self, o): return self
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
    ["def check(candidate):\n    for n in range(3):\n        assert candidate(n) == 41\ncheck(f)"],
]
