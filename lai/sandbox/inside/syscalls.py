"""The system calls that a program may make: what a single-process interpreter needs.

Everything else is refused, among it: new processes and programs, sockets that lead anywhere,
signals to others, ptrace, namespaces, mounts, modes, owners and locks of files, keys, io_uring,
bpf, perf, userfaultfd, memfd, inotify, System V IPC. `-` stands for a call that AArch64 lacks.
"""

from __future__ import annotations

_TABLE = """
read 0 63, write 1 64, open 2 -, close 3 57, stat 4 -, fstat 5 80, lstat 6 -, poll 7 -,
lseek 8 62, mmap 9 222, mprotect 10 226, munmap 11 215, brk 12 214, rt_sigaction 13 134,
rt_sigprocmask 14 135, rt_sigreturn 15 139, pread64 17 67, pwrite64 18 68, readv 19 65,
writev 20 66, access 21 -, pipe 22 -, select 23 -, sched_yield 24 124, mremap 25 216,
msync 26 227, madvise 28 233, dup 32 23, dup2 33 -, pause 34 -, nanosleep 35 101,
getitimer 36 102, alarm 37 -, setitimer 38 103, getpid 39 172, sendfile 40 71,
recvfrom 45 207, shutdown 48 210, getsockname 51 204, getpeername 52 205, getsockopt 55 209,
exit 60 93, wait4 61 260, uname 63 160, fsync 74 82, fdatasync 75 83,
ftruncate 77 46, getdents 78 -, getcwd 79 17, chdir 80 49, fchdir 81 50, rename 82 -,
mkdir 83 -, rmdir 84 -, creat 85 -, link 86 -, unlink 87 -, symlink 88 -, readlink 89 -,
umask 95 166, gettimeofday 96 169, getrlimit 97 163, getrusage 98 165, sysinfo 99 179,
times 100 153, getuid 102 174, getgid 104 176, geteuid 107 175, getegid 108 177,
getppid 110 173, getpgrp 111 -, getgroups 115 158, getresuid 118 148, getresgid 120 150,
getpgid 121 155, getsid 124 156, rt_sigpending 127 136, rt_sigtimedwait 128 137,
rt_sigsuspend 130 133, sigaltstack 131 132, statfs 137 43, fstatfs 138 44, arch_prctl 158 -,
setrlimit 160 164, gettid 186 178, time 201 -, futex 202 98, sched_getaffinity 204 123,
getdents64 217 61, set_tid_address 218 96, restart_syscall 219 128, clock_gettime 228 113,
clock_getres 229 114, clock_nanosleep 230 115, exit_group 231 94, epoll_wait 232 -,
epoll_ctl 233 21, waitid 247 95, openat 257 56, mkdirat 258 34, newfstatat 262 79,
unlinkat 263 35, renameat 264 38, linkat 265 37, symlinkat 266 36, readlinkat 267 78,
faccessat 269 48, pselect6 270 72, ppoll 271 73, set_robust_list 273 99, epoll_pwait 281 22,
eventfd2 290 19, epoll_create1 291 20, dup3 292 24, pipe2 293 59, getcpu 309 168,
renameat2 316 276, getrandom 318 278, membarrier 324 283, copy_file_range 326 285,
statx 332 291, rseq 334 293, close_range 436 436, faccessat2 439 439
"""
_CONDITIONAL = """
ioctl 16 29, sendto 44 206, socketpair 53 199, clone 56 220, kill 62 129, fcntl 72 25,
tgkill 234 131, prlimit64 302 261, clone3 435 435, setsockopt 54 208, setsid 112 157,
prctl 157 167, sched_setaffinity 203 122
"""
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def _numbers(table: str, machine: str) -> dict[str, int]:
    rows = [row.split() for row in table.split(",")]
    column = {"x86_64": 1, "aarch64": 2}[machine]
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


def allowed(machine: str) -> list[int]:
    """The numbers of the calls that are allowed with any arguments."""
    return list(_numbers(_TABLE, machine).values())


def conditional(machine: str) -> dict[str, int]:
    """The calls that are allowed with some arguments, or to the server alone: see `seccomp`."""
    return _numbers(_CONDITIONAL, machine)
