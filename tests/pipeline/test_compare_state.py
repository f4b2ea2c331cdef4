"""What makes the runs of a comparison the same ones, and how DVC is told of them."""

import argparse
import itertools

import pytest
import yaml
from dvc.utils.hydra import apply_overrides

from lai.cli import compare
from lai.cli.experiments import Experiment
from lai.core import params
from lai.core.errors import PipelineError
from tests.support import repository


@pytest.fixture
def loop(tmp_path, monkeypatch):
    made = repository.make(tmp_path / "loop")
    (made.path / "metrics").mkdir()
    (made.path / "data/tasks/mine.jsonl").write_text("{}\n")
    made.run("git", "add", "-A")
    made.run("git", "commit", "-q", "-m", "data")
    monkeypatch.chdir(made.path)
    return made


def state():
    return compare.fingerprint(params.load())


def test_what_a_run_does_not_depend_on_changes_nothing(loop):
    before = state()
    loop.set(strategy={"le": 0.5, "lec": 0.5}, seed=7, runtime__batch_tokens=64)
    assert state() == before
    (loop.path / "metrics/comparison.md").write_text("a table")
    loop.run("git", "add", "-A")
    loop.run("git", "commit", "-q", "-m", "compared")
    assert state() == before


@pytest.mark.parametrize(
    "path", ["lai/mining.py", "data/tasks/mine.jsonl", "prompts/analyze/le.jinja"]
)
def test_any_change_of_code_data_or_prompts_makes_other_runs(loop, path):
    before = state()
    with (loop.path / path).open("a") as file:
        file.write("\n# more\n")
    changed = state()
    assert changed != before
    loop.run("git", "add", "-A")
    assert state() != before
    loop.run("git", "commit", "-q", "-m", "more")
    assert state() != before


def test_a_change_of_params_makes_other_runs(loop):
    before = state()
    loop.set(synthesize__budget=20)
    assert state() != before


def test_data_that_git_does_not_know_is_refused(loop):
    (loop.path / "scorers/own.py").write_text("")
    with pytest.raises(PipelineError, match=r"scorers/own.py is not in git.*`git add` it"):
        state()


def test_data_outside_the_repository_counts_too(loop, tmp_path):
    outside = tmp_path / "pool.jsonl"
    outside.write_text("{}\n")
    loop.set(tasks__math__pool={"files": str(outside)})
    before = state()
    outside.write_text("{}\n{}\n")
    assert state() != before


def test_data_that_dvc_tracks_count_by_what_is_in_them(loop):
    loop.run("git", "rm", "-q", "--cached", "data/tasks/mine.jsonl")
    loop.run("dvc", "add", "-q", "data/tasks/mine.jsonl")
    loop.run("git", "add", "-A")
    before = state()
    (loop.path / "data/tasks/mine.jsonl").write_text('{"input": 1}\n')
    assert state() != before
    (loop.path / "data/tasks/mine.jsonl").write_text("{}\n")
    assert state() == before


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("mydata/x.jsonl", {"tasks__math__pool": {"files": "mydata/*.jsonl"}}),
        ("mydata/x.jsonl", {"tasks__math_ood__test": {"files": "mydata/x.jsonl"}}),
        ("mydata/x.jsonl", {"train__replay__source": "mydata/x.jsonl"}),
        ("mydata/x.jsonl", {"tasks__math__few_shot": {"shots": 1, "source": "mydata/x.jsonl"}}),
        ("mydata/x.jsonl", {"target": {"engine": "replay", "model": "m",
                                       "responses": "mydata/x.jsonl"}}),
        ("mydata/x.jsonl", {"target": {"engine": "replay", "model": "m",
                                       "responses": ["mydata/x.jsonl"]}}),
        ("own/a/config.json", {"target__model": "own"}),
        ("own/config.json", {"contrast_pairs": {"embedder": "sentence_transformer",
                                                "model": "own"}}),
    ],
)  # fmt: skip
def test_whatever_params_name_counts_by_what_is_in_it_and_has_to_be_in_git(loop, file, settings):
    (loop.path / file).parent.mkdir(parents=True)
    (loop.path / file).write_text("{}\n")
    loop.set(**settings)
    with pytest.raises(PipelineError, match=f"params.yaml names {file}, which is not in git"):
        state()
    loop.run("git", "add", file)
    before = state()
    assert state() == before
    (loop.path / file).write_text("{ }\n")
    assert state() != before


