"""What a stage took, written down where somebody asks for it, as `lai smoke` does."""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

VARIABLE = "LAI_MEASURED"
"""Environment variable: the file that each stage appends a line to."""


@dataclass(frozen=True)
class Measured:
    """One stage. `resident`: its peak in bytes; `cuda`: the most that torch held of a GPU."""

    stage: str
    iteration: str
    seconds: float
    resident: int
    cuda: int
    summary: str


def note(stage: str, iteration: str, seconds: float, summary: str) -> None:
    """Append what this process took, if `VARIABLE` names a file."""
    path = os.environ.get(VARIABLE)
    if not path:
        return
    # Kilobytes, but bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    measured = Measured(stage, iteration, round(seconds, 2), resident, _cuda(), summary)
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(measured)) + "\n")


def read(path: Path) -> list[Measured]:
    """What the stages wrote."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Measured(**json.loads(line)) for line in lines]


def _cuda() -> int:
    torch = sys.modules.get("torch")  # a stage that has not imported it has used no GPU
    if torch is None or not torch.cuda.is_available():
        return 0
    return int(torch.cuda.max_memory_reserved())
