"""analyze: the instructor names skill, misconception and correct reasoning for each error."""

from lai.core import jsonl
from lai.core.drawing import draw
from lai.core.params import View
from lai.core.records import Completion, ContrastSet, Error
from lai.core.stage import cache_path, data, run, split
from lai.engines.open_instructor import open_instructor
from lai.instruction.analyze import analyze
from lai.instruction.material import Material


def main(params: View, iteration: str, previous: str) -> str:
    errors = jsonl.read(Error, data(iteration, "errors.jsonl"))
    chosen = draw(errors, params.analyze.max_errors, params.seed)
    material = Material(
        split("pool"),
        jsonl.read(Completion, data(iteration, "completions.jsonl")),
    )
    engine = open_instructor(params.instructor, params.runtime, cache_path())
    analyses, failures = analyze(
        chosen,
        jsonl.read(ContrastSet, data(iteration, "contrast.jsonl")),
        material,
        engine,
        params.instructor,
        params.strategy,
        params.seed,
    )
    jsonl.write(data(iteration, "analyses.jsonl"), analyses)
    jsonl.write(data(iteration, "analysis_failures.jsonl"), failures)
    skills = len({(analysis.task, analysis.skill) for analysis in analyses})
    return (
        f"{len(chosen)} of {len(errors)} errors -> {len(analyses)} analyses of {skills} skills, "
        f"{len(failures)} failed, {engine.summary()}"
    )


if __name__ == "__main__":
    run(main, "analyze", "seed", "strategy", "instructor", "analyze")
