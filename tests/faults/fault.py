"""A row of the table of faults, and how it is written down for readers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.faults.scene import ATTEMPTS, CONCURRENCY, Scene
from tests.support.openai_server import Answer

Happening = Callable[[Scene], AbstractContextManager[None]]
AGAIN = "URL: {}; trying again, with growing pauses"
KEPT = "answers already received are kept"
GIVEN_UP = (
    f"error: URL: {{}} (attempt {ATTEMPTS} of {ATTEMPTS}); {KEPT}, and a rerun goes on from there. "
    "Check the server and runtime.instructor (base_url, timeout, max_retries)"
)
"""What every fault that might pass ends in where it does not."""
IN_FLIGHT = {"again": CONCURRENCY, "up_to": True, "because": "those in flight (`concurrency`)"}
"""What a run that ends at once loses: fields of a `Fault`."""


@dataclass(frozen=True)
class Fault:
    """What happens, what is seen, and what it costs.

    `happening`: makes it happen while a first run is at work, and ends it. A second run, on the
    store that the first one left, must then be whole, and ask for nothing that was answered before.

    `seen`: the lines on stderr, all of them, with URL and STORE for what they are and `…` for what
    varies; `maybe` one that a slow machine may add. `code`: the exit code, negative for a signal.
    `recorded`: the reason among the step's failures, where the fault is about one request whose
    reply is of no use. `anew`: questions asked beside those of a run without the fault. `again`:
    answers that a provider takes money for a second time (`up_to`: at most so many), and `because`
    of what.
    `scene`: fields of the scene. `skip`: says why this machine cannot do it, or nothing.
    """

    name: str
    happening: Happening
    seen: tuple[str, ...] = ()
    code: int = 0
    maybe: str = ""
    recorded: str = ""
    anew: int = 0
    again: int = 0
    up_to: bool = False
    because: str = ""
    scene: dict[str, Any] = field(default_factory=dict)
    skip: Callable[[], str] = lambda: ""

    def row(self) -> str:
        """The row of the documentation's table."""
        seen = [f"`` {line} ``" if "`" in line else f"`{line}`" for line in self.seen]
        if self.recorded:
            seen.append(f"a failure on record: `{self.recorded}`")
        ends = {0: "goes on", 1: "ends (1)"}.get(self.code, f"ends ({self.code})")
        most = "at most " if self.up_to else ""
        costs = [f"{most}{self.again:d} paid again: {self.because}"] if self.again else []
        costs += [f"{self.anew} more asked"] if self.anew else []
        cells = [self.name, "<br>".join(seen) or "nothing", ends, "; ".join(costs) or "nothing"]
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def answers(answer: Answer, times: int | None = 1, charged: bool = False) -> Happening:
    """The victim gets `answer`, so many times or always; `charged` for it all the same."""

    @contextlib.contextmanager
    def happening(scene: Scene) -> Iterator[None]:
        scene.charged = charged
        scene.answer = lambda before: answer if times is None or before < times else None
        yield
        scene.answer = None

    return happening


def once(name: str, answer: Answer, problem: str, lost: str = "", **more: Any) -> Fault:
    """A fault that passes: the run says that it waits, and goes on.

    `lost`: why the answer is of no use, if a provider takes money for it.
    """
    seen = (AGAIN.format(problem),)
    happening = answers(answer, 1, bool(lost))
    return Fault(name, happening, seen, again=bool(lost), because=lost, **more)


def always(name: str, answer: Answer, problem: str, lost: str = "", **more: Any) -> Fault:
    """The same one at every attempt: the run ends, and what it has received is kept."""
    name = f"{name}, at every attempt"
    seen = (AGAIN.format(problem), GIVEN_UP.format(problem))
    happening = answers(answer, None, bool(lost))
    return Fault(name, happening, seen, 1, again=ATTEMPTS * bool(lost), because=lost, **more)


def final(name: str, answer: Answer, problem: str, **more: Any) -> Fault:
    """A refusal that no attempt mends: the run ends at once."""
    return Fault(name, answers(answer, None), (f"error: URL: {problem}; {KEPT}",), 1, **more)


def failed(name: str, answer: Answer, reason: str, charged: bool = True, **more: Any) -> Fault:
    """One request comes to nothing, and is recorded as such; the run goes on."""
    return Fault(name, answers(answer, None, charged), recorded=reason, **more)


def taken(name: str, answer: Answer, **more: Any) -> Fault:
    """A reply that looks like a fault, and is used as it is."""
    return Fault(name, answers(answer, 1, True), **more)
