"""train: LoRA fine-tuning on all that was taught so far, with replay of what was solved."""

from pathlib import Path

from lai import training
from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Completion, Solved, TrainRow
from lai.core.stage import data, run, split
from lai.overlap import HeldOut


def main(params: View, iteration: str, previous: str) -> str:
    taught = jsonl.read(TrainRow, data(iteration, "train.jsonl"))
    completions = jsonl.read(Completion, data(iteration, "completions.jsonl"))
    # Nothing new to teach: the model is carried over, not trained again on what it has had.
    rows = taught if any(row.iteration == iteration for row in taught) else []
    replay = training.replay_rows(
        jsonl.read(Solved, data(iteration, "solved.jsonl")),
        completions,
        params.train.replay,
        len(rows),
        params.seed,
        iteration,
        HeldOut([*split("dev"), *split("test")]),
    )
    lesson = training.Lesson(
        iteration=iteration,
        source=Path("models") / previous,
        rows=rows,
        replay=replay,
        trained_on=training.trained_on(rows, replay, completions),
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
