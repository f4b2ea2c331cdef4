"""eval: the model of the iteration before answers the pool, and scorers judge its answers."""

from pathlib import Path

from lai import evaluation, sandbox
from lai.core.drawing import draw
from lai.core.params import View
from lai.core.stage import run, split, verdicts_path
from lai.evaluation.evaluated import Evaluated
from lai.tasks import kept


def main(params: View, iteration: str, previous: str) -> str:
    sandbox.configure(params.sandbox, params.runtime.sandbox.workers, verdicts_path())
    pool = draw(split("pool"), params.eval.sample, f"{params.seed} {iteration}")
    asked = (kept.read(), params.target, params.judge, params.runtime)
    found = Evaluated.of(pool, Path("models") / previous, *asked)
    found.write(iteration, "eval")
    counted = [score for score in found.scores if not score.seen_in_training]
    return (
        f"{len(pool)} pool questions -> {evaluation.outcomes(counted)}, "
        f"{len(found.scores) - len(counted)} seen in training left out, {found.spent}"
    )


if __name__ == "__main__":
    run(main, "eval", "seed", "target", "judge", "sandbox", "eval")
