"""analyze: the instructor names skill, misconception and correct reasoning for each seed."""

from lai.core import jsonl
from lai.core.params import View
from lai.core.records import Completion, ContrastSet, Error, Seed
from lai.core.stage import cache_path, data, run, split
from lai.engines.open_instructor import open_instructor
from lai.instruction import weaknesses
from lai.instruction.analyze import analyze
from lai.instruction.material import Material


def main(params: View, iteration: str, previous: str) -> str:
    seeds = jsonl.read(Seed, data(iteration, "seeds.jsonl"))
    engine = open_instructor(params.instructor, params.runtime, cache_path())
    analyses, failures = analyze(
        seeds,
        jsonl.read(Error, data(iteration, "errors.jsonl")),
        jsonl.read(ContrastSet, data(iteration, "contrast.jsonl")),
        Material(split("pool"), jsonl.read(Completion, data(iteration, "completions.jsonl"))),
        engine,
        params.instructor,
        params.seed,
    )
    jsonl.write(data(iteration, "analyses.jsonl"), analyses)
    jsonl.write(data(iteration, "analysis_failures.jsonl"), failures)
    jsonl.write(data(iteration, "transcripts/analyze.jsonl"), engine.transcript())
    jsonl.write_json(data(iteration, "analysis_usage.json"), engine.used())
    found = weaknesses.find(analyses, seeds, params.analyze.skill_distance)
    jsonl.write(data(iteration, "weaknesses.jsonl"), found)
    return (
        f"{len(seeds)} seeds -> {len(analyses)} analyses of {len(found)} weaknesses, "
        f"{len(failures)} failed, {engine.summary()}"
    )


if __name__ == "__main__":
    run(main, "analyze", "seed", "instructor", "analyze")
