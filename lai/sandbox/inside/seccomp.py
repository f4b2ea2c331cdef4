"""A seccomp filter (seccomp(2)), put together by hand: it needs no library and no privilege.

Classic BPF over `struct seccomp_data {int nr; u32 arch; u64 ip; u64 args[6]}`. Calls that are not
listed fail with EPERM; another architecture's calls (int 0x80) end the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from . import syscalls

_LOAD, _EQUAL, _BITS, _RETURN = 0x20, 0x15, 0x45, 0x06  # BPF_LD|W|ABS, JEQ, JSET, RET
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_CLONE_THREAD = 0x10000
_OWN_PID = 0x7FFFFFF1  # stands for the pid until `install` knows it
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS TIOCGWINSZ FIONREAD FIONBIO..
_FCNTLS = (0, 1, 2, 3, 4, 5, 6, 7, 1030)  # none that makes the kernel send signals to an owner


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


def assemble(machine: str) -> bytes:
    """The filter for `machine` (x86_64 or aarch64), with a mark where the own pid belongs."""
    rules = {
        "ioctl": _argument(1, _IOCTLS, refuse=errno.ENOTTY),
        "fcntl": _argument(1, _FCNTLS),
        "sendto": _null(4),  # a connected pair needs no address, and no other socket gets one
        "socketpair": _argument(0, (1,)),
        "setsockopt": _argument(1, (1,)),
        "clone": _argument(0, (_CLONE_THREAD,), _BITS),
        "clone3": _step(_RETURN, _ERRNO | errno.ENOSYS),  # its flags lie in memory: use clone
        "kill": _argument(0, (_OWN_PID,)),
        "tgkill": _argument(0, (_OWN_PID,)),
        "prlimit64": _argument(0, (0, _OWN_PID)),
    }
    steps = [
        _step(_LOAD, _ARCH),
        _step(_EQUAL, syscalls.AUDIT[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    for number in syscalls.allowed(machine):
        steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _ALLOW)]
    for name, number in syscalls.conditional(machine).items():
        rule = rules[name]
        steps += [_step(_EQUAL, number, 0, len(rule) // 8), rule]
    return b"".join([*steps, _step(_RETURN, _ERRNO | errno.EPERM)])


class Filter:
    """The filter for this machine. Raises: OSError where there is none."""

    def __init__(self) -> None:
        machine = platform.machine().replace("arm64", "aarch64")
        if not hasattr(os, "memfd_create") or machine not in syscalls.AUDIT:
            raise OSError(errno.ENOSYS, "no seccomp filter for this system")
        self._program = assemble(machine)
        self._libc = ctypes.CDLL(None, use_errno=True)

    def install(self) -> None:
        """Put the filter on this process, for good. Raises: OSError."""
        mark, own = _OWN_PID.to_bytes(4, "little"), os.getpid().to_bytes(4, "little")
        program = ctypes.create_string_buffer(self._program.replace(mark, own))
        steps = len(self._program) // 8
        head = struct.pack("HxxxxxxP", steps, ctypes.addressof(program))
        buffer = ctypes.create_string_buffer(head)
        no_new_privileges, set_seccomp, dumpable = 38, 22, 4
        self._libc.prctl(dumpable, 0, 0, 0, 0)
        zero = ctypes.c_ulong(0)
        if self._libc.prctl(no_new_privileges, ctypes.c_ulong(1), zero, zero, zero):
            raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
        if self._libc.prctl(set_seccomp, ctypes.c_ulong(2), ctypes.byref(buffer), zero, zero):
            raise OSError(ctypes.get_errno(), "PR_SET_SECCOMP")
