"""The table of faults, and docs/FAULTS.md, which is made of it: `python -m tests.faults.table`."""

from __future__ import annotations

from tests.faults import addresses, budgets, connections, processes, replies, statuses, store, waits
from tests.faults.child import QUESTIONS
from tests.faults.fault import Fault
from tests.faults.scene import ATTEMPTS, CONCURRENCY
from tests.support.closure import ROOT

KINDS: dict[str, list[Fault]] = {
    "Addresses": addresses.FAULTS,
    "Connections": connections.FAULTS,
    "Statuses": statuses.FAULTS,
    "Waits, and the clock": waits.FAULTS,
    "Replies": replies.FAULTS,
    "The store and its disk": store.FAULTS,
    "Processes": processes.FAULTS,
    "Money": budgets.FAULTS,
}
"""Each row is a test of its own, and a line of the documentation. A kind is a module's list."""

PATH = ROOT / "docs" / "FAULTS.md"
_HEAD = f"""# Faults

What a run with a paid, flaky instructor meets, what you see of it, and what it costs. Each line \
is a test (`tests/faults/`): a run of {QUESTIONS} questions, {CONCURRENCY} at a time and \
{ATTEMPTS} attempts each (`runtime.instructor`: `concurrency`, `max_retries`), against a server on \
loopback that counts each answer that a provider takes money for; after the fault a second run, \
which must be whole and ask for nothing that was answered before. `python -m tests.faults.table` \
writes this page.

`URL` and `STORE` stand for what they are, `…` for what varies. The lines are all that stands on \
stderr, but for a bar on a terminal: an error is one line, without a traceback. The number is the \
exit code, negative for a signal. *Paid again* are answers that the provider may charge for a \
second time; everything else that was received is kept, and no rerun asks for it.
"""


def document() -> str:
    """The page, made of the table."""
    parts = [_HEAD]
    for kind, faults in KINDS.items():
        parts += [
            f"## {kind}\n",
            "| fault | what you see | the run | what it costs |",
            "|---|---|---|---|",
        ]
        parts += [*(fault.row() for fault in faults), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    PATH.write_text(document())
