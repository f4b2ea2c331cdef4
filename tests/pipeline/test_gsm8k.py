"""The whole DAG on a real task's schema: GSM8K rows, a served instructor, a model that trains."""

import json

import pytest

from lai.core import jsonl
from lai.core.jsonl import index
from lai.core.records import (
    Analysis,
    Completion,
    Error,
    Sample,
    Score,
    Seed,
    Solved,
    TrainRow,
    Verdict,
)
from tests.support import gsm8k, repository
from tests.support.openai_server import Server


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    with Server() as server:
        made = repository.make(tmp_path_factory.mktemp("gsm8k"), **gsm8k.params(server.url))
        made.repro()
        yield made, server


def test_every_stage_wrote_its_records(loop):
    made, server = loop
    folder = made.path / "data/iter1"
    pool = jsonl.read(Sample, made.path / "data/splits/pool.jsonl")
    errors = jsonl.read(Error, folder / "errors.jsonl")
    solved = jsonl.read(Solved, folder / "solved.jsonl")
    assert len(jsonl.read(Score, folder / "scores.jsonl")) == len(pool) == 40
    assert len(errors) + len(solved) == 40
    assert len(errors) > 30, "an untaught model should fail GSM8K"
    assert len(jsonl.read(Analysis, folder / "analyses.jsonl")) == len(errors)
    rows = jsonl.read(TrainRow, folder / "train.jsonl")
    assert len(rows) == 20
    assert (made.path / "models/iter1/adapter_model.safetensors").stat().st_size > 10_000
    assert server.count
    assert max(server.count.values()) == 1


def test_every_taught_row_leads_back_to_an_error_and_its_question(loop):
    made, _ = loop
    folder = made.path / "data/iter1"
    verdicts = index(jsonl.read(Verdict, folder / "verdicts.jsonl"))
    analyses = index(jsonl.read(Analysis, folder / "analyses.jsonl"))
    seeds = index(jsonl.read(Seed, folder / "seeds.jsonl"))
    errors = index(jsonl.read(Error, folder / "errors.jsonl"))
    completions = index(jsonl.read(Completion, folder / "completions.jsonl"))
    pool = index(jsonl.read(Sample, made.path / "data/splits/pool.jsonl"))
    for row in jsonl.read(TrainRow, folder / "train.jsonl"):
        [verdict] = row.parents
        [analysis] = verdicts[verdict].sample.parents
        [seed] = analyses[analysis].parents
        error = errors[seeds[seed].parents[0]]
        completion = completions[error.parents[0]]
        assert completion.parents == [error.sample]
        assert error.sample in pool


def test_the_prompt_is_what_the_target_is_asked_with(loop):
    made, _ = loop
    row = jsonl.read(TrainRow, made.path / "data/iter1/train.jsonl")[0]
    assert 'end with one line of the form "The answer is N."' in row.prompt[0]["content"]
    assert "#### " in row.completion[0]["content"]


def test_the_summary_holds_the_figures_of_the_iterations(loop):
    made, _ = loop
    summary = json.loads((made.path / "metrics/summary.json").read_text())
    assert summary["iterations"] == ["iter0", "iter1"]
    assert summary["tasks"]["gsm8k"]["n"] == 24
    assert summary["ood_mean"] is None
    plots = made.run("dvc", "plots", "show", "--show-vega", "metrics/summary.json").stdout
    assert "WARNING" not in plots and '"id_mean"' in plots
    for iteration, accuracy in zip(["iter0", "iter1"], summary["id_mean"], strict=True):
        scores = jsonl.read(Score, made.path / f"data/{iteration}/reeval_scores.jsonl")
        tests = index(jsonl.read(Sample, made.path / "data/splits/test.jsonl"))
        right = [score.value == "C" for score in scores if score.sample in tests]
        assert accuracy == pytest.approx(sum(right) / len(right), abs=1e-6)


def test_no_key_and_no_url_is_tracked(loop):
    made, server = loop
    tracked = made.run("git", "add", "-An", ".").stdout + (made.path / "dvc.lock").read_text()
    assert server.url not in tracked
