"""reeval: the model of this iteration on the dev split and on every test set, ID and OOD."""

from lai import evaluation, sandbox
from lai.asking.judging import open_judge, spent, transcript
from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Score
from lai.core.stage import cache_path, data, gate_of, run, split, verdicts_path
from lai.engines import target
from lai.engines.open_target import open_target
from lai.evaluation import gate, measurement
from lai.tasks import kept


def main(params: View, iteration: str, previous: str) -> str:
    tasks = kept.read()
    sandbox.configure(params.sandbox, params.runtime.sandbox.workers, verdicts_path())
    samples = [*split("dev"), *split("test")]
    model = target.read(f"models/{iteration}")
    engine = open_target(f"models/{iteration}", params.target, params.runtime, cache_path())
    completions = evaluation.answer(samples, engine, model, params.target, tasks)
    judge = open_judge(params.judge, params.runtime, cache_path())
    scores = evaluation.score(samples, completions, tasks, grader=judge)
    jsonl.write(data(iteration, "reeval_completions.jsonl"), completions)
    jsonl.write(data(iteration, "reeval_scores.jsonl"), scores)
    jsonl.write(data(iteration, "transcripts/reeval.jsonl"), transcript(judge, engine))
    earlier = {
        name: jsonl.read(Score, data(name, "reeval_scores.jsonl"))
        for name in dict.fromkeys(["iter0", previous])
        if name != iteration
    }
    measured = measurement.measure(samples, scores, earlier, tasks)
    told = measurement.sentence(measured)
    if iteration != "iter0":
        asked = (samples, scores, earlier[previous], tasks, gate_of(previous), params.gate)
        found = gate.judge(iteration, [model.name, *model.trained_on], *asked)
        jsonl.write_json(data(iteration, "gate.json"), found.json())
        measured["gate_failed"] = found.failed
        told += gate.sentence(found, params.gate.action)
        written = jsonl.read_json(data(iteration, "synthesis.json"))
        jsonl.write_json(f"metrics/{iteration}/synthesis.json", measurement.listed(written))
    jsonl.write_json(f"metrics/iterations/{iteration}.json", measured)
    return f"{len(samples)} questions -> {told}, {spent(engine, judge)}"


if __name__ == "__main__":
    run(main, "reeval", "target", "judge", "sandbox", "gate")
