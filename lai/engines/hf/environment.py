"""What torch and the Hugging Face libraries read from the environment when they are imported."""

from __future__ import annotations

import os


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
