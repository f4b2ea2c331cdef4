"""What became of an error, and which model says so."""

from pathlib import Path

import pytest
import yaml

from lai import cli
from lai.core import jsonl
from lai.core.records import (
    Analysis,
    Completion,
    Error,
    Pair,
    Sample,
    Score,
    SyntheticSample,
    TrainRow,
    Verdict,
)
from lai.lineage.stories import Story, stories, tell
from tests.support.closure import ROOT
from tests.support.instructing import seeds_of

SAMPLE = Sample(task="t", split="pool", input="2 + 2?", reference="4")


def completion(model: str, text: str) -> Completion:
    return Completion(
        parents=[SAMPLE.id],
        sample=SAMPLE.id,
        model=model,
        messages=[],
        completion=text,
        stop_reason="stop",
    )


def written(folder: Path, replaced: bool = False, asked: str = "m+one") -> Path:
    """iter1 finds and teaches one error; iter3 follows iter1, so its eval asks iter1's model.

    `replaced`: a pair took the place of what it teaches. `asked`: the model that iter3 asks.
    """
    wrong, right = completion("m", "5"), completion(asked, "4")
    error = Error(
        parents=[wrong.id], sample=SAMPLE.id, task="t", error="wrong", answer="5",
        reference="4", completion=wrong.id,
    )  # fmt: skip
    (seed,) = seeds_of([error])
    analysis = Analysis(
        parents=[seed.id], seed=seed.id, strategy="le", task="t", skill="sums",
        misconception="carries",
        explanation="counts", request_key="k",
    )  # fmt: skip
    sample = SyntheticSample(
        parents=[analysis.id], task="t", input="3 + 3?", reference="6", solution="6",
        request_key="k",
    )  # fmt: skip
    verdict = Verdict(parents=[sample.id], sample=sample, accepted=True, checks=[])
    row = TrainRow(parents=[verdict.id], task="t", iteration="iter1", prompt=[], completion=[])
    pair = Pair(
        parents=[error.id, SAMPLE.id], task="t", iteration="iter1", instead=row.id, prompt=[],
        chosen=[], rejected=[],
    )  # fmt: skip
    score = Score(parents=[right.id], sample=SAMPLE.id, scorer="number", value="C")
    jsonl.write(folder / "splits/pool.jsonl", [SAMPLE])
    jsonl.write(folder / "iter1/errors.jsonl", [error])
    jsonl.write(folder / "iter1/seeds.jsonl", [seed])
    jsonl.write(folder / "iter1/suspects.jsonl", [])
    jsonl.write(folder / "iter1/analyses.jsonl", [analysis])
    jsonl.write(folder / "iter1/completions.jsonl", [wrong])
    jsonl.write(folder / "iter1/verdicts.jsonl", [verdict])
    jsonl.write(folder / "iter1/train.jsonl", [row])
    jsonl.write(folder / "iter1/pairs.jsonl", [pair] if replaced else [])
    jsonl.write(folder / "iter2/train.jsonl", [])
    jsonl.write(folder / "iter2/pairs.jsonl", [])
    jsonl.write(folder / "iter3/completions.jsonl", [right])
    jsonl.write(folder / "iter3/scores.jsonl", [score])
    for name, model in (("iter0", "m"), ("iter1", "m+one"), ("iter2", "m+two"), ("iter3", "m+3")):
        jsonl.write(folder / name / "reeval_completions.jsonl", [completion(model, "x")])
    return folder


def test_the_story_names_the_model_that_was_asked(tmp_path):
    [story] = stories(written(tmp_path), ["iter0", "iter1", "iter2", "iter3"])
    assert (story.said, story.says_now, story.later) == ("5", "4", "iter1")
    assert (story.found, story.taught_question) == ("carries", "3 + 3?")


def test_no_story_tells_of_an_exercise_that_a_pair_replaced(tmp_path):
    names = ["iter0", "iter1", "iter2", "iter3"]
    assert stories(written(tmp_path, replaced=True), names) == []


def test_no_story_tells_of_an_exercise_of_an_iteration_that_was_taken_back(tmp_path):
    """iter2 started from iter0 again, and mended the error without it."""
    names = ["iter0", "iter1", "iter2", "iter3"]
    assert stories(written(tmp_path, asked="m+two"), names) == []


@pytest.mark.parametrize(
    ("iterations", "told", "gone"),
    [
        ({"iter1": "iter0", "iter3": "iter1"}, "after iter1 the model says  4", "iter2"),
        ({"iter1": "iter0"}, "two iterations tell the first one", "iter2, iter3"),
    ],
)
def test_what_params_name_no_more_is_left_out(
    tmp_path, monkeypatch, capsys, iterations, told, gone
):
    written(tmp_path / "data")
    jsonl.write_json(
        tmp_path / "metrics/summary.json", {"iterations": ["iter0", "iter1", "iter2", "iter3"]}
    )
    params = yaml.safe_load((ROOT / "params.yaml").read_text()) | {"iterations": iterations}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["lai", "story"])
    cli.main()
    said = capsys.readouterr().out
    assert told in said
    assert f"Note: without {gone}, which params.yaml does not name any more." in said


def test_nothing_that_a_model_wrote_moves_the_terminal():
    hostile = "5\x1b]0;title\x07\x1b[2J\r\u202e\x9b1mok\nnext\tline"
    told = tell(Story("t", *[hostile] * 7, later="iter1"))
    assert all(one.isprintable() or one == "\n" for one in told)
    assert "]0;title" in told and "ok\n" in told and "next    line" in told
    assert told.count("next") == 7
