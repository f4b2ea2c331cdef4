"""`lai smoke` on the demo, and what it says when something does not fit."""

import ctypes
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from lai.cli.smoke import row, told
from lai.core.measured import Measured
from lai.core.params import load
from lai.smoke.rows import Rows
from lai.smoke.run import Smoke, writes
from tests.support import repository
from tests.support.closure import ROOT


@pytest.fixture
def made(tmp_path):
    return repository.make(tmp_path / "loop")


def smoke(made, *arguments):
    return made.run(sys.executable, "-m", "lai.cli", "smoke", *arguments, check=False)


def test_a_stage_that_fails_is_one_line(made):
    shutil.rmtree(made.path / "models/base/micro")
    (made.path / "models/base/micro").mkdir()
    done = smoke(made)
    assert done.returncode == 1
    [line] = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    assert "'prepare': target.model: models/base/micro has no config.json" in line


WAITING = """
stages:
  wait:
    cmd: echo $PYTHONPATH > {file}; echo $$ > {file}.pid; exec sleep 600
"""


def until(true):
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("never came")


def state(process):
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def ended(process):
    """Whether it does nothing more, be it that nobody has asked for its exit code yet."""
    try:
        return state(process) == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_ended_it_ends_what_it_started_and_leaves_nothing(made, tmp_path, number):
    said, pid = tmp_path / "said", tmp_path / "said.pid"
    (made.path / "dvc.yaml").write_text(WAITING.format(file=said))
    environment = {**repository.environ(), "TMPDIR": str(tmp_path), "PYTHONPATH": "/mine"}
    program = [sys.executable, "-m", "lai.cli", "smoke"]
    # A group of its own, as a shell makes one for each job.
    process = subprocess.Popen(program, cwd=made.path, env=environment, process_group=0)
    until(lambda: pid.exists() and pid.read_text().strip())
    both = (process.pid, int(pid.read_text()))
    process.send_signal(signal.SIGTSTP)
    until(lambda: [state(one) for one in both] == ["T", "T"])
    process.send_signal(signal.SIGCONT)
    until(lambda: "T" not in [state(one) for one in both])
    # To a thread that does not wait for the stages, as the system may after a stop.
    threads = {int(one.name) for one in Path(f"/proc/{process.pid}/task").iterdir()}
    other = (threads - {process.pid}).pop()
    assert ctypes.CDLL(None).tgkill(process.pid, other, number) == 0
    assert process.wait(60) in (130, 131, 143)
    until(lambda: ended(both[1]))
    assert list(tmp_path.glob("lai-smoke-*")) == []
    copied, mine = said.read_text().split()[0].split(":")
    assert "lai-smoke-" in copied and mine == "/mine"


NOISY = """
stages:
  talk:
    cmd: printf 'a byte \\377, and then more than a pipe holds\\n'; seq 100000; exit 3
"""


def test_whatever_a_stage_says_is_read_to_its_end(made):
    (made.path / "dvc.yaml").write_text(NOISY)
    done = smoke(made)
    assert done.returncode == 1 and "'talk': " in done.stdout and "Traceback" not in done.stdout


def test_all_stages_of_the_demo_run_and_are_measured(made):
    params = made.path / "params.yaml"
    given = yaml.safe_load(params.read_text())
    # A prompt that the demo's model has never seen.
    given["tasks"]["facts_ood"]["prompt"] = "number"
    params.write_text(yaml.safe_dump(given))
    done = smoke(made)
    assert done.returncode == 0, done.stdout
    table = {
        " ".join(words): line for line in done.stdout.splitlines() for words in [line.split()[:2]]
    }
    assert {"train iter1", "reeval iter0", "reeval iter1", "analyze iter1"} <= set(table)
    assert "target" in table["reeval iter1"] and "instructor" in table["analyze iter1"]
    assert re.search(r"answers: of \d+ to the pool \d+ were cut off", done.stdout)
    assert "chat template: the prompt's tokens begin" in done.stdout
    assert "end of sequence: among the labels of all" in done.stdout
    # Of the tasks whose prompts it knows something is right.
    assert [line for line in done.stdout.splitlines() if line.startswith("hint: ")] == [
        "hint: 0 of 8 answers of the task facts_ood are right: look at its prompt and scorer "
        "(`lai tasks facts_ood --show 3`)"
    ]
    assert not (made.path / "data/iter1").exists()
    assert made.run("git", "status", "--short").stdout == " M params.yaml\n"


def test_a_target_that_ends_none_of_its_answers_is_named():
    done = Smoke([], (16, 16), None, {"accepted": 3})
    assert "ended none of its answers" in done.untried and "eos_token_id" in done.untried
    assert "answers" not in replace(done, answers=(16, 15)).untried


@pytest.mark.parametrize(
    ("strategy", "written"),
    [("finetune", ""), ("distill", "solution"), ({"finetune": 1, "augment": 1}, "exercise")],
)
def test_what_the_strategy_does_not_write_is_not_asked_for(strategy, written):
    given = load(ROOT / "params.yaml").model_copy(update={"strategy": strategy})
    assert writes(given) == written
    done = Smoke([], (16, 0), Rows(3, 9), {}, writes=written)
    assert done.untried.startswith(written and f"no {written} was asked for, for want of errors")
    assert bool(done.untried) == bool(written)
    assert replace(done, trained=None).untried
    some = replace(done, verdicts={"answer": 2})
    assert some.untried == (written and f"no {written} was accepted: look at `lai preview`")
    assert not written or f"{written}s: 2, of them 2 answer" in told(some, given)


@pytest.mark.parametrize(("mode", "said"), [("batch", True), ("live", False)])
def test_batch_mode_is_said_to_be_untried(mode, said):
    given = load(ROOT / "params.yaml")
    asked = given.instructor.model_copy(update={"mode": mode})
    lines = told(Smoke([], (16, 0), None, {}), given.model_copy(update={"instructor": asked}))
    assert ("instructor: asked live; the Batch API was not tried" in lines) == said


@pytest.mark.parametrize("other", ["judge", "target"])
def test_the_table_tells_apart_who_was_asked(other):
    said = "4 calls asked (40 tokens), 0 from the cache, "
    said += f"of the {other} 2 calls asked (20 tokens), 0 from the cache"
    line = row(Measured("synthesize", "iter1", 1.0, 0, 0, said))
    assert line[-1] == f"instructor 4 (40 tokens), {other} 2 (20 tokens)"
