"""How a CPU's cores are shared out for a small model."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch

SMALL = 100_000_000
"""Parameters of a model whose single operations are too small to keep several cores busy."""


def side_by_side(model: Any, most: int) -> int:
    """How many pieces of work with `model` go on at a time, each in a thread with its share of
    the cores: up to `most` on a CPU when the model is small, otherwise one with all of them.
    """
    if model.device.type != "cpu" or model.num_parameters() >= SMALL:
        return 1
    pieces = min(most, threads())
    torch.set_num_threads(threads() // pieces)
    return pieces


@cache
def threads() -> int:
    """What torch takes when left alone: the cores, or what OMP_NUM_THREADS says."""
    return torch.get_num_threads()
