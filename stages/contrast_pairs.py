"""contrast_pairs: the solved samples nearest to each error; empty unless the strategy asks."""

from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Error, Solved
from lai.core.stage import data, run, split
from lai.core.strategies import STRATEGIES


def main(params: View, iteration: str, previous: str) -> str:
    path = data(iteration, "contrast.jsonl")
    if not STRATEGIES[params.strategy].contrast:
        jsonl.write(path, [])
        return f"strategy {params.strategy} uses no contrast -> 0 contrast sets"
    from lai import contrast  # scikit-learn takes a second to import
    from lai.contrast.embedders import open_embedder

    errors = jsonl.read(Error, data(iteration, "errors.jsonl"))
    solved = jsonl.read(Solved, data(iteration, "solved.jsonl"))
    pool = split("pool")
    embed = open_embedder(
        params.contrast_pairs, f"models/{previous}", params.target, params.runtime
    )
    sets = contrast.pair(errors, solved, pool, params.contrast_pairs.k, embed)
    jsonl.write(path, sets)
    alone = sum(not record.neighbors for record in sets)
    return f"{len(errors)} errors, {len(solved)} solved -> {len(sets)} contrast sets, {alone} empty"


if __name__ == "__main__":
    run(main, "contrast_pairs", "strategy", "target", "contrast_pairs")
