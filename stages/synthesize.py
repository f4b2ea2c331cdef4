"""synthesize: new verified samples, added to those of the iterations before."""

from lai import sandbox
from lai.asking.judging import open_judge, spent, transcript
from lai.asking.solving import Solver
from lai.core import jsonl
from lai.core.drawing import seed_of
from lai.core.params import View
from lai.core.records import Completion, TrainRow
from lai.core.stage import cache_path, data, decisions, held_out, plan, run, split, verdicts_path
from lai.engines.open_instructor import open_instructor
from lai.instruction import direct, findings, material, suspects
from lai.instruction.synthesize import synthesize
from lai.tasks import kept
from lai.verification import Verifier, too_easy, train_rows


def main(params: View, iteration: str, previous: str) -> str:
    tasks, pool, found = kept.read(), split("pool"), findings.Findings.read(iteration, previous)
    sandbox.configure(params.sandbox, params.runtime.sandbox.workers, verdicts_path())
    limits, seed = params.synthesize, seed_of(iteration, params.seed)
    claims, parts = found.shares(plan(iteration), tasks, limits)
    shown = material.Material(pool, jsonl.read(Completion, data(iteration, "completions.jsonl")))
    engine = open_instructor(params.instructor, params.runtime, cache_path())
    judge = open_judge(params.judge, params.runtime, cache_path())
    old, held = jsonl.read(TrainRow, data(previous, "train.jsonl")), held_out()
    solver = Solver(engine, params.instructor, tasks, params.seed, judge)
    student = too_easy.Student(previous, params.target, params.runtime, tasks, cache_path(), judge)
    said, sources = decisions(iteration), found.sources(shown)
    verify = Verifier(tasks, held, pool, old, judge, limits.checks, solver, student, sources, said)
    asked = (shown, tasks, engine, params.instructor, limits, seed)
    made = synthesize(found.analyses, found.seeds, found.weaknesses, claims, parts, *asked, verify)
    look = suspects.look(shown.samples, solver, limits.suspects, said)
    source = direct.Source(*asked, judge, said, verify.held_out, look, verify.free.solution)
    made.add(source.teach(parts, *found.answered, iteration))
    new = train_rows(made.exercises, tasks, iteration) + made.direct
    for name, records in {"train.jsonl": old + new, **made.files()}.items():
        jsonl.write(data(iteration, name), records)
    who = (engine, judge, student.served)
    figures = made.figures(found, params.instructor, params.runtime, *who)
    jsonl.write(data(iteration, "transcripts/synthesize.jsonl"), transcript(judge, engine, student))
    jsonl.write_json(data(iteration, "synthesis.json"), figures)
    return f"{len(found.analyses)} analyses -> {made.summary()}, {spent(*who)}"


if __name__ == "__main__":
    run(main, "synthesize", "seed", "target", "instructor", "judge", "sandbox", "synthesize")
