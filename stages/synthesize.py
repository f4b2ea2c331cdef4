"""synthesize: new verified samples, added to those of the iterations before."""

from lai import sandbox
from lai.asking.judging import open_judge, spent, transcript
from lai.core import jsonl
from lai.core.drawing import seed_of
from lai.core.params import View
from lai.core.records import Analysis, Completion, Error, Seed, Solved, TrainRow, Weakness
from lai.core.stage import cache_path, data, plan, run, split, verdicts_path
from lai.engines.open_instructor import open_instructor
from lai.instruction import direct, material, weaknesses
from lai.instruction.allocation import budgets, lessons
from lai.instruction.synthesize import synthesize
from lai.tasks import kept
from lai.verification import Verifier, train_rows


def main(params: View, iteration: str, previous: str) -> str:
    tasks, share, pool = kept.read(), plan(iteration), split("pool")
    sandbox.configure(params.sandbox, params.runtime.sandbox.workers, verdicts_path())
    taught = jsonl.read(TrainRow, data(previous, "train.jsonl"))
    analyses = jsonl.read(Analysis, data(iteration, "analyses.jsonl"))
    seeds, old = (jsonl.read(Seed, data(i, "seeds.jsonl")) for i in (iteration, previous))
    errors, was = (jsonl.read(Error, data(i, "errors.jsonl")) for i in (iteration, previous))
    solved = jsonl.read(Solved, data(iteration, "solved.jsonl"))
    weak = jsonl.read(Weakness, data(iteration, "weaknesses.jsonl"))
    claims = weaknesses.weigh(weak, params.synthesize.spread, analyses, (seeds, errors), (old, was))
    parts = budgets(share, tasks, lessons(weak, claims, errors, solved), params.synthesize.budget)
    shown = material.Material(pool, jsonl.read(Completion, data(iteration, "completions.jsonl")))
    engine = open_instructor(params.instructor, params.runtime, cache_path())
    judge = open_judge(params.judge, params.runtime, cache_path())
    seed = seed_of(iteration, params.seed)
    asked = (shown, tasks, engine, params.instructor, params.synthesize, seed)
    verify = Verifier(tasks, [*split("dev"), *split("test")], pool, taught, judge)
    result = synthesize(analyses, seeds, weak, claims, parts, *asked, verify)
    taken = result.add(direct.Source(*asked, judge).teach(parts, errors, solved, iteration))
    new = [*train_rows(result.verdicts, tasks, iteration), *taken.rows]
    for name, records in {"train.jsonl": taught + new, **result.files()}.items():
        jsonl.write(data(iteration, name), records)
    jsonl.write(data(iteration, "transcripts/synthesize.jsonl"), transcript(judge, engine))
    jsonl.write_json(data(iteration, "synthesis_usage.json"), engine.used())
    return f"{len(analyses)} analyses -> {result.summary()}, {spent(engine, judge)}"


if __name__ == "__main__":
    run(main, "synthesize", "seed", "instructor", "judge", "sandbox", "synthesize")
