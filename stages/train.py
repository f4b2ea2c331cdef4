"""train: LoRA fine-tuning on all that was taught so far, with replay of what was solved."""

from pathlib import Path

from lai import training
from lai.core import jsonl
from lai.core.params import View
from lai.core.stage import data, run


def main(params: View, iteration: str, previous: str) -> str:
    asked = (params.train, params.target, params.runtime, params.seed)
    lesson = training.Lesson.read(iteration, previous, *asked)
    metrics = training.train(lesson, Path("models") / iteration, data(iteration, "training"))
    jsonl.write(data(iteration, "replay.jsonl"), lesson.replay)
    jsonl.write_json(data(iteration, "train_metrics.json"), metrics)
    return training.sentence(metrics, previous)


if __name__ == "__main__":
    run(main, "train", "seed", "target", "train")
