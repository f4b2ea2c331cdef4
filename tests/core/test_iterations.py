"""The order of iterations, and what led to the last one."""

import pytest

from lai.core.iterations import chain, path


@pytest.mark.parametrize(
    ("iterations", "ordered", "led"),
    [
        ({"iter1": "iter0"}, ["iter0", "iter1"], ["iter0", "iter1"]),
        ({"iter2": "iter1", "iter1": "iter0"}, ["iter0", "iter1", "iter2"],
         ["iter0", "iter1", "iter2"]),
        ({"iter1": "iter0", "iter2": "iter1", "iter3": "iter1"},
         ["iter0", "iter1", "iter2", "iter3"], ["iter0", "iter1", "iter3"]),
        ({"iter1": "iter0", "iter2": "iter1", "iter9": "iter0"},
         ["iter0", "iter1", "iter9", "iter2"], ["iter0", "iter1", "iter2"]),
    ],
)  # fmt: skip
def test_branches_are_in_the_chain_and_not_on_the_path(iterations, ordered, led):
    assert chain(iterations) == ordered
    assert path(iterations) == led
