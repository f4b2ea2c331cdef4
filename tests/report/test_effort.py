"""The sums of what was asked stand under the heads that they are of."""

import dataclasses

import pytest

from lai.core.params.runtime import PriceParams
from lai.report import page
from tests.support.reported import flat

NONE = {"replies": 0, "prompt_tokens": 0, "completion_tokens": 0}
ASKED = {"completion_tokens": 5, "prompt_tokens": 70_000, "replies": 2}


def table(run, **steps):
    """The page up to the end of the table, of two iterations with these steps."""
    told = dataclasses.replace(
        run,
        usage=[(name, {**steps, "train": {}}) for name in ("iter1", "iter2")],
        params={**run.params, "price": PriceParams(input=100, output=1000)},
    )
    return flat(page.render(told)).partition("<h3>Calls and tokens</h3>")[2]


def last(run, **steps):
    """The cells of the table's last row, see `table`."""
    return row(table(run, **steps), '<th scope="row">all</th><td></td>')


def row(page, begins):
    """The cells of the first row with this beginning."""
    cells = page.partition(begins)[2].partition("</tr>")[0].replace("<td>", "").split("</td>")
    return [cell for cell in cells if cell]


@pytest.mark.parametrize(
    ("synthesize", "sums"),
    [
        (ASKED, ["4", "140,000", "10", "14.0100"]),
        (NONE, ["0", "0", "0", "0.0000"]),
        ({**NONE, "replies": 3}, ["6", "0", "0", "–"]),
    ],
)
def test_a_step_that_asked_nobody_moves_no_column(run, synthesize, sums):
    """As of strategies that have nothing analysed, or a server that tells of no tokens."""
    assert last(run, analyze=NONE, synthesize=synthesize) == sums


@pytest.mark.parametrize("other", ["judge", "target"])
def test_the_tokens_of_others_are_counted_and_not_at_the_instructors_price(run, other):
    told = table(run, analyze=NONE, synthesize=ASKED, **{other: ASKED})
    assert row(told, f'<td class="text">{other}</td>') == ["2", "70,000", "5", "–"]
    assert row(told, '<th scope="row">all</th><td></td>') == ["8", "280,000", "20", "14.0100"]
    words = "Of the instructor and, in lines of their own, of the judge or a served target, asked"
    assert words in told and "what a judge or a served target costs is left out" in told
    assert words not in table(run, analyze=NONE, synthesize=ASKED)
