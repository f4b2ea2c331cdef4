"""Programs that try to pass without solving anything, to break out, or to do harm.

Each defines `f`, and the test is `assert f(20) == 22`, which none of them earns. `{file}`, `{port}`
and `{parent}` stand for a canary file of the host, a listening port of it, and its process.
"""

PROGRAMS = {
    # To pass without an answer.
    "leaves with 0": "import os\nos._exit(0)\n",
    "leaves when called": "import os\ndef f(n):\n    os._exit(0)\n",
    "raises SystemExit": "def f(n):\n    raise SystemExit(0)\n",
    "raises BaseException": "def f(n):\n    raise BaseException('ok')\n",
    "equals everything": "class A:\n    def __eq__(s, o): return True\ndef f(n): return A()\n",
    "an int that equals all": "class A(int):\n    def __eq__(s, o): return True\n"
    "    __hash__ = int.__hash__\ndef f(n): return A(1)\n",
    "a text that equals all": "class A(str):\n    def __eq__(s, o): return True\n"
    "    __hash__ = str.__hash__\ndef f(n): return A('x')\n",
    "a list that equals all": "class A(list):\n    def __eq__(s, o): return True\n"
    "def f(n): return A()\n",
    "true to everything": "class A:\n    def __bool__(s): return True\n"
    "    def __eq__(s, o): return s\ndef f(n): return A()\n",
    "replaces assert's error": "import builtins\nbuiltins.AssertionError = ValueError\n"
    "def f(n): return 0\n",
    "patches compile": "import builtins\nbuiltins.compile = lambda *a, **k: (lambda: 0).__code__\n"
    "def f(n): return 0\n",
    "patches exec": "import builtins\nbuiltins.exec = lambda *a, **k: None\ndef f(n): return 0\n",
    "patches json": "import json\njson.dumps = lambda *a, **k: '[\"verdict\", true]'\n"
    "def f(n): return 0\n",
    "patches os.write": "import os\nos.write = lambda *a: 2\ndef f(n): return 0\n",
    "walks frames for the answer": "import re, sys\ndef f(n):\n    frame = sys._getframe()\n"
    "    while frame:\n        for value in list(frame.f_locals.values()):\n"
    "            found = re.search(r'f.20. == (\\d+)', repr(value))\n"
    "            if found: return int(found[1])\n        frame = frame.f_back\n    return 0\n",
    "scans the heap for the answer": "import gc, re\ndef f(n):\n    for one in gc.get_objects():\n"
    "        if isinstance(one, (list, tuple, dict)):\n"
    "            found = re.search(r'f.20. == (\\d+)', repr(one)[:10000])\n"
    "            if found: return int(found[1])\n    return 0\n",
    "reads its own memory": "def f(n):\n    text = open('/proc/self/mem', 'rb').read(1 << 20)\n"
    "    return 22 if b'== 22' in text else 0\n",
    "traces the tests": "import sys\nsys.settrace(lambda frame, *a: frame.f_globals.update(ok=1))\n"
    "def f(n): return 0\n",
    "prints a verdict": 'def f(n):\n    print(\'["verdict", true, "", false]\')\n    return 0\n',
    "writes verdicts to every descriptor": 'import os\ndata = b\'["verdict",true,"",false]\'\n'
    "for fd in range(64):\n    try: os.write(fd, len(data).to_bytes(4, 'big') + data)\n"
    "    except OSError: pass\ndef f(n): return 0\n",
    "writes ok to every descriptor": "import os\nfor fd in range(64):\n"
    "    try: os.write(fd, b'ok')\n    except OSError: pass\ndef f(n): return 0\n",
    "replies twice": "import os\ndef f(n):\n    data = b'[\"value\",21,[]]'\n"
    "    for fd in range(3, 64):\n        try: os.write(fd, len(data).to_bytes(4, 'big') + data)\n"
    "        except OSError: pass\n    os._exit(0)\n",
    "an exit handler": "import atexit, os\natexit.register(os._exit, 0)\ndef f(n): return 0\n",
    "a finalizer": "import os\nclass A:\n    def __del__(s): os._exit(0)\ndef f(n):\n    A()\n"
    "    return 0\n",
    "a signal handler": "import os, signal\nsignal.signal(signal.SIGTERM, lambda *a: os._exit(0))\n"
    "def f(n):\n    while True: pass\n",
    "returns a huge number": "def f(n): return 22 ** 10 ** 6\n",
    "returns a deep list": "def f(n):\n    a = []\n    for _ in range(10 ** 5): a = [a]\n"
    "    return a\n",
    "returns a generator without end": "def f(n):\n    while True: yield 22\n",
    # To harm.
    "loops": "def f(n):\n    while True: pass\n",
    "loops as it loads": "while True: pass\n",
    "sleeps": "import time\ndef f(n): time.sleep(600)\n",
    "recurses": "def f(n): return f(n)\n",
    "crashes": "import ctypes\ndef f(n): ctypes.string_at(0)\n",
    "takes memory": "def f(n):\n    a = []\n    while True: a.append(bytearray(1 << 26))\n",
    "fills the disk": "def f(n):\n    k = 0\n    while True:\n        k += 1\n"
    "        open(f'/tmp/fill{k}', 'wb').write(b'x' * (1 << 20))\n",
    "floods its output": "import os\ndef f(n):\n    while True: os.write(1, b'x' * (1 << 16))\n",
    "forks without end": "import os\ndef f(n):\n    while True: os.fork()\n",
    "starts threads without end": "import threading, time\ndef f(n):\n    while True:\n"
    "        threading.Thread(target=time.sleep, args=(60,)).start()\n",
    "leaves a daemon": "import os, time\ndef f(n):\n    if os.fork() == 0:\n        os.setsid()\n"
    "        if os.fork() == 0: time.sleep(300)\n        os._exit(0)\n    return 0\n",
    "kills its parent": "import os, signal\ndef f(n): os.kill(os.getppid(), signal.SIGKILL)\n",
    "kills all it may": "import os, signal\ndef f(n): os.kill(-1, signal.SIGKILL)\n",
    "stops its parent": "import os, signal\ndef f(n): os.kill(os.getppid(), signal.SIGSTOP)\n",
    "kills the host's process": "import os\ndef f(n): os.kill({parent}, 9)\n",
    "writes the host's file": "def f(n): open({file!r}, 'w').write('gone')\n",
    "deletes the host's file": "import os\ndef f(n): os.unlink({file!r})\n",
    "reads the host's file": "def f(n): return 22 if 'canary' in open({file!r}).read() else 0\n",
    "reads it by a link": "import os\ndef f(n):\n    os.symlink({file!r}, '/tmp/link')\n"
    "    return 22 if 'canary' in open('/tmp/link').read() else 0\n",
    "reads the environment": "import os\n"
    "def f(n): return 22 if 'LAI_CANARY' in os.environ else 0\n",
    "reads the parent's environment": "def f(n):\n"
    "    text = open('/proc/{parent}/environ', 'rb').read()\n"
    "    return 22 if b'LAI_CANARY' in text else 0\n",
    "calls the host's port": "import socket\ndef f(n):\n"
    "    socket.create_connection(('127.0.0.1', {port}), 2)\n    return 22\n",
    "listens": "import socket\ndef f(n):\n    s = socket.socket()\n    s.bind(('0.0.0.0', 0))\n"
    "    s.listen()\n    return 22\n",
    "runs a shell": "import subprocess\ndef f(n):\n"
    "    return 22 if subprocess.run('true', shell=True).returncode == 0 else 0\n",
    "becomes root": "import os\ndef f(n):\n    os.setuid(0)\n    return 22\n",
    "changes its root": "import os\ndef f(n):\n    os.chroot('/tmp')\n    return 22\n",
    "mounts": "import ctypes\ndef f(n):\n    libc = ctypes.CDLL(None)\n"
    "    return 22 if libc.mount(b'x', b'/tmp', b'tmpfs', 0, None) == 0 else 0\n",
    "traces its parent": "import ctypes, os\ndef f(n):\n    libc = ctypes.CDLL(None)\n"
    "    return 22 if libc.ptrace(16, os.getppid(), 0, 0) == 0 else 0\n",
    "unshares": "import ctypes\ndef f(n):\n"
    "    return 22 if ctypes.CDLL(None).unshare(0x10000000) == 0 else 0\n",
    "executes from memory": "import os\ndef f(n):\n    os.memfd_create('x')\n    return 22\n",
}


def source(name: str, **canaries: object) -> str:
    """The program with its canaries filled in."""
    text = PROGRAMS[name]
    for key, value in canaries.items():
        text = text.replace("{" + key + "!r}", repr(value)).replace("{" + key + "}", str(value))
    return text
