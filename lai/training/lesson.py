"""What one iteration trains on, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.params.training import TrainParams
from lai.core.records import Pair, TrainRow


@dataclass(frozen=True)
class Lesson:
    """Rows, pairs and settings of one training.

    `source`: the folder of the model of the iteration before (its base is trained, or its adapter
    too, as `params.start_from` says). `trained_on`: ids of the pool samples among the
    rows and pairs.
    """

    iteration: str
    source: Path
    rows: Sequence[TrainRow]
    replay: Sequence[TrainRow]
    trained_on: Sequence[str]
    params: TrainParams
    target: TargetParams
    runtime: RuntimeParams
    seed: int
    pairs: Sequence[Pair] = ()
