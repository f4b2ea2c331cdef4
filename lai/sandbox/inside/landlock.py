"""Landlock (Linux 5.13): an unprivileged process gives up all files but the named ones, for good.

It stands in for bubblewrap's mounts where there is no bubblewrap. From Linux 6.7 it also refuses
TCP, from 6.12 signals and abstract sockets that lead out. It does not hide that a path exists.
"""

from __future__ import annotations

import ctypes
import os
import struct

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many file rights each ABI knows; 16 from ABI 5
_READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read files, list directories
_DEVICE = 1 << 1 | 1 << 2
_OF_FILES = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15


def restrict(readable: list[str], writable: list[str], devices: list[str]) -> None:
    """Allow this process and its children these paths alone. Raises: OSError where unsupported."""
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(_CREATE, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        raise OSError(ctypes.get_errno(), "no Landlock")
    every = (1 << _RIGHTS.get(abi, 16)) - 1
    attributes = struct.pack("=Q", every)
    if abi >= 4:
        attributes += struct.pack("=Q", 3)  # binding and connecting TCP
    if abi >= 6:
        attributes += struct.pack("=Q", 3)  # abstract Unix sockets and signals
    rules = _done(libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0))
    wanted = [(path, _READ) for path in readable] + [(path, every) for path in writable]
    for path, rights in wanted + [(path, _DEVICE) for path in devices]:
        if not os.path.exists(path):
            continue
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rights &= every if os.path.isdir(path) else every & _OF_FILES
        rule = struct.pack("=Qi", rights, handle)
        _done(libc.syscall(_ADD, rules, 1, rule, 0))
        os.close(handle)
    _done(libc.prctl(38, 1, 0, 0, 0))  # PR_SET_NO_NEW_PRIVS
    _done(libc.syscall(_RESTRICT, rules, 0))
    os.close(rules)


def _done(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock")
    return result
