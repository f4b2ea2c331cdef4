"""Which iteration comes after which; `iterations` in params.yaml maps each to the one before."""

from __future__ import annotations

from collections.abc import Mapping

BASE = "iter0"
"""The base model, which follows nothing."""


def chain(iterations: Mapping[str, str]) -> list[str]:
    """iter0 and every iteration after the one that it follows, in the order of params.yaml."""
    ordered = [BASE]
    waiting = list(iterations)
    while waiting:
        ready = [name for name in waiting if iterations[name] in ordered]
        ordered += ready
        waiting = [name for name in waiting if name not in ready]
    return ordered


def path(iterations: Mapping[str, str]) -> list[str]:
    """From iter0 to the last iteration of `chain` what led to it: branches are left out."""
    return path_to(chain(iterations)[-1], iterations)


def path_to(iteration: str, iterations: Mapping[str, str]) -> list[str]:
    """From iter0 to `iteration` what led to it."""
    found = [iteration]
    while found[0] != BASE:
        found.insert(0, iterations[found[0]])
    return found
