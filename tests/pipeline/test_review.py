"""A wrong reference is set aside, and a person's word holds in the next run, through the DAG."""

import json
import sys

from lai.core import jsonl
from lai.core.records import Sample, TrainRow, Verdict
from lai.core.reviewing import Suspect
from tests.support import gsm8k, repository
from tests.support.openai_server import Server

ROWS = [json.loads(line) for line in (gsm8k.FIXTURE / "train.jsonl").open()]
# The server solves what it might have written itself: 8 * 9 is not 71.
MISLABELLED = {
    "question": "Depot five has 8 crates of 9 pears each. How many pears is that?",
    "answer": "8 * 9 = 71\n#### 71",
}


def made_with(folder, url, **changes):
    data = folder / "gsm8k"
    data.mkdir()
    rows = [*ROWS, MISLABELLED]
    (data / "test.jsonl").write_text((gsm8k.FIXTURE / "test.jsonl").read_text())
    (data / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    log = folder / "log.jsonl"
    said = {"response": "The answer is 987654."}
    log.write_text("".join(json.dumps(row | said) + "\n" for row in rows))
    params = gsm8k.params(url, data)
    params["target"] = {"engine": "replay", "model": "logged", "responses": str(log)}
    params.pop("target__max_tokens")
    return repository.make(folder / "loop", **params, **changes)


def test_a_suspect_is_no_lesson_until_a_person_says_so_and_a_rejected_sample_is_none(tmp_path):
    with Server() as server:
        made = made_with(tmp_path, server.url)
        folder = made.path / "data/iter1"
        said = made.run("dvc", "repro", "synthesize@iter1").stdout
        assert "seeds, 1 suspect set aside ->" in said
        [suspect] = jsonl.read(Suspect, folder / "suspects.jsonl")
        pool = jsonl.index(jsonl.read(Sample, made.path / "data/splits/pool.jsonl"))
        assert pool[suspect.sample].input == MISLABELLED["question"]
        assert [one.answer for one in suspect.found] == ["72", "72", "72"]
        figures = json.loads((made.path / "data/iter1/synthesis.json").read_text())
        assert figures["suspects"] == 1 and figures["accepted"] == 20
        assert figures["calls"] == len(server.bodies)
        first = jsonl.read(Verdict, folder / "verdicts.jsonl")[0]
        answers = f"{first.sample.id} reject\\nright\\nquit\\n"
        review = f"printf '{answers}' | {sys.executable} -m lai.cli review iter1"
        assert "1 reject, 1 right" in made.run("bash", "-c", review).stdout
        said = made.run("dvc", "repro", "synthesize@iter1").stdout
        assert "2 decisions of people" in said and "0 suspects set aside" in said
        assert "Running stage 'eval@iter1'" not in said
        assert max(server.count.values()) == 1, "what was paid for is not paid for again"
    assert jsonl.read(Suspect, folder / "suspects.jsonl") == []
    assert len(jsonl.read(TrainRow, folder / "train.jsonl")) == 20
    rejected = jsonl.index(
        jsonl.read(Verdict, folder / "rejected.jsonl"), lambda one: one.sample.id
    )
    assert rejected[first.sample.id].checks[-1].detail == "a person rejected it"
    made.run("git", "add", "data/reviews/iter1.jsonl")
    assert "data/reviews/iter1.jsonl" in made.run("git", "diff", "--cached", "--name-only").stdout


def test_a_baseline_that_teaches_references_as_they_are_leaves_the_suspect_out(tmp_path):
    with Server() as server:
        made = made_with(tmp_path, server.url, strategy="finetune")
        said = made.run("dvc", "repro", "synthesize@iter1").stdout
        assert "20 pool questions taught, 0 rejected, 1 suspect set aside" in said
        figures = json.loads((made.path / "data/iter1/synthesis.json").read_text())
        assert figures["suspects"] == 1
        assert figures["calls"] == len(server.bodies) == 23
        asked = made.run(sys.executable, "-m", "lai.cli", "review", "iter1", "--list").stdout
    [suspect] = jsonl.read(Suspect, made.path / "data/iter1/gold_suspects.jsonl")
    assert suspect.sample in asked and suspect.reference == "71"
    rows = jsonl.read(TrainRow, made.path / "data/iter1/train.jsonl")
    assert len(rows) == 20 and suspect.sample not in {row.parents[-1] for row in rows}
