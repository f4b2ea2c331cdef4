"""What `lai compare` reads of experiments that have run, and what it says when that is gone."""

import argparse
import json
import shutil

import pytest
import yaml

from lai.cli import compare
from lai.cli.experiments import Collection, Experiment
from lai.cli.revisions import Revision
from lai.core.errors import PipelineError
from lai.core.records import Sample, Score, TrainRow
from lai.report.comparison import VANILLA
from tests.support.repository import Repository

TESTS = [
    Sample(task="sums", split="test", input=f"{number} + 2?", reference=str(number + 2))
    for number in range(4)
]
TASKS = {"sums": {"family": "math", "role": "id", "scorer": "number", "prompt": "plain"}}
TOKENS = 200
NAME = "compare-le-s1-aaaaaaaa"
ONE = Experiment(NAME, "le", 1, "le")


def lines(records):
    return "".join(f"{json.dumps(one.model_dump())}\n" for one in records)


def scores(right):
    return lines(
        Score(sample=one.id, scorer="number", value="C" if place < right else "I")
        for place, one in enumerate(TESTS)
    )


def ran(path, iterations, good=None):
    """A repository of git and DVC with a run of `iterations` under a tag of the name `NAME`.

    `good`: what the gate says of an iteration. The data are in DVC's cache.
    """
    repository = Repository(path)
    files = {
        "params.yaml": yaml.safe_dump({"iterations": iterations}),
        "data/splits/test.jsonl": lines(TESTS),
        "data/splits/tasks.json": json.dumps(TASKS),
        "data/iter0/reeval_scores.jsonl": scores(1),
    }
    for number, name in enumerate(iterations, 1):
        row = TrainRow(task="sums", iteration=name, prompt=[], completion=[])
        folder = f"data/{name}"
        files |= {
            f"{folder}/gate.json": json.dumps({"good": (good or {}).get(name, name)}),
            f"{folder}/reeval_scores.jsonl": scores(1 + number),
            f"{folder}/train.jsonl": lines([row] * number),
            f"{folder}/synthesis.json": json.dumps({"tokens": TOKENS}),
        }
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    repository.run("git", "init", "-q")
    repository.run("git", "config", "user.email", "test@example.org")
    repository.run("git", "config", "user.name", "test")
    repository.run("dvc", "init", "-q")
    repository.run("dvc", "add", "-q", *(str(one) for one in (path / "data").iterdir()))
    repository.run("git", "add", "-A")
    repository.run("git", "commit", "-q", "-m", "ran")
    repository.run("git", "tag", NAME)
    shutil.rmtree(path / "data")
    return repository


def collected(experiment=ONE):
    found = Collection()
    found.add(experiment)
    return {run.strategy: run for run in found.runs}


def test_a_run_is_charged_what_led_to_its_last_iteration(tmp_path, monkeypatch):
    monkeypatch.chdir(ran(tmp_path, {"iter1": "iter0", "iter2": "iter1", "iter3": "iter1"}).path)
    found = collected()
    assert sum(found[VANILLA].right.values()) == 1
    assert sum(found["le"].right.values()) == 4
    assert found["le"].tokens == 2 * 200
    assert found["le"].samples == 3


def test_of_a_reverted_iteration_the_good_one_is_read_and_its_cost_counted(tmp_path, monkeypatch):
    repository = ran(tmp_path, {"iter1": "iter0", "iter2": "iter1"}, {"iter2": "iter1"})
    monkeypatch.chdir(repository.path)
    found = collected()["le"]
    assert (sum(found.right.values()), found.samples, found.tokens) == (2, 1, 400)


def test_dvc_and_git_are_opened_once_for_all_records_of_a_revision(tmp_path, monkeypatch):
    monkeypatch.chdir(ran(tmp_path, {"iter1": "iter0", "iter2": "iter1"}).path)
    from dvc.repo import Repo

    opened = []
    kept = Repo.__init__

    def counted(self, *args, **kwargs):
        opened.append(kwargs.get("rev"))
        kept(self, *args, **kwargs)

    monkeypatch.setattr(Repo, "__init__", counted)
    collected()
    assert opened.count(NAME) == 1


def test_records_come_from_the_remote_when_the_cache_is_gone(tmp_path, monkeypatch):
    repository = ran(tmp_path / "loop", {"iter1": "iter0"})
    monkeypatch.chdir(repository.path)
    (repository.path / ".dvc/cache").rename(tmp_path / "remote")
    with pytest.raises(PipelineError, match=r"data/iter1/gate.json of compare-le-s1-aaaaaaaa"):
        Revision(NAME).text("data/iter1/gate.json")
    repository.run("dvc", "remote", "add", "--default", "there", str(tmp_path / "remote"))
    assert json.loads(Revision(NAME).text("data/iter1/gate.json")) == {"good": "iter1"}
    assert collected()["le"].samples == 1


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A repository whose experiment has lost its cache, and a command that knows of it."""
    repository = ran(tmp_path, {"iter1": "iter0"})
    (repository.path / ".dvc/cache").rename(tmp_path / "elsewhere")
    monkeypatch.chdir(repository.path)
    raw = {"seed": 1, "iterations": {"iter1": "iter0"}, "target": {"model": "org/name"}}
    sums = TASKS["sums"] | {"pool": {"builtin": "math"}, "test": {"builtin": "math"}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(raw | {"tasks": {"sums": sums}}))
    monkeypatch.setattr(compare, "fingerprint", lambda given: "aaaaaaaa")
    monkeypatch.setattr(compare, "listed", lambda: {NAME})
    return repository


def run(*more):
    parser = argparse.ArgumentParser()
    compare.add(parser.add_subparsers())
    compare.run(parser.parse_args(["compare", "--strategies", "le", *more]))


def test_an_experiment_whose_records_are_out_of_reach_is_never_removed(alone, monkeypatch):
    monkeypatch.setattr(compare, "remove", lambda one: pytest.fail("it was removed"))
    monkeypatch.setattr(compare, "_run", lambda one: pytest.fail("it ran"))
    with pytest.raises(PipelineError) as caught:
        run()
    said = str(caught.value)
    assert "\n" not in said
    for part in (NAME, "data/iter1/gate.json", "Bring back DVC's cache", "`lai compare --again`"):
        assert part in said
    (alone.path / "elsewhere").rename(alone.path / ".dvc/cache")
    run()
    assert json.loads((alone.path / "metrics/comparison.json").read_text())["strategies"]["le"]


def test_it_is_removed_and_run_again_on_demand(alone, monkeypatch):
    done = []
    monkeypatch.setattr(compare, "remove", lambda one: done.append(("removed", one.name)))
    monkeypatch.setattr(compare, "_run", lambda one: done.append(("ran", one.name)))
    with pytest.raises(PipelineError, match="cannot be read"):  # for it has not really run
        run("--again")
    assert done == [("removed", NAME), ("ran", NAME)]


def test_what_can_be_read_is_not_run_again(alone, monkeypatch):
    (alone.path / "elsewhere").rename(alone.path / ".dvc/cache")
    monkeypatch.setattr(compare, "remove", lambda one: pytest.fail("it was removed"))
    monkeypatch.setattr(compare, "_run", lambda one: pytest.fail("it ran"))
    run("--again")