def test_a_file_that_git_ignores_is_refused_by_name(loop):
    loop.set(tasks__math__pool={"files": "data/tasks/*.jsonl"})
    state()
    (loop.path / ".gitignore").open("a").write("draft.jsonl\n")
    (loop.path / "data/tasks/draft.jsonl").write_text("{}\n")
    with pytest.raises(PipelineError, match=r"names data/tasks/draft.jsonl.* ignored perhaps"):
        state()


def test_data_that_dvc_tracks_and_git_does_not_know_of_are_refused(loop):
    (loop.path / "mydata").mkdir()
    (loop.path / "mydata/x.jsonl").write_text("{}\n")
    loop.set(tasks__math__pool={"files": "mydata/x.jsonl"})
    loop.run("dvc", "config", "core.autostage", "false")
    loop.run("dvc", "add", "-q", "mydata/x.jsonl")
    with pytest.raises(PipelineError, match=r"names mydata/x.jsonl, which is not in git"):
        state()
    loop.run("git", "add", "mydata")
    state()


def test_a_relative_path_out_of_the_repository_is_refused(loop, tmp_path):
    (tmp_path / "pool.jsonl").write_text("{}\n")
    loop.set(tasks__math__pool={"files": "../pool.jsonl"})
    with pytest.raises(PipelineError, match=r"\.\./pool.jsonl is outside .* its absolute path"):
        state()


def test_a_change_while_it_runs_stops_it(loop, monkeypatch):
    def run_and_change(experiment):
        loop.set(synthesize__budget=20)

    monkeypatch.setattr(compare, "_run", run_and_change)
    monkeypatch.setattr(compare.Collection, "add", lambda self, one: None)
    command = ["compare", "--strategies", "le", "lec", "--seeds", "1"]
    with pytest.raises(PipelineError, match="have changed since the comparison began"):
        compare.run(_arguments(command))


def _arguments(command):
    parser = argparse.ArgumentParser()
    compare.add(parser.add_subparsers())
    return parser.parse_args(command)


@pytest.mark.parametrize(
    "stands",
    [
        "le",
        {"le": 0.5, "lec": 0.3, "augment": 0.2},
        {"iter1": "le", "iter2": "distill", "iter3": "le"},
    ],
)
@pytest.mark.parametrize("name", ["augment", "le+lec", "le>lec"])
def test_the_strategy_replaces_whatever_stands_in_params(loop, stands, name):
    loop.set(strategy=stands)
    value = compare.value(name, {"iter1": "iter0", "iter2": "iter1", "iter3": "iter2"})
    command = Experiment("x", name, 3, value).command
    settings = [after for word, after in itertools.pairwise(command) if word == "-S"]
    apply_overrides("params.yaml", settings)
    found = params.load()
    assert found.strategy == yaml.safe_load(value)
    assert found.seed == 3


def test_what_is_named_twice_runs_once(loop, monkeypatch):
    ran = []
    monkeypatch.setattr(compare, "_run", ran.append)
    monkeypatch.setattr(compare.Collection, "add", lambda self, one: None)
    monkeypatch.setattr(compare.comparison, "compare", lambda *_: pytest.skip("no run, no figures"))
    with pytest.raises(pytest.skip.Exception):
        compare.run(_arguments(["compare", "--strategies", "le", "lec", "le", "--seeds", "1", "1"]))
    assert [one.strategy for one in ran] == ["le", "lec"]


@pytest.mark.parametrize("seed", ["-1", str(2**32)])
def test_a_seed_that_no_run_can_train_with_is_refused_before_the_first(loop, monkeypatch, seed):
    monkeypatch.setattr(compare, "_run", lambda experiment: pytest.fail("it ran"))
    with pytest.raises(PipelineError, match=f"--seeds {seed}: a seed is a number from 0 to 42949"):
        compare.run(_arguments(["compare", "--strategies", "le", "--seeds", "1", seed]))


@pytest.mark.parametrize("names", [("le", "le>le"), ("le+lec", "lec+le")])
def test_two_names_of_one_run_are_refused(loop, monkeypatch, names):
    monkeypatch.setattr(compare, "_run", lambda experiment: pytest.fail("it ran"))
    with pytest.raises(PipelineError, match=r"--strategies \S+ and \S+ are one and the same"):
        compare.run(_arguments(["compare", "--strategies", *names, "--seeds", "1"]))
