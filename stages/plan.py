"""plan: which strategy an iteration follows; so a later one's change leaves the others alone."""

from lai.core import jsonl
from lai.core.params import View
from lai.core.stage import data, run
from lai.core.strategies import label, planned


def main(params: View, iteration: str, previous: str) -> str:
    weights = planned(params.strategy, params.iterations)[iteration]
    jsonl.write_json(data(iteration, "strategy.json"), weights)
    return f"strategy {label(weights)}"


if __name__ == "__main__":
    run(main, "plan", "strategy", "iterations")
