"""train: LoRA fine-tuning on all that was taught so far, with replay of what was solved."""

from pathlib import Path

from lai import training
from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Completion, Pair, Solved, TrainRow
from lai.core.stage import data, held_out, run
from lai.overlap import HeldOut


def main(params: View, iteration: str, previous: str) -> str:
    taught = jsonl.read(TrainRow, data(iteration, "train.jsonl"))
    paired = jsonl.read(Pair, data(iteration, "pairs.jsonl"))
    completions = jsonl.read(Completion, data(iteration, "completions.jsonl"))
    rows, pairs = training.divided(taught, paired, iteration)
    replay = training.replay_rows(
        jsonl.read(Solved, data(iteration, "solved.jsonl")),
        completions,
        params.train.replay,
        len(rows) + len(pairs),
        params.seed,
        iteration,
        HeldOut(held_out()),
    )
    lesson = training.Lesson(
        iteration=iteration,
        source=Path("models") / previous,
        rows=rows,
        pairs=pairs,
        replay=replay,
        trained_on=training.trained_on([*rows, *pairs], replay, completions),
        params=params.train,
        target=params.target,
        runtime=params.runtime,
        seed=params.seed,
    )
    metrics = training.train(lesson, Path("models") / iteration, data(iteration, "training"))
    jsonl.write(data(iteration, "replay.jsonl"), replay)
    jsonl.write_json(data(iteration, "train_metrics.json"), metrics)
    return training.sentence(metrics, previous)


if __name__ == "__main__":
    run(main, "train", "seed", "target", "train")
