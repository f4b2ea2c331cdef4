"""mine_errors: what the target answered, split into errors and solved, without what is in doubt."""

from collections import Counter
from typing import get_args

from lai import mining
from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Completion, ErrorKind, Score
from lai.core.stage import data, doubtful, run, split
from lai.core.text import counted


def main(params: View, iteration: str, previous: str) -> str:
    scores = jsonl.read(Score, data(iteration, "scores.jsonl"))
    aside = doubtful(previous)
    errors, solved = mining.mine(
        split("pool"),
        jsonl.read(Completion, data(iteration, "completions.jsonl")),
        scores,
        aside,
    )
    jsonl.write(data(iteration, "errors.jsonl"), errors)
    jsonl.write(data(iteration, "solved.jsonl"), solved)
    kinds = Counter(error.error for error in errors)
    apart = ", ".join(f"{kinds[kind]} {kind.replace('_', ' ')}" for kind in get_args(ErrorKind))
    told = f", {counted(len(aside), 'doubtful question')} left out" if aside else ""
    return f"{len(scores)} scores -> {len(errors)} errors ({apart}), {len(solved)} solved{told}"


if __name__ == "__main__":
    run(main, "mine_errors")
