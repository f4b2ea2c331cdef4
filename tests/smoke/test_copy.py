"""The copy that `lai smoke` runs: small params, the user's files and store, no git."""

import shutil

import pytest
import yaml

from lai.core.params import parse
from lai.smoke.copy import copy, small
from tests.support import repository

PARAMS = {
    "seed": 3,
    "strategy": {"iter1": "lec", "iter2": "le"},
    "iterations": {"iter1": "iter0", "iter2": "iter1"},
    "target": {"model": "models/base/micro"},
    "instructor": {"engine": "openai", "model": "m"},
    "tasks": {
        "math": {
            "family": "math",
            "role": "id",
            "scorer": "number",
            "prompt": "plain",
            "pool": {"builtin": "math", "size": 700},
            "dev": {"builtin": "math"},
            "test": {"builtin": "math", "size": 500},
        }
    },
    "synthesize": {"budget": 300, "samples_per_request": 5},
    "train": {"epochs": 3, "batch_size": 4},
    "runtime": {"instructor": {"concurrency": 2}},
}


def test_params_are_cut_down_and_the_rest_of_them_stays(tmp_path):
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(PARAMS))
    given = parse(small(tmp_path / "params.yaml", 8))
    assert given.strategy == {"lec": 1.0} and given.iterations == {"iter1": "iter0"}
    assert (given.prepare.pool_size, given.prepare.test_size) == (16, 8)
    task = given.tasks["math"]
    assert (task.pool.size, task.test.size, task.dev_size) == (8, 8, 8)
    assert (given.synthesize.budget, given.train.epochs, given.train.batch_size) == (8, 1, 4)
    assert given.runtime.instructor.concurrency == 2 and given.seed == 3


@pytest.fixture
def made(tmp_path):
    found = repository.make(tmp_path / "loop")
    shutil.rmtree(found.path / ".git")
    return found


def test_the_copy_needs_no_git_and_shares_the_store_alone(made, tmp_path):
    (made.path / "data/tasks/own.jsonl").write_text('{"question": "1 + 1?", "answer": "2"}\n')
    (made.path / "data/iter1").mkdir()
    folder = tmp_path / "copy"
    folder.mkdir()
    copy(made.path, folder, 8)
    assert (folder / "data/tasks/own.jsonl").read_text().startswith('{"question"')
    assert (folder / ".cache").resolve() == (made.path / ".cache").resolve()
    assert not (folder / "data/iter1").exists() and not (folder / "dvc.lock").exists()
    (folder / "data/iter1").mkdir()
    assert repository.Repository(folder).run("dvc", "status", "prepare").returncode == 0
    assert list((made.path / "data/iter1").iterdir()) == []
