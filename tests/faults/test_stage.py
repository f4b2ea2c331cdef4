"""The same with the stage's own script, on prepared records: signals, and a full disk."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lai.core import jsonl
from lai.tasks import kept
from tests.faults.store import disk, no_mounts
from tests.support import repository
from tests.support.closure import ROOT
from tests.support.instructing import demo_errors, seeds_of
from tests.support.openai_server import Answer, Server, tutor
from tests.support.until import until

SEEDS = 12
CONCURRENCY = 3
WRITTEN = (
    *("analyses.jsonl", "analysis_failures.jsonl", "analysis_usage.json", "suspects.jsonl"),
    *("aside.jsonl", "transcripts", "weaknesses.jsonl"),
)


@dataclass
class Stage:
    """`analyze`, in a folder that holds what it reads."""

    folder: Path
    server: Server

    def start(self) -> subprocess.Popen[str]:
        """Run it."""
        return subprocess.Popen(
            [sys.executable, "-m", "stages.analyze", "--iteration", "iter1"],
            cwd=self.folder,
            env={**repository.environ(), "DVC_ROOT": str(self.folder), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def whole(self) -> str:
        """Run it to the end, which must be a good one; returns its summary."""
        said, complained = (process := self.start()).communicate(timeout=60)
        assert (process.returncode, complained) == (0, "")
        return said

    @property
    def written(self) -> list[str]:
        """What the stage has written, temporary files included."""
        names = {path.name for path in (self.folder / "data/iter1").iterdir()}
        return sorted(name for name in names if name in WRITTEN or name.startswith("."))


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.chdir(tmp_path)

    tasks, samples, completions, errors = demo_errors("math", SEEDS)
    data = tmp_path / "data"
    jsonl.write(data / "splits/pool.jsonl", samples)
    jsonl.write(data / "iter0/aside.jsonl", [])
    jsonl.write(data / "iter0/gold_suspects.jsonl", [])
    kept.write(tasks)
    for name, records in (
        ("completions", completions),
        ("errors", errors),
        ("seeds", seeds_of(errors)),
        ("contrast", []),
        ("decisions", []),
    ):
        jsonl.write(data / "iter1" / f"{name}.jsonl", records)
    shutil.copytree(ROOT / "prompts", tmp_path / "prompts")
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    with Server() as server:
        params["analyze"] = {"suspects": None}
        params["instructor"] = {"engine": "openai", "provider": "loopback", "model": "m"}
        endpoint = {"base_url": server.url, "concurrency": CONCURRENCY}
        params["runtime"] = {**params.get("runtime", {}), "instructor": endpoint}
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
        yield Stage(tmp_path, server)


def test_a_judge_without_a_price_is_told_before_the_instructor_is_paid(stage: Stage) -> None:
    path = stage.folder / "params.yaml"
    params = yaml.safe_load(path.read_text())
    params["runtime"] |= {
        "budget": {"cost": 5.0},
        "judge": {"base_url": "http://user:secret@gateway/v1"},
    }
    params["judge"] = {"provider": "somebody", "model": "m"}
    params["tasks"]["facts"]["scorer"] = "judge"
    path.write_text(yaml.safe_dump(params))
    said, complained = (process := stage.start()).communicate(timeout=60)
    assert (process.returncode, said, stage.server.bodies) == (1, "", [])
    assert "runtime.judge.price is null; add price:" in complained
    assert "cost at gateway (zeros" in complained
    params["tasks"]["facts"]["scorer"] = "exact"
    path.write_text(yaml.safe_dump(params))
    stage.whole()


@pytest.mark.parametrize(
    ("sent", "code", "line"),
    [
        (signal.SIGINT, 130, "interrupted; answers already received are kept\n"),
        (signal.SIGTERM, -15, ""),
    ],
)
def test_a_stage_that_is_stopped_goes_on_where_it_was(
    stage: Stage, sent: signal.Signals, code: int, line: str
) -> None:
    stopped = threading.Event()

    def held(body: dict[str, Any]) -> Answer:
        if len(stage.server.bodies) > 6:
            stopped.wait(20)
        return tutor(body)

    stage.server.script = held
    process = stage.start()
    until(lambda: len(stage.server.bodies) > 6)
    process.send_signal(sent)
    said, complained = process.communicate(timeout=60)
    stopped.set()
    assert (process.returncode, said, complained) == (code, "", line)
    assert stage.written == []
    stage.whole()
    assert stage.written == sorted(WRITTEN)
    repeated = sum(count - 1 for count in stage.server.count.values())
    assert repeated <= CONCURRENCY
    assert len(stage.server.count) == SEEDS


@pytest.mark.skipif(bool(no_mounts()), reason=no_mounts())
def test_a_stage_that_cannot_write_its_outputs_pays_for_nothing_twice(stage: Stage) -> None:
    data = stage.folder / "data/iter1"
    aside = stage.folder / "aside"
    data.rename(aside)
    data.mkdir()
    with disk(data, 64):
        shutil.copytree(aside, data, dirs_exist_ok=True)
        room = shutil.disk_usage(data).free
        (data / "ballast").write_bytes(b"0" * room)
        process = stage.start()
        said, complained = process.communicate(timeout=60)
        assert stage.written == []
    assert (process.returncode, said) == (1, "")
    assert complained == (
        "error: cannot write data/iter1/suspects.jsonl: No space left on device; nothing was "
        "half-written, free some space or mend the permissions and run again\n"
    )
    shutil.copytree(aside, data, dirs_exist_ok=True)
    assert f"0 calls asked (0 tokens), {SEEDS} from the cache" in stage.whole()
    assert set(stage.server.count.values()) == {1}
