"""plan: which strategy each iteration follows; so a later one's change leaves the others alone."""

from pathlib import Path

from lai.core import jsonl
from lai.core.params import View
from lai.core.stage import run
from lai.core.strategies import planned, summary


def main(params: View, iteration: str, previous: str) -> str:
    plan = planned(params.strategy, params.iterations)
    for name, weights in plan.items():
        jsonl.write_json(Path("data/strategies") / f"{name}.json", weights)
    return f"{len(plan)} iterations -> {summary(plan, params.iterations)}"


if __name__ == "__main__":
    run(main, "plan", "strategy", "iterations")
