"""plan: which strategy an iteration follows and what people said of its samples.

Apart from the rest, so that a change for a later iteration leaves the others alone.
"""

from lai.core import jsonl, reviewing
from lai.core.params import View
from lai.core.stage import data, run
from lai.core.strategies import label, planned
from lai.core.text import counted


def main(params: View, iteration: str, previous: str) -> str:
    weights = planned(params.strategy, params.iterations)[iteration]
    jsonl.write_json(data(iteration, "strategy.json"), weights)
    said = reviewing.in_force(iteration, params.iterations)
    jsonl.write(data(iteration, "decisions.jsonl"), said)
    told = f", {counted(len(said), 'decision')} of people" if said else ""
    return f"strategy {label(weights)}{told}"


if __name__ == "__main__":
    run(main, "plan", "strategy", "iterations")
