# ruff: noqa: E501, UP031
"""Programs that must not pass: `REACH`, bodies of `def f():` that return True when they got there.

CANARY, PORT, PID and SOCKET are put in. `tests.sandbox.cheats` has those that cheat the tests.
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
    "own_memory": "open('/proc/self/mem', 'r+b'); return True",
    "own_descriptors": "import os; return bool(os.listdir('/proc/self/fd'))",
    "set_session": "import os; os.setsid(); return True",
    "set_group": "import os; os.setpgid(0, 0); return True",
    "death_signal": LIBC + "return libc.prctl(1, 0, 0, 0, 0) == 0",
    "second_filter": LIBC
    + "return libc.prctl(38, 1, 0, 0, 0) == 0 or libc.prctl(22, 2, 0, 0, 0) == 0",
    "dumpable": LIBC + "return libc.prctl(4, 1, 0, 0, 0) == 0",
    "affinity": "import os; os.sched_setaffinity(0, {0}); return True",
    "stop_server": "import os, signal; os.kill(os.getppid(), signal.SIGSTOP); return True",
    "kill_session": "import os; os.kill(-os.getppid(), 0); return True",
    "x32_call": syscall(0x40000000 + 41, 2, 1, 0),
    "link_swap": (
        "import os\n for target in (CANARY, '/etc/passwd', '/proc/self/mem'):\n"
        "  os.symlink(target, 'l'); os.rename('l', 'm')\n"
        "  try: return bool(open('m').read())\n  except OSError: pass\n return False"
    ),
    "lock_host_file": (
        "import fcntl, os; fcntl.flock(open(os.__file__), fcntl.LOCK_SH | fcntl.LOCK_NB); return True"
    ),
    "write_root": "open('/x', 'w'); return True",
    "core_pattern": "open('/proc/sys/kernel/core_pattern', 'w').write('|x'); return True",
    "other_descriptors": (
        "import os\n for n in range(4, 64):\n  try: os.write(n, b'x'); return True\n"
        "  except OSError: pass\n return False"
    ),
}
