"""prefer: pairs of the right and the target's own wrong response, for training on preferences."""

from lai import preference, sandbox
from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Completion, Error, Pair, Seed, TrainRow
from lai.core.reviewing import suspects
from lai.core.stage import data, held_out, run, split, verdicts_path
from lai.overlap import HeldOut
from lai.tasks import kept


def main(params: View, iteration: str, previous: str) -> str:
    if not params.train.paired:
        jsonl.write(data(iteration, "pairs.jsonl"), [])
        return f"objective {params.train.objective}, which takes no pairs"
    sandbox.configure(params.sandbox, params.runtime.sandbox.workers, verdicts_path())
    before = jsonl.read(Pair, data(previous, "pairs.jsonl"))
    rows = jsonl.read(TrainRow, data(iteration, "train.jsonl"))
    errors = preference.looked_at(
        jsonl.read(Error, data(iteration, "errors.jsonl")),
        jsonl.read(Seed, data(iteration, "seeds.jsonl")),
        suspects(data(iteration, "")),
    )
    places = preference.replaceable(rows, params.train.paired, params.seed, iteration)
    pairs, copies = preference.pair(
        errors,
        jsonl.read(Completion, data(iteration, "completions.jsonl")),
        split("pool"),
        kept.read(),
        places,
        params.seed,
        iteration,
        HeldOut(held_out()),
    )
    jsonl.write(data(iteration, "pairs.jsonl"), before + pairs)
    wanted = sum(map(len, places.values()))
    dropped = f", {copies} copies of dev or test items passed over" if copies else ""
    return f"{len(errors)} errors -> {len(pairs)} of {wanted} pairs wanted{dropped}"


if __name__ == "__main__":
    run(main, "prefer", "seed", "sandbox", "train")
