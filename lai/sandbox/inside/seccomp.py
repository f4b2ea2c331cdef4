"""Two seccomp filters (seccomp(2)), put together by hand: no library and no privilege is needed.

The server takes the long one, a list of what is allowed, and every child inherits it. A child adds
a short one that takes back what the server alone needs, for a filter costs by its length, and a
child starts for every program. Of two filters the stricter answer counts.

Classic BPF over `struct seccomp_data {int nr; u32 arch; u64 ip; u64 args[6]}`. Calls that are not
listed fail with EPERM; another architecture's calls (int 0x80) end the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from typing import Any

from . import syscalls

_LOAD, _EQUAL, _BITS, _RETURN = 0x20, 0x15, 0x45, 0x06  # BPF_LD|W|ABS, JEQ, JSET, RET
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_CLONE_THREAD = 0x10000
_OWN_PID = 0x7FFFFFF1  # stands for the pid until the child knows it
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS TIOCGWINSZ FIONREAD FIONBIO..
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 1030)  # none that makes the kernel send signals to an owner
_DUMPABLE, _SECCOMP, _NO_NEW_PRIVILEGES = 4, 22, 38  # options of prctl(2)
DEATH_SIGNAL = 1  # an option of prctl(2) too: to get a signal when the parent ends


def _step(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)


def _argument(place: int, values: tuple[int, ...], code: int = _EQUAL, refuse: int = 1) -> bytes:
    """Allow when the low half of argument `place` is one of `values`, else fail with `refuse`."""
    steps = [_step(_LOAD, _ARGUMENTS + 8 * place)]
    for value in values:
        steps += [_step(code, value, 0, 1), _step(_RETURN, _ALLOW)]
    return b"".join([*steps, _step(_RETURN, _ERRNO | refuse)])


def _null(place: int) -> bytes:
    """Allow when the 64-bit argument `place` is zero."""
    refuse = _step(_RETURN, _ERRNO | errno.EPERM)
    halves = [
        _step(_LOAD, _ARGUMENTS + 8 * place + half) + _step(_EQUAL, 0, 1, 0) + refuse
        for half in (0, 4)
    ]
    return b"".join(halves) + _step(_RETURN, _ALLOW)


_REFUSE = _step(_RETURN, _ERRNO | errno.EPERM)
_BOTH: dict[str, bytes] = {
    "ioctl": _argument(1, _IOCTLS, refuse=errno.ENOTTY),
    "fcntl": _argument(1, _FCNTLS),
    "sendto": _null(4),  # a connected pair needs no address, and no other socket gets one
    "socketpair": _argument(0, (1,)),
    "setsockopt": _argument(1, (1,)),
    "clone3": _step(_RETURN, _ERRNO | errno.ENOSYS),  # its flags lie in memory: use clone
    "prctl": _argument(0, (DEATH_SIGNAL, _SECCOMP)),
}
_CHILD: dict[str, bytes] = {
    "kill": _argument(0, (_OWN_PID,)),
    "tgkill": _argument(0, (_OWN_PID,)),
    "prlimit64": _argument(0, (0, _OWN_PID)),
    "setsid": _REFUSE,
    "prctl": _REFUSE,
    "sched_setaffinity": _REFUSE,
}


def assemble(machine: str) -> bytes:
    """The server's filter for `machine` (x86_64 or aarch64)."""
    steps = [
        _step(_LOAD, _ARCH),
        _step(_EQUAL, syscalls.AUDIT[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    for number in syscalls.allowed(machine):
        steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _ALLOW)]
    for name, number in syscalls.conditional(machine).items():
        rule = _BOTH.get(name, _step(_RETURN, _ALLOW))
        steps += [_step(_EQUAL, number, 0, len(rule) // 8), rule]
    return b"".join([*steps, _REFUSE])


def assemble_child(machine: str, threads: bool) -> bytes:
    """What a child adds for `machine`, with a mark where its own pid belongs.

    `threads`: whether it may start any. Never a process.
    """
    clone = _argument(0, (_CLONE_THREAD,), _BITS) if threads else _REFUSE
    rules = {**_CHILD, "clone": clone}
    steps = [_step(_LOAD, _NUMBER)]
    for name, number in syscalls.conditional(machine).items():
        if name in rules:
            steps += [_step(_EQUAL, number, 0, len(rules[name]) // 8), rules[name]]
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def prctl() -> Any:
    """The C library's function of that name: (option, four numbers) -> 0, or -1 and an errno."""
    function = ctypes.CDLL(None, use_errno=True).prctl
    function.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    return function


class Filter:
    """The filters for this machine; `threads`: whether programs may start any.

    Raises: OSError where there are none.
    """

    def __init__(self, threads: bool) -> None:
        machine = os.uname().machine.replace("arm64", "aarch64")
        if not hasattr(os, "memfd_create") or machine not in syscalls.AUDIT:
            raise OSError(errno.ENOSYS, "no seccomp filter for this system")
        self._server = _Program(assemble(machine))
        self._child = _Program(assemble_child(machine, threads))
        self._prctl = prctl()

    def server(self) -> None:
        """Put the long filter on this process and its children, for good. Raises: OSError."""
        self._prctl(_DUMPABLE, 0, 0, 0, 0)
        if self._prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
        self._install(self._server)

    def child(self) -> None:
        """Take back, for good, what only the server needs. Raises: OSError."""
        self._child.fill(os.getpid())
        self._install(self._child)

    def _install(self, program: _Program) -> None:
        if self._prctl(_SECCOMP, 2, program.address, 0, 0):
            raise OSError(ctypes.get_errno(), "PR_SET_SECCOMP")


class _Program:
    """A filter laid out as the kernel takes it; made by the server, filled in by a child."""

    def __init__(self, steps: bytes) -> None:
        mark = _OWN_PID.to_bytes(4, "little")
        self._marks = [at for at in range(0, len(steps), 4) if steps[at : at + 4] == mark]
        self._steps = bytearray(steps)
        self._buffer = (ctypes.c_char * len(steps)).from_buffer(self._steps)
        head = struct.pack("HxxxxxxP", len(steps) // 8, ctypes.addressof(self._buffer))
        self._head = ctypes.create_string_buffer(head)
        self.address = ctypes.addressof(self._head)

    def fill(self, pid: int) -> None:
        """Put `pid` where the marks are."""
        for at in self._marks:
            self._steps[at : at + 4] = pid.to_bytes(4, "little")
