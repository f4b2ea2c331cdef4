"""analyze: doubtful references are set aside; skill and misconception behind every other seed."""

from lai import sandbox
from lai.asking.solving import Solver
from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Completion, ContrastSet, Error, Seed
from lai.core.reviewing import without
from lai.core.stage import cache_path, data, decisions, run, set_aside, split, verdicts_path
from lai.core.text import counted
from lai.engines.open_instructor import open_instructor
from lai.instruction import suspects, weaknesses
from lai.instruction.analyze import analyze
from lai.instruction.material import Material
from lai.tasks import kept


def main(params: View, iteration: str, previous: str) -> str:
    sandbox.configure(params.sandbox, params.runtime.sandbox.workers, verdicts_path())
    given = jsonl.read(Seed, data(iteration, "seeds.jsonl"))
    errors = jsonl.read(Error, data(iteration, "errors.jsonl"))
    material = Material(split("pool"), jsonl.read(Completion, data(iteration, "completions.jsonl")))
    engine = open_instructor(params.instructor, params.runtime, cache_path())
    solver = Solver(engine, params.instructor, kept.read(), params.seed)
    limits, said = params.analyze.suspects, decisions(iteration)
    before = set_aside(previous)
    aside = suspects.find(given, errors, material.samples, solver, limits, said)
    seeds, errors = without(aside, given, errors)
    contrasts = jsonl.read(ContrastSet, data(iteration, "contrast.jsonl"))
    asked = (material, engine, params.instructor, params.seed)
    analyses, failures = analyze(seeds, errors, contrasts, *asked)
    jsonl.write(data(iteration, "suspects.jsonl"), aside)
    jsonl.write(data(iteration, "aside.jsonl"), before + aside)
    jsonl.write(data(iteration, "analyses.jsonl"), analyses)
    jsonl.write(data(iteration, "analysis_failures.jsonl"), failures)
    jsonl.write(data(iteration, "transcripts/analyze.jsonl"), engine.transcript())
    jsonl.write_json(data(iteration, "analysis_usage.json"), engine.used())
    found = weaknesses.find(analyses, seeds, params.analyze.skill_distance)
    jsonl.write(data(iteration, "weaknesses.jsonl"), found)
    return (
        f"{counted(len(given), 'seed')}, {counted(len(aside), 'suspect')} set aside -> "
        f"{len(analyses)} analyses of {len(found)} weaknesses, {len(failures)} failed, "
        f"{engine.summary()}"
    )


if __name__ == "__main__":
    run(main, "analyze", "seed", "instructor", "sandbox", "analyze")
