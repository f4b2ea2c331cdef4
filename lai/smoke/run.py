"""Runs the copy, and says what each stage took and whether all of it fits."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from lai.core import jsonl, measured, params
from lai.core.errors import PipelineError
from lai.core.iterations import chain
from lai.core.measured import Measured
from lai.core.records import Completion, TrainRow, Verdict
from lai.core.stage import data
from lai.core.strategies import STRATEGIES, planned
from lai.smoke import rows
from lai.smoke.copy import copy

ITERATION = "iter1"
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
GRACE_SECONDS = 10.0
LOOK_SECONDS = 0.2
FEW = re.compile(r"; only \d+ optimizer steps?: .*(?=, [\d.]+ s$)")
"""What `train` says of the few steps that are meant here."""


@dataclass(frozen=True)
class Smoke:
    """What every stage took, what was trained on, and what came of the exercises.

    `answers`: the target's to the pool, and how many of them were cut off at `target.max_tokens`.
    `trained`: None where there was nothing to train on. `verdicts`: by the check that failed,
    `accepted` where none did. `none_right`: tasks none of whose dev and test items the untaught
    target got right, and how many those are. `writes`: what the instructor writes by the strategy,
    an `exercise` or a `solution`; empty where it writes nothing.
    """

    stages: list[Measured]
    answers: tuple[int, int]
    trained: rows.Rows | None
    verdicts: dict[str, int]
    none_right: dict[str, int] = field(default_factory=dict)
    writes: str = "exercise"

    @property
    def untried(self) -> str:
        """What the run could not try, in words; empty where it tried everything."""
        count, cut = self.answers
        if count and cut == count:
            return (
                "the target ended none of its answers before target.max_tokens: raise that, or "
                "look whether eos_token_id in its generation_config.json is what its chat "
                "template ends a turn with"
            )
        if self.writes and not self.verdicts:
            return f"no {self.writes} was asked for, for want of errors: try more with --samples"
        if self.writes and not self.verdicts.get("accepted"):
            return f"no {self.writes} was accepted: look at `lai preview`"
        return "" if self.trained else "nothing was trained on"


def smoke(samples: int) -> Smoke:
    """Run every stage with `samples` of each task.

    Raises: PipelineError with the failing stage's own line, or for a row that does not fit.
    """
    here = params.root().absolute()
    given = params.load()
    with _leaving(), tempfile.TemporaryDirectory(prefix="lai-smoke-") as name:
        folder = Path(name)
        copy(here, folder, samples)
        notes = folder / "measured.jsonl"
        _repro(folder, notes)
        with chdir(folder):
            taught = _rows()
            local = given.target.engine == "hf" and taught
            trained = rows.check(given, Path("models/iter0"), taught) if local else None
            found = _answers(), trained, _verdicts(), _none_right(), writes(given)
            return Smoke(measured.read(notes), *found)


@contextmanager
def _leaving() -> Iterator[None]:
    """What would end this process at once ends the block: what it made is cleared away."""
    caught = [one for one in ENDING if signal.getsignal(one) == signal.SIG_DFL]

    def leave(number: int, _: object) -> None:
        for one in caught:
            signal.signal(one, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for one in caught:
        signal.signal(one, leave)
    try:
        yield
    finally:
        for one in caught:
            signal.signal(one, signal.SIG_DFL)


def _repro(folder: Path, notes: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DVC_")}
    # DVC starts the stages as `python -m ...`: this python, and the copy's code.
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    code = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    environment |= {"PATH": programs, "PYTHONPATH": code, measured.VARIABLE: str(notes)}
    process = subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    said = []
    try:
        with _pausing(process.pid):
            for line in _lines(process):
                said.append(line)
                if re.match(r"\w+( iter\d+)?: .* s$", line):
                    print(FEW.sub("", line), flush=True)
            process.wait()
    except BaseException:
        _end(process)
        raise
    if process.returncode:
        raise PipelineError(_reason(said))


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """What it says, as it comes.

    A thread reads, and this one wakes now and then: where the system hands a signal to another
    thread, which it may after a stop, Python sees it only then.
    """
    heard = queue.SimpleQueue[str | None]()

    def listen() -> None:
        try:
            for line in process.stdout or ():
                heard.put(line.rstrip())
        finally:
            heard.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        with suppress(queue.Empty):
            line = heard.get(timeout=LOOK_SECONDS)
            if line is None:
                return
            yield line


@contextmanager
def _pausing(group: int) -> Iterator[None]:
    """Ctrl-Z stops the processes of `group`, too, until this one goes on."""

    def pause(*_: object) -> None:
        # SIGTSTP does nothing to a group without a terminal.
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGSTOP)
        try:
            os.kill(os.getpid(), signal.SIGSTOP)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGCONT)

    before = signal.signal(signal.SIGTSTP, pause)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, before)


def _end(process: subprocess.Popen[str]) -> None:
    """Interrupt DVC and its stage, which then keeps the answers that it has; kill what stays."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)


def _reason(said: Sequence[str]) -> str:
    """The failing stage's own line, else the last words."""
    stage = next((line for line in reversed(said) if line.startswith("Running stage")), "")
    errors = [line for line in said if line.startswith("error: ")]
    words = errors[0].removeprefix("error: ") if errors else " ".join(said[-3:])
    return f"{stage.removeprefix('Running stage ').rstrip(':') or 'dvc repro'}: {words}"


def _answers() -> tuple[int, int]:
    said = jsonl.read(Completion, data(ITERATION, "completions.jsonl"))
    return len(said), sum(one.stop_reason == "length" for one in said)


def _none_right() -> dict[str, int]:
    asked, right = Counter[str](), Counter[str]()
    for row in jsonl.read_json(Path("metrics/iterations/iter0.json"))["counts"]:
        asked[row["task"]] += row["n"]
        right[row["task"]] += row["correct"]
    return {task: count for task, count in asked.items() if count and not right[task]}


def writes(given: params.Params) -> str:
    """What the instructor writes in the first iteration, see `Smoke`."""
    weights = planned(given.strategy, given.iterations)[chain(given.iterations)[1]]
    taught = {STRATEGIES[name].teaches for name in weights}
    return next((one[:-1] for one in ("exercises", "solutions") if one in taught), "")


def _rows() -> list[TrainRow]:
    return [
        row
        for name in ("train", "replay")
        for row in jsonl.read(TrainRow, data(ITERATION, f"{name}.jsonl"))
    ]


def _verdicts() -> dict[str, int]:
    found: dict[str, int] = {}
    for name in ("verdicts", "rejected"):
        for verdict in jsonl.read(Verdict, data(ITERATION, f"{name}.jsonl")):
            failed = (check.name for check in verdict.checks if not check.passed)
            reason = next(failed, "accepted")
            found[reason] = found.get(reason, 0) + 1
    return found
