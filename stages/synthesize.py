"""synthesize: new verified samples from each analysis, added to those of the iterations before."""

from lai import sandbox
from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Analysis, Completion, Error, TrainRow
from lai.core.stage import cache_path, data, run, split
from lai.engines.open_instructor import open_instructor
from lai.instruction.material import Material
from lai.instruction.synthesize import synthesize
from lai.judging import open_judge, spent
from lai.tasks import kept
from lai.verification import Verifier, train_rows


def main(params: View, iteration: str, previous: str) -> str:
    tasks = kept.read()
    sandbox.configure(params.sandbox, params.runtime.sandbox.workers)
    pool = split("pool")
    held_out = [*split("dev"), *split("test")]
    taught = jsonl.read(TrainRow, data(previous, "train.jsonl"))
    analyses = jsonl.read(Analysis, data(iteration, "analyses.jsonl"))
    engine = open_instructor(params.instructor, params.runtime, cache_path())
    judge = open_judge(params.judge, params.runtime, cache_path())
    result = synthesize(
        analyses,
        jsonl.read(Error, data(iteration, "errors.jsonl")),
        Material(pool, jsonl.read(Completion, data(iteration, "completions.jsonl"))),
        tasks,
        engine,
        params.instructor,
        params.synthesize,
        Verifier(tasks, held_out, pool, taught, judge),
        params.seed,
    )
    new = train_rows(result.verdicts, tasks, iteration)
    jsonl.write(data(iteration, "train.jsonl"), taught + new)
    jsonl.write(data(iteration, "verdicts.jsonl"), result.accepted)
    jsonl.write(data(iteration, "rejected.jsonl"), result.rejected)
    jsonl.write(data(iteration, "synthesis_failures.jsonl"), result.failures)
    return f"{len(analyses)} analyses -> {result.summary()}, {spent(engine, judge)}"


if __name__ == "__main__":
    run(main, "synthesize", "seed", "instructor", "judge", "sandbox", "synthesize")
