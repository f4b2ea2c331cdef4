"""Where a fault happens: a server that counts what it is owed, a store, and runs in children."""

from __future__ import annotations

import json
import multiprocessing
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.faults import child
from tests.support.openai_server import Answer, Server, digest, tutor
from tests.support.until import until

CONCURRENCY = 3
ATTEMPTS = 2
# Children fork from a server that has the imports, which saves a second each.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.faults.child"])


@dataclass(frozen=True)
class Ended:
    """How a run ended: what stood on stderr, the exit code, and what came of it.

    `values`: what was made of the replies that could be used. `reasons`: why the others could not,
    as it is written among the step's failures. `memory`: the most that it took, in bytes.
    """

    lines: list[str]
    code: int
    values: list[Any]
    reasons: list[str]
    memory: int


class Run:
    """A child process at work."""

    def __init__(self, order: child.Order) -> None:
        self._order = order
        self.process: ForkServerProcess = _processes.Process(target=child.main, args=(order,))
        self.process.start()

    def ended(self, seconds: float = 30.0) -> Ended:
        """Wait for its end, at most so long."""
        self.process.join(seconds)
        if self.process.exitcode is None:
            self.process.kill()
            raise AssertionError(f"still running after {seconds:g} s: {self._read('stderr')}")
        said = json.loads(self._read("said") or "{}")
        return Ended(
            self._read("stderr").splitlines(),
            self.process.exitcode,
            said.get("values", []),
            said.get("reasons", []),
            said.get("memory", 0),
        )

    def _read(self, name: str) -> str:
        path = Path(self._order.folder) / name
        return path.read_text() if path.exists() else ""


@dataclass
class Scene:
    """A server, a folder, and what a run is told. Faults change any of it for a while.

    `owed` counts, by request, the answers that a provider takes money for, whether they arrived or
    not. The request that a fault befalls, the victim, is the third that comes. `answer` gives what
    it is answered, by how often it has been, or None for a good answer; `charged`: a provider takes
    money for it. `every` changes the good answers, `latency` is their delay in seconds;
    `longest` is the longest request that came, in characters.
    `work`, `params` (of the endpoint), `budget`, `longest_wait` and `before` are the run's; it may
    last at most `seconds`.
    """

    folder: Path
    work: Callable[[child.Order], child.Outcome] = child.analyze
    params: dict[str, Any] = field(default_factory=dict)
    budget: dict[str, Any] = field(default_factory=dict)
    longest_wait: float = 5.0
    before: Callable[[], None] | None = None
    seconds: float = 30.0

    def __post_init__(self) -> None:
        self.store = self.folder / "cache" / "responses.sqlite"
        self.owed: Counter[str] = Counter()
        self.answer: Callable[[int], Answer | None] | None = None
        self.charged = False
        self.every: Callable[[Answer], Answer] = lambda answer: answer
        self.latency = 0.0
        self.longest = 0
        self._met: list[str] = []
        self._times = 0
        self._runs = 0
        self._lock = threading.Lock()
        self.server = Server(self.script)
        self.url = self.server.url

    @property
    def requests(self) -> int:
        """How many a run sends where nothing goes wrong."""
        return child.QUESTIONS // 2 if self.work is child.write_exercises else child.QUESTIONS

    def script(self, body: dict[str, Any]) -> Answer:
        """Answer as a tutor does, but for what befalls the victim."""
        about = json.dumps(body["messages"][0])
        with self._lock:
            if about not in self._met:
                self._met.append(about)
            self.longest = max(self.longest, len(json.dumps(body)))
            hit = self._met.index(about) == 2 and self.answer is not None
            fault = self.answer(self._times) if hit and self.answer else None
            self._times += hit
        time.sleep(self.latency)
        with self._lock:
            self.owed[digest(body)] += fault is None or self.charged
        return fault or self.every(tutor(body))

    def start(self) -> Run:
        """Start a run in a folder of its own, on the common store."""
        self._runs += 1
        folder = self.folder / f"run{self._runs}"
        folder.mkdir()
        self.run = Run(
            child.Order(
                str(folder),
                str(self.store),
                self.url,
                {"concurrency": CONCURRENCY, "max_retries": ATTEMPTS - 1, **self.params},
                self.budget,
                self.longest_wait,
                self.work,
                self.before,
            )
        )
        return self.run

    def ended(self) -> Ended:
        """Start a run, and wait for its end."""
        return self.start().ended(self.seconds)

    def wait_for(self, answers: int) -> None:
        """Until the server owes so many answers more."""
        goal = self.owed.total() + answers
        until(lambda: self.owed.total() >= goal)

    def wait_for_request(self, number: int) -> None:
        """Until the server has received so many requests in all."""
        until(lambda: len(self.server.bodies) >= number)

    def fits(self, template: str, line: str) -> bool:
        """Whether `line` is `template`, with URL and STORE filled in and anything for `…`."""
        filled = template.replace("URL", self.url).replace("STORE", str(self.store))
        pattern = ".*".join(re.escape(part) for part in filled.split("…"))
        return re.fullmatch(pattern, line) is not None

    def close(self) -> None:
        """Close the server."""
        self.server.__exit__()
