"""What torch and the Hugging Face libraries read from the environment when they are imported."""

from __future__ import annotations

import contextlib
import ctypes
import os

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Of glibc's malloc.h."""


def prepare() -> None:
    """Set what the user has not set; call it before the first import of torch.

    Threads that wait for work sleep instead of spinning. Spinning gains a quarter on an idle
    machine, and costs a factor of five to ten as soon as anything else runs on it, for the
    operations of a small model are short and each waits for all threads.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    # Set either way, it silences a warning at every fork after the tokenizer was used.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    # trl reports each training to its makers.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Have glibc keep up to a gigabyte of what is freed instead of giving it back to the system.

    Each step of decoding on a CPU allocates and frees the same tensors. Given back, they are mapped
    anew each time and the system fills the pages with zeros: a tenth of the time of a small model.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_THRESHOLD, 32 << 20)  # the most that glibc accepts
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
