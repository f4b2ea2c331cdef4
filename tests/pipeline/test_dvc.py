"""What DVC reruns and what it takes from its caches, with the real `dvc` on small params."""

import json
import shutil

import pytest

from lai.core import jsonl
from lai.core.jsonl import index
from lai.core.records import Completion, Pair, Score, Seed, TrainRow
from tests.support import repository

OF_AN_ITERATION = (
    "plan", "eval", "mine_errors", "contrast_pairs", "analyze", "synthesize", "prefer",
    "train", "reeval",
)  # fmt: skip


def of(iteration, *names):
    return {f"{name}@{iteration}" for name in names or OF_AN_ITERATION}


ALL = {"prepare", "reeval_base", "report"} | of("iter1") | of("iter2")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A repository in which the loop has run once."""
    made = repository.make(tmp_path_factory.mktemp("loop"), **repository.SMALL)
    ran, cached = made.repro()
    assert ran == ALL
    assert not cached
    made.run("git", "add", "-A")
    made.run("git", "commit", "-q", "-m", "first run")
    return made


@pytest.fixture
def loop(finished, tmp_path):
    """A copy of it for one test, so that the tests may run in any order."""
    shutil.copytree(finished.path, tmp_path / "loop", symlinks=True)
    return repository.Repository(tmp_path / "loop")


def test_nothing_changed_nothing_runs(loop):
    before = loop.run("git", "status", "--porcelain").stdout
    done = loop.run("dvc", "repro")
    assert "up to date" in done.stdout
    assert "Running" not in done.stdout
    assert loop.run("git", "status", "--porcelain").stdout == before == ""


def test_a_synthesize_param_reruns_nothing_before_synthesize_and_back_comes_from_the_cache(loop):
    loop.set(synthesize__budget=15)
    ran, _ = loop.repro()
    first = of("iter1", "eval", "mine_errors", "contrast_pairs", "analyze")
    assert not ran & (first | {"prepare", "reeval_base"})
    assert of("iter1", "synthesize", "train", "reeval") | {"report"} <= ran
    loop.set(synthesize__budget=12)
    ran, cached = loop.repro()
    assert not ran
    assert of("iter1", "synthesize", "train") <= cached


def test_an_objective_reruns_nothing_before_it_and_its_pairs_count_as_seen(loop):
    loop.set(train__objective="sft+dpo", train__dpo={"learning_rate": 1e-4, "share": 0.5})
    ran, cached = loop.repro()
    assert not (ran | cached) & (of("iter1", "synthesize", "analyze") | {"prepare", "reeval_base"})
    assert of("iter1", "prefer", "train") | of("iter2", "eval", "prefer") | {"report"} <= ran
    first, both = (
        jsonl.read(Pair, loop.path / f"data/{name}/pairs.jsonl") for name in ("iter1", "iter2")
    )
    assert {pair.iteration for pair in first} == {"iter1"}
    assert len(first) < len(both) <= 2 * 3 * 6, "half of 12 a task and iteration"
    assert [pair for pair in both if pair.iteration == "iter1"] == first
    metrics = jsonl.read_json(loop.path / "data/iter2/train_metrics.json")
    rows = jsonl.read(TrainRow, loop.path / "data/iter2/train.jsonl")
    assert metrics["rows"] + metrics["dpo"]["pairs"] == len(rows)
    scores = jsonl.read(Score, loop.path / "data/iter2/scores.jsonl")
    seen = {score.sample for score in scores if score.seen_in_training}
    assert {pair.parents[1] for pair in first} <= seen


def test_le_to_lec_and_back_comes_from_the_run_cache(loop):
    loop.set(strategy="lec")
    ran, _ = loop.repro()
    assert of("iter1", "contrast_pairs", "analyze", "train") | of("iter2") | {"report"} <= ran
    assert not ran & (of("iter1", "eval", "mine_errors") | {"prepare", "reeval_base"})
    loop.set(strategy="le")
    ran, cached = loop.repro()
    assert not ran
    assert of("iter1", "contrast_pairs", "analyze") | of("iter2", "eval", "train") <= cached


def test_a_later_iterations_strategy_leaves_the_earlier_ones_alone(loop):
    loop.set(strategy={"iter1": "le", "iter2": {"le": 1, "augment": 1}})
    ran, cached = loop.repro()
    assert of("iter2", "contrast_pairs", "analyze", "synthesize", "train") <= ran
    untouched = of("iter1") - of("iter1", "plan")
    assert not (ran | cached) & (untouched | {"prepare", "reeval_base"})
    seeds = jsonl.read(Seed, loop.path / "data/iter2/seeds.jsonl")
    assert {one.strategy for one in seeds} == {"le", "augment"}
    summary = json.loads((loop.path / "metrics/summary.json").read_text())
    assert summary["strategy"] == "le>le+augment"


def test_a_new_iteration_runs_alone(loop):
    loop.run("dvc", "exp", "run", "-S", "+iterations.iter4=iter2", "--name", "four")
    summary = json.loads((loop.path / "metrics/summary.json").read_text())
    assert summary["iterations"] == ["iter0", "iter1", "iter2", "iter4"]
    assert len(summary["tasks"]["math"]["accuracy"]) == 4
    ran, cached = loop.repro()
    assert not ran | cached


def test_a_new_iteration_by_hand_runs_only_its_own_stages(loop):
    loop.set(iterations={"iter1": "iter0", "iter2": "iter1", "iter3": "iter2"})
    ran, _ = loop.repro()
    assert ran == of("iter3") | of("iter1", "plan") | of("iter2", "plan") | {"report"}


def test_what_changes_no_answer_reruns_nothing(loop):
    loop.set(
        runtime__instructor__concurrency=3,
        runtime__instructor__timeout=5,
        runtime__instructor__base_url="http://127.0.0.1:1/v1",
        runtime__batch_tokens=4096,
    )
    ran, cached = loop.repro()
    assert not ran | cached


def test_a_fresh_clone_without_a_cache_runs_all_of_it_and_finds_the_same_figures(loop, tmp_path):
    loop.run("git", "clone", "-q", str(loop.path), str(tmp_path / "clone"))
    clone = repository.Repository(tmp_path / "clone")
    committed = (clone.path / "metrics/summary.json").read_text()
    lock = (clone.path / "dvc.lock").read_text()
    (clone.path / "metrics/summary.json").write_text(committed.replace('"seed": 1', '"seed": 9'))
    ran, cached = clone.repro()
    # LE's contrast sets and sft's pairs are the bytes of any file without records, and prepare has
    # just put those into the cache: DVC checks them out by their hash instead of running the stage.
    # The plans of two iterations with one strategy are the same bytes, too.
    assert cached == ALL - ran
    free = ("contrast_pairs", "plan", "prefer")
    assert cached <= of("iter1", *free) | of("iter2", *free)
    assert (clone.path / "metrics/summary.json").read_text() == committed
    assert (clone.path / "dvc.lock").read_text() == lock


def test_an_experiment_goes_on_in_a_clone_where_nothing_but_experiments_has_run(loop, tmp_path):
    loop.run("git", "clone", "-q", str(loop.path), str(tmp_path / "clone"))
    clone = repository.Repository(tmp_path / "clone")
    settings = ("-S", "~strategy", "-S", "+strategy=lec")
    for _ in range(2):  # what the first one made is taken from the run cache by the second
        done = clone.run(
            "dvc", "exp", "run", "--temp", *settings, "contrast_pairs@iter1", check=False
        )
        assert done.returncode == 0, done.stdout[-2000:]


def test_metrics_and_plots_say_something_in_a_clone(loop, tmp_path):
    loop.run("git", "clone", "-q", str(loop.path), str(tmp_path / "clone"))
    clone = repository.Repository(tmp_path / "clone")
    metrics = clone.run("dvc", "metrics", "show").stdout
    assert "failed" not in metrics
    assert "mean.id" in metrics
    assert "test.coding_ood" in metrics
    assert max(map(len, metrics.splitlines())) <= 200, "a table that fits a wide terminal"
    assert "plots" in clone.run("dvc", "plots", "show").stdout
    assert "train@iter2" in clone.run("dvc", "dag").stdout
    shown = clone.run("lai", "show").stdout
    assert "ID mean" in shown
    assert "These are the committed figures" in shown


def test_show_says_when_its_figures_are_not_those_of_the_params(loop):
    assert "Note:" not in loop.run("lai", "show").stdout
    loop.set(synthesize__budget=15)
    assert "Note: params, code or data have changed" in loop.run("lai", "show").stdout


def test_every_replayed_row_leads_back_to_a_completion_that_solved_its_question(finished):
    for iteration in ("iter1", "iter2"):
        folder = finished.path / "data" / iteration
        completions = index(jsonl.read(Completion, folder / "completions.jsonl"))
        right = {
            score.parents[0]
            for score in jsonl.read(Score, folder / "scores.jsonl")
            if score.value == "C"
        }
        rows = jsonl.read(TrainRow, folder / "replay.jsonl")
        assert rows
        for row in rows:
            assert row.parents[0] in right
            completion = completions[row.parents[0]]
            assert row.completion[-1]["content"] == completion.completion
