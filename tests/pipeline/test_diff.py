"""Rows of two runs, matched by what they are about."""

import pytest

from lai.cli.diff import Side, _print
from lai.core.records import Analysis, Sample, Seed

POOL = [Sample(task="t", split="pool", input=f"{n} + 2?", reference="4") for n in range(3)]


class Kept:
    """A revision whose records are these."""

    def __init__(self, name, records):
        self.name = name
        self._records = records

    def records(self, kind, path):
        return [one for one in self._records if isinstance(one, kind)]


def side(name, *analysed):
    """`analysed`: (strategy, place in the pool, what was found)."""
    records = []
    for number, (strategy, place, found) in enumerate(analysed):
        seed = Seed(parents=[str(number)], strategy=strategy, task="t", sample=POOL[place].id,
                    error="e" if strategy.startswith("le") else None)  # fmt: skip
        records += [
            seed,
            Analysis(
                parents=[seed.id], seed=seed.id, strategy=strategy, task="t", skill="sums",
                misconception=found, explanation="counts", request_key="k",
            ),
        ]  # fmt: skip
    return Side(Kept(name, records), ["iter1"], {one.id: one for one in POOL})


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ([("le", 0, "x"), ("le", 1, "y")], [("lec", 0, "x"), ("lec", 1, "y")],
         "0 the same, 2 changed, 0 only in the first, 0 only in the second"),
        ([("le", 0, "x"), ("le", 1, "y")], [("le", 1, "y"), ("le", 2, "z")],
         "1 the same, 0 changed, 1 only in the first, 1 only in the second"),
        ([("le", 0, "x"), ("augment", 0, "")], [("le", 0, "x")],
         "1 the same, 0 changed, 1 only in the first, 0 only in the second"),
        ([("le", 0, "x"), ("shuffled", 0, "y")], [("le", 0, "x"), ("shuffled", 0, "y")],
         "2 the same, 0 changed, 0 only in the first, 0 only in the second"),
    ],
)  # fmt: skip
def test_analyses_of_one_sample_are_set_side_by_side_whatever_the_strategy(a, b, said, capsys):
    _print("analyses", side("a", *a).analyses("iter1"), side("b", *b).analyses("iter1"), None)
    assert said in capsys.readouterr().out
