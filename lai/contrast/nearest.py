"""The nearest rows of one matrix to each row of another, by cosine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp

Matrix: TypeAlias = Any
"""A numpy array or a scipy CSR matrix (scipy has no types)."""

BLOCK = 256
"""Rows compared at a time by a thread: bounds memory at BLOCK x known similarities each."""
DIGITS = 5
"""Decimals that are told apart: the order of a sum, which no machine promises, must not decide."""


def nearest(known: Matrix, asked: Matrix, k: int) -> Iterator[list[tuple[int, float]]]:
    """For each row of `asked` the `k` rows of `known` with the greatest inner product.

    `known`: n x d, `asked`: m x d, rows of length 1 or 0, both dense or both CSR. Yields m lists of
    (row of `known`, similarity), greatest first; of equal ones the lower row comes first.
    """
    transposed = known.T.tocsr() if sp.issparse(known) else known.T
    starts = range(0, asked.shape[0], BLOCK)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with ThreadPoolExecutor(cores) as pool:
        for block in pool.map(lambda at: _block(transposed, asked[at : at + BLOCK], k), starts):
            yield from block


def _block(known: Matrix, asked: Matrix, k: int) -> list[list[tuple[int, float]]]:
    product = asked @ known
    dense = product.toarray() if sp.issparse(product) else np.asarray(product)
    rounded = np.round(dense.astype(np.float32, copy=False), DIGITS)
    k = min(k, rounded.shape[1])
    bounds = np.partition(rounded, -k, axis=1)[:, -k]
    found = []
    for row, bound in zip(rounded, bounds, strict=True):
        places = np.flatnonzero(row >= bound)
        best = places[np.argsort(-row[places], kind="stable")[:k]]
        found.append([(int(place), round(float(row[place]), DIGITS)) for place in best])
    return found
