"""What one iteration trains on, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lai.core import jsonl
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.params.training import TrainParams
from lai.core.records import Completion, Pair, Solved, TrainRow
from lai.core.reviewing import Suspect
from lai.core.stage import data, held_out
from lai.overlap import HeldOut
from lai.training.budget import divided
from lai.training.replay import replay_rows, trained_on


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

    @classmethod
    def read(
        cls,
        iteration: str,
        previous: str,
        params: TrainParams,
        target: TargetParams,
        runtime: RuntimeParams,
        seed: int,
    ) -> Lesson:
        """That of `iteration`, out of its records; `previous`: the one that it starts from.

        Nothing is replayed that `synthesize` set aside; what was before is no solved question.
        """
        taught = jsonl.read(TrainRow, data(iteration, "train.jsonl"))
        rows, pairs = divided(taught, jsonl.read(Pair, data(iteration, "pairs.jsonl")), iteration)
        completions = jsonl.read(Completion, data(iteration, "completions.jsonl"))
        doubted = jsonl.read(Suspect, data(iteration, "gold_suspects.jsonl"))
        aside = {one.sample for one in doubted}
        solved = jsonl.read(Solved, data(iteration, "solved.jsonl"))
        replay = replay_rows(
            [one for one in solved if one.sample not in aside],
            completions,
            params.replay,
            len(rows) + len(pairs),
            seed,
            iteration,
            HeldOut(held_out()),
        )
        return cls(
            iteration=iteration,
            source=Path("models") / previous,
            rows=rows,
            pairs=pairs,
            replay=replay,
            trained_on=trained_on([*rows, *pairs], replay, completions),
            params=params,
            target=target,
            runtime=runtime,
            seed=seed,
        )
