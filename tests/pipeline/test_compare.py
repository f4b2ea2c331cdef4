"""`lai compare` on a small loop: killed half-way it goes on, and its figures are the runs' own."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

from lai.cli.revisions import Revision
from lai.core.records import Seed
from tests.support import repository
from tests.support.closure import ROOT

NAMES = ("vanilla", "augment", "le")
COMMAND = [sys.executable, "-m", "lai.cli", "compare", "--strategies", *NAMES, "--seeds", "1"]


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    small = {**repository.SMALL, "iterations": {"iter1": "iter0"}}
    return repository.make(tmp_path_factory.mktemp("compare") / "loop", **small)


def finished(loop):
    return loop.run("dvc", "exp", "list", "--all-commits", "--name-only").stdout.split()


def folders(loop):
    """Where experiments are at work, past what DVC does in the workspace to start them."""
    found = (loop.path / ".dvc/tmp/exps/standalone").glob("tmp*/data/iter1")
    return {path.parents[1].name for path in found}


def test_a_comparison_that_is_killed_goes_on_where_it_stopped(loop):
    before = (loop.path / "params.yaml").read_bytes()
    started = subprocess.Popen(
        COMMAND,
        cwd=loop.path,
        env=repository.environ(),
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 400
    at_work: set[str] = set()
    while not (finished(loop) and folders(loop) - at_work) and time.monotonic() < end:
        assert started.poll() is None, "it ended before it was killed"
        seen = folders(loop)  # before it is asked whether the first one has ended
        at_work |= set() if finished(loop) else seen
        time.sleep(0.2)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    done = finished(loop)
    assert [name.split("-s1-")[0] for name in done] == ["compare-augment"]
    text = loop.run(*COMMAND).stdout
    assert "[1/2] augment, seed 1: has run" in text
    assert "[2/2] le, seed 1\n" in text
    assert (loop.path / "params.yaml").read_bytes() == before
    again = loop.run(*COMMAND).stdout
    assert again.count("has run") == 2


def test_its_figures_are_those_of_the_runs(loop):
    found = json.loads((loop.path / "metrics/comparison.json").read_text())
    assert list(found["strategies"]) == sorted(NAMES)
    for name in finished(loop):
        summary = json.loads(
            loop.run("git", "show", f"{_rev(loop, name)}:metrics/summary.json").stdout
        )
        row = found["strategies"][summary["strategy"]]
        assert row["id_mean"] == pytest.approx(summary["id_mean"][-1], abs=1e-5)
        assert row["ood_mean"] == pytest.approx(summary["ood_mean"][-1], abs=1e-5)
        base = found["strategies"]["vanilla"]
        assert base["id_mean"] == pytest.approx(summary["id_mean"][0], abs=1e-5)
        assert row["samples"] == 36 and row["tokens"] > 0
    assert {(row["a"], row["b"]) for row in found["paired"]} == {
        ("vanilla", "augment"), ("vanilla", "le"), ("augment", "le"),
    }  # fmt: skip
    assert "| strategy | coding (ID) |" in (loop.path / "metrics/comparison.md").read_text()


def test_a_commit_of_the_figures_does_not_run_it_again(loop):
    loop.run("git", "add", "metrics/comparison.json", "metrics/comparison.md")
    loop.run("git", "commit", "-q", "-m", "compared")
    assert loop.run(*COMMAND).stdout.count("has run") == 2
    loop.run("git", "reset", "-q", "--soft", "HEAD~1")


def test_the_same_figures_are_columns_of_dvc_exp_show(loop):
    shown = loop.run("dvc", "exp", "show", "--csv").stdout
    found = json.loads((loop.path / "metrics/comparison.json").read_text())
    head, *rows = csv.reader(io.StringIO(shown))
    column = next(place for place, name in enumerate(head) if name == "metrics/final.json:mean.id")
    values = [row[column] for row in rows]
    assert f"{found['strategies']['le']['id_mean']}" in values


def _rev(loop, name):
    refs = loop.run("git", "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps").stdout
    return next(line.split()[0] for line in refs.splitlines() if line.endswith(f"/{name}"))


def test_two_experiments_are_told_apart_row_by_row(loop, monkeypatch):
    monkeypatch.chdir(loop.path)
    names = sorted(finished(loop))
    command = [sys.executable, "-m", "lai.cli", "diff", *names]
    text = loop.run(*command, "--rows", "1").stdout
    assert "iter1 errors: " in text
    errors = next(line for line in text.splitlines() if line.startswith("iter1 errors"))
    assert errors.endswith("0 changed, 0 only in the first, 0 only in the second")
    analyses = next(line for line in text.splitlines() if line.startswith("iter1 analyses"))
    shared = len(set.intersection(*map(_analysed, names)))
    assert analyses == (
        f"iter1 analyses: 24 and 24 rows; 0 the same, {shared} changed, "
        f"{24 - shared} only in the first, {24 - shared} only in the second"
    )
    assert "  + [" in text and "it believes that the value of" in text
    every = loop.run(*command, "--rows", "0").stdout
    assert sum(line.startswith("  - ") for line in every.splitlines()) == 24 + 36
    unknown = loop.run(*command[:-1], "nothing", check=False)
    assert unknown.returncode == 1 and "Traceback" not in unknown.stdout
    assert "nothing cannot be read (unknown Git revision" in unknown.stdout


def _analysed(name):
    return {one.sample for one in Revision(name).records(Seed, "data/iter1/seeds.jsonl")}


def test_the_pull_request_comment_has_its_figures(loop):
    job = yaml.safe_load((ROOT / ".github/workflows/metrics.yml").read_text())["jobs"]["comment"]
    (write,) = [step for step in job["steps"] if step.get("name") == "Write the comment"]
    loop.run("git", "add", "-A")
    loop.run("git", "commit", "-q", "-m", "compared")
    best = finished_rev(loop)
    loop.run("git", "checkout", "-q", best, "--", "metrics")
    loop.run("bash", "-euc", write["run"], BASE="HEAD")
    comment = (loop.path / "comment.md").read_text()
    assert "| Path" in comment and "change.id" in comment
    assert "| strategy | coding (ID) |" in comment


def test_what_dvc_gc_took_is_said_and_runs_again_on_demand(loop):
    names = finished(loop)
    command = [*COMMAND[:4], "--strategies", "augment", "--seeds", "1"]
    assert loop.run(*command).stdout.count("has run") == 1
    loop.run("dvc", "gc", "--workspace", "--force")
    told = loop.run(*command, check=False)
    assert told.returncode == 1 and "Traceback" not in told.stdout
    assert "has run, but its records are not here: data/" in told.stdout
    assert sorted(finished(loop)) == sorted(names), "and nothing is removed"
    again = loop.run(*command, "--again").stdout
    assert "[1/1] augment, seed 1\n" in again
    assert sorted(finished(loop)) == sorted(names)
    assert loop.run(*command).stdout.count("has run") == 1


def finished_rev(loop):
    return loop.run("git", "for-each-ref", "--format=%(objectname)", "refs/exps").stdout.split()[0]
