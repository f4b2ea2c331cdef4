"""What the same iteration set aside is not replayed."""

from pathlib import Path

import pytest

from lai.core import jsonl
from lai.core.params import load
from lai.core.records import Completion, Sample, Solved, TrainRow
from lai.core.reviewing import Suspect
from lai.core.stage import first_gate
from lai.engines import target
from lai.estimation.rehearse import everything
from stages import train
from tests.support.closure import ROOT
from tests.support.teaching import ROWS


def test_an_iteration_replays_nothing_that_it_set_aside(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a solved question that a person called wrong."""
    monkeypatch.chdir(tmp_path)
    pool = [Sample(task="t", split="pool", input=f"q {n}", reference="yes") for n in range(4)]
    said = [
        Completion(
            parents=[one.id], sample=one.id, model="m", completion="yes", stop_reason="stop",
            messages=[{"role": "user", "content": one.input}],
        )
        for one in pool
    ]  # fmt: skip
    solved = [
        Solved(parents=[one.id], sample=one.sample, task="t", completion=one.id) for one in said
    ]
    doubt = Suspect(
        parents=[solved[0].id], task="t", sample=pool[0].id, reference="yes", found=[], agree=False,
        reason="a person said that its reference is wrong",
    )  # fmt: skip
    for name, records in {
        "splits/dev": [], "splits/test": [], "splits/undrawn": [], "iter1/train": ROWS[:4],
        "iter1/pairs": [], "iter1/completions": said, "iter1/solved": solved,
        "iter1/gold_suspects": [doubt],
    }.items():  # fmt: skip
        jsonl.write(f"data/{name}.jsonl", records)
    described = target.describe_base(str(base), None)
    target.write("models/iter0", described)
    jsonl.write_json("data/iter0/gate.json", first_gate(described.name))
    params = load(ROOT / "params.yaml")
    small = params.target.model_copy(update={"model": str(base)})
    train.main(everything(params.model_copy(update={"target": small})), "iter1", "iter0")
    replayed = jsonl.read(TrainRow, "data/iter1/replay.jsonl")
    assert {row.parents[0] for row in replayed} == {one.id for one in said[1:]}
    seen = set(target.read("models/iter1").trained_on)
    assert seen == {one.id for one in pool[1:]}
