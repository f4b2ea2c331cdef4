"""prepare: load every task into a pool, a dev and a test split, and describe the base model."""

from lai.core import jsonl
from lai.core.params import View
from lai.core.stage import data, first_gate, run
from lai.core.text import counted
from lai.engines import target
from lai.engines.open_target import describe
from lai.tasks import kept
from lai.tasks.loading import load


def main(params: View, iteration: str, previous: str) -> str:
    base = describe(params.target)
    splits = load(params.tasks, params.prepare, params.seed)
    jsonl.write("data/splits/pool.jsonl", splits.pool)
    jsonl.write("data/splits/dev.jsonl", splits.dev)
    jsonl.write("data/splits/test.jsonl", splits.test)
    jsonl.write("data/splits/undrawn.jsonl", splits.undrawn)
    kept.write(splits.tasks)
    # Nothing is taught or found before iter1: empty files give every iteration one shape.
    for name in ("errors", "seeds", "train", "pairs", "aside", "gold_suspects", "decisions"):
        jsonl.write(data("iter0", f"{name}.jsonl"), [])
    target.write("models/iter0", base)
    jsonl.write_json(data("iter0", "gate.json"), first_gate(base.name))
    counts = f"{len(splits.pool)} pool, {len(splits.dev)} dev, {len(splits.test)} test samples"
    notes = "".join(f", {count} {what}" for what, count in splits.notes.items())
    return f"{counted(len(params.tasks), 'task')} -> {counts}{notes}"


if __name__ == "__main__":
    run(main, "prepare", "seed", "target", "tasks", "prepare")
