"""reeval: the model of this iteration on the dev split and on every test set, ID and OOD."""

from pathlib import Path

from lai import sandbox
from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Score
from lai.core.stage import data, gate_of, run, split, verdicts_path
from lai.evaluation import gate, measurement
from lai.evaluation.evaluated import Evaluated
from lai.tasks import kept


def main(params: View, iteration: str, previous: str) -> str:
    tasks = kept.read()
    sandbox.configure(params.sandbox, params.runtime.sandbox.workers, verdicts_path())
    samples = [*split("dev"), *split("test")]
    asked = (tasks, params.target, params.judge, params.runtime)
    new = Evaluated.of(samples, Path("models") / iteration, *asked)
    new.write(iteration, "reeval")
    earlier = {
        name: jsonl.read(Score, data(name, "reeval_scores.jsonl"))
        for name in dict.fromkeys(["iter0", previous])
        if name != iteration
    }
    measured = measurement.measure(samples, new.scores, earlier, tasks)
    told = measurement.sentence(measured)
    if iteration != "iter0":
        state, before = [new.model.name, *new.model.trained_on], gate_of(previous)
        judged = (samples, new.scores, earlier[previous], tasks, before, params.gate)
        found = gate.judge(iteration, state, *judged)
        jsonl.write_json(data(iteration, "gate.json"), found.json())
        measured["gate_failed"] = found.failed
        told += gate.sentence(found, params.gate.action)
        written = jsonl.read_json(data(iteration, "synthesis.json"))
        jsonl.write_json(f"metrics/{iteration}/synthesis.json", measurement.listed(written))
    jsonl.write_json(f"metrics/iterations/{iteration}.json", measured)
    return f"{len(samples)} questions -> {told}, {new.spent}"


if __name__ == "__main__":
    run(main, "reeval", "target", "judge", "sandbox", "gate")
