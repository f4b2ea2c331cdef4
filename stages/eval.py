"""eval: the model of the iteration before answers the pool, and scorers judge its answers."""

from lai import evaluation, sandbox
from lai.asking.judging import open_judge, spent, transcript
from lai.core import jsonl
from lai.core.drawing import draw
from lai.core.params import View
from lai.core.stage import cache_path, data, run, split, verdicts_path
from lai.engines import target
from lai.engines.open_target import open_target
from lai.tasks import kept


def main(params: View, iteration: str, previous: str) -> str:
    tasks = kept.read()
    sandbox.configure(params.sandbox, params.runtime.sandbox.workers, verdicts_path())
    pool = split("pool")
    pool = draw(pool, params.eval.sample, f"{params.seed} {iteration}")
    model = target.read(f"models/{previous}")
    engine = open_target(f"models/{previous}", params.target, params.runtime, cache_path())
    completions = evaluation.answer(pool, engine, model, params.target, tasks)
    judge = open_judge(params.judge, params.runtime, cache_path())
    scores = evaluation.score(pool, completions, tasks, model.trained_on, judge)
    jsonl.write(data(iteration, "completions.jsonl"), completions)
    jsonl.write(data(iteration, "scores.jsonl"), scores)
    jsonl.write(data(iteration, "transcripts/eval.jsonl"), transcript(judge, engine))
    counted = [score for score in scores if not score.seen_in_training]
    return (
        f"{len(pool)} pool questions -> {evaluation.outcomes(counted)}, "
        f"{len(scores) - len(counted)} seen in training left out, {spent(engine, judge)}"
    )


if __name__ == "__main__":
    run(main, "eval", "seed", "target", "judge", "sandbox", "eval")
