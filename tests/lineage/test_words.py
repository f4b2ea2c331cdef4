"""A line of each kind of record that the small run of test_trace.py lacks."""

from pathlib import Path

import pytest

from lai.core.records import Check, ContrastSet, Neighbor, Solved, SyntheticSample, Verdict
from lai.lineage import words
from lai.lineage.catalog import Found

NEIGHBOR = Neighbor(sample="s", completion="c", similarity=0.5)
WRITTEN = SyntheticSample(
    task="sums", input="2 + 2?", reference="4", solution="It is\n4.", request_key="k"
)
CHECKS = [Check(name="answer", passed=True), Check(name="copied", passed=False, detail="so it is")]


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (ContrastSet(error="e", neighbors=[NEIGHBOR]), "1 solved neighbors, cosine 0.50"),
        (ContrastSet(error="e", neighbors=[]), "no neighbor"),
        (Solved(sample="s", task="sums", completion="c"), "solved sums"),
        (WRITTEN, "2 + 2? -> It is 4."),
        (Verdict(sample=WRITTEN, accepted=False, checks=CHECKS), "rejected by copied: so it is"),
    ],
)
def test_a_record_in_a_line(record, told):
    found = Found(record.id, Path(), "iter1", record.model_dump(mode="json"))
    assert words.line(found) == f"iter1 {told}"


def test_the_keys_of_a_record_are_those_anywhere_in_it():
    found = Verdict(sample=WRITTEN, accepted=True, checks=[]).model_dump()
    assert words.keys(found | {"votes": [{"request_key": "v"}]}) == ["k", "v"]
