"""Stages that are killed half-way pay for nothing twice but what was in flight."""

import random
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

from lai.core import jsonl
from lai.core.records import Analysis, Completion, Error, Sample, TrainRow
from tests.support import gsm8k, repository
from tests.support.instructing import seeds_of
from tests.support.openai_server import Answer, Server, tutor

CONCURRENCY = 4
KILLS = 10


@pytest.fixture
def server():
    with Server(slowly) as running:
        yield running


def slowly(body) -> Answer:
    time.sleep(0.05)
    return tutor(body)


@pytest.fixture
def mined(tmp_path, server):
    """A repository in which everything before `analyze` is done, without running a model."""
    made = repository.make(tmp_path / "loop", **gsm8k.params(server.url))
    made.run(sys.executable, "-m", "stages.prepare")
    made.run(sys.executable, "-m", "stages.plan", "--iteration", "iter1")
    pool = jsonl.read(Sample, made.path / "data/splits/pool.jsonl")
    completions = [
        Completion(
            parents=[sample.id],
            sample=sample.id,
            model="m",
            messages=[],
            completion="12",
            stop_reason="stop",
        )
        for sample in pool
    ]
    errors = [
        Error(
            parents=[completion.id],
            sample=sample.id,
            task="gsm8k",
            error="wrong",
            answer="12",
            reference=sample.reference,
            completion=completion.id,
        )
        for sample, completion in zip(pool, completions, strict=True)
    ]
    folder = made.path / "data/iter1"
    jsonl.write(folder / "completions.jsonl", completions)
    jsonl.write(folder / "errors.jsonl", errors)
    jsonl.write(folder / "solved.jsonl", [])
    jsonl.write(folder / "seeds.jsonl", seeds_of(errors))
    jsonl.write(folder / "contrast.jsonl", [])
    return made


def start(made, stage):
    return subprocess.Popen(
        [sys.executable, "-m", f"stages.{stage}", "--iteration", "iter1"],
        cwd=made.path,
        env={**repository.environ(), "DVC_ROOT": str(made.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def kill_after(process, server, requests):
    """SIGKILL once the server has received so many more requests; it answers none after them."""
    goal = len(server.bodies) + requests
    killed = threading.Event()

    def until(body) -> Answer:
        if len(server.bodies) >= goal:
            killed.wait()
        return slowly(body)

    server.script = until
    deadline = time.monotonic() + 60
    while len(server.bodies) < goal and process.poll() is None:
        assert time.monotonic() < deadline, "the stage sends no requests"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    server.script = slowly
    killed.set()


def test_sigkill_at_random_points_pays_for_nothing_twice(mined, server):
    rng = random.Random(5)
    folder = mined.path / "data/iter1"
    for stage, made in (("analyze", "analyses.jsonl"), ("synthesize", "train.jsonl")):
        before = len(server.bodies)
        for _ in range(KILLS // 2):
            process = start(mined, stage)
            kill_after(process, server, rng.randint(1, 6))
            assert not (folder / made).exists()
        last = start(mined, stage)
        output, _ = last.communicate(timeout=120)
        assert last.returncode == 0, output
        bodies = server.bodies[before:]
        repeated = len(bodies) - len({str(body) for body in bodies})
        assert repeated <= KILLS // 2 * CONCURRENCY
        again = start(mined, stage)
        output, _ = again.communicate(timeout=120)
        assert " 0 calls asked" in output
        assert len(server.bodies) == before + len(bodies)
    analyses = jsonl.read(Analysis, folder / "analyses.jsonl")
    assert len(analyses) == len(jsonl.read(Error, folder / "errors.jsonl"))
    assert len(jsonl.read(TrainRow, folder / "train.jsonl")) == 20


def test_two_runs_at_once_pay_once(mined, server):
    processes = [start(mined, "analyze") for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert max(server.count.values()) == 1


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (lambda body: Answer(401, '{"error": {"message": "bad key"}}'), "error: .*key"),
        (lambda body: Answer(200, "<html>busy</html>"), "error: .*already received are kept"),
    ],
)
def test_an_instructor_that_fails_is_one_line_and_nothing_is_half_written(
    mined, server, script, message
):
    server.script = script
    mined.set(runtime__instructor__max_retries=1)
    process = start(mined, "analyze")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Traceback" not in output
    lines = [line for line in output.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, output
    assert re.search(message, lines[0])
    assert not (mined.path / "data/iter1/analyses.jsonl").exists()
