"""contrast_pairs: what each lesson starts from; for LEC with the solved samples nearest to it."""

from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Error, Solved
from lai.core.stage import data, plan, run, split
from lai.core.strategies import STRATEGIES, label
from lai.instruction.seeding import Losses, select
from lai.tasks import kept


def main(params: View, iteration: str, previous: str) -> str:
    weights, pool = plan(iteration), split("pool")
    errors = jsonl.read(Error, data(iteration, "errors.jsonl"))
    solved = jsonl.read(Solved, data(iteration, "solved.jsonl"))
    most = params.analyze.max_errors
    losses = Losses(f"models/{previous}", params.target, params.runtime, pool, kept.read())
    texts = {sample.id: sample.input for sample in pool}
    size = params.analyze.errors_per_pattern
    seeds = select(weights, errors, solved, most, params.seed, losses, texts, size)
    jsonl.write(data(iteration, "seeds.jsonl"), seeds)
    contrasted = {one.error for one in seeds if STRATEGIES[one.strategy].contrast}
    sets = []
    if contrasted:
        from lai import contrast  # scikit-learn takes a second to import
        from lai.contrast.embedders import open_embedder

        embed = open_embedder(
            params.contrast_pairs, f"models/{previous}", params.target, params.runtime
        )
        failed = [error for error in errors if error.id in contrasted]
        sets = contrast.pair(failed, solved, pool, params.contrast_pairs.k, embed)
    jsonl.write(data(iteration, "contrast.jsonl"), sets)
    alone = sum(not record.neighbors for record in sets)
    return (
        f"strategy {label(weights)}, {len(errors)} errors, {len(solved)} solved -> "
        f"{len(seeds)} seeds, {len(sets)} contrast sets ({alone} without a neighbor)"
    )


if __name__ == "__main__":
    run(main, "contrast_pairs", "seed", "target", "contrast_pairs", "analyze")
