"""An iteration that the gate took back is told as one."""

from lai.core import jsonl
from lai.core.records import Sample, TrainRow


def test_an_iteration_that_the_gate_took_back_is_said_to_be(lai, root):
    row = next(
        one
        for one in jsonl.read(TrainRow, root / "data/iter1/train.jsonl")
        if one.iteration == "iter1"
    )
    sample = next(
        one for one in jsonl.read(Sample, root / "data/splits/test.jsonl") if one.metadata
    )
    told = "taken back by the gate"
    asked = (("trace", row.id), ("trace", "--flips", "iter1"), ("trace", sample.id))
    assert not any(told in lai(*one, columns=200) for one in asked)
    jsonl.write_json(root / "data/iter1/gate.json", {"good": "iter0"})
    try:
        traced, flips, item = (lai(*one, columns=200) for one in asked)
    finally:
        jsonl.write_json(root / "data/iter1/gate.json", {"good": "iter1"})
    assert "taught to models/iter1 (taken back by the gate): " in traced
    assert flips.startswith("iter1 (taken back by the gate) against iter0, dev and test items: ")
    assert "broken in iter1 (taken back by the gate); nearest of" in item
