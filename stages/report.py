"""report: the figures of all iterations side by side, as JSON and as one HTML page."""

from pathlib import Path

from lai.core import jsonl, strategies
from lai.core.params import View
from lai.core.records import Score
from lai.core.stage import data, gate_of, run, split
from lai.lineage.stories import stories
from lai.report import changes, page, summary, told
from lai.tasks import kept


def main(params: View, iteration: str, previous: str) -> str:
    tasks, folder = kept.read(), Path("metrics/iterations")
    plan = strategies.planned(params.strategy, params.iterations)
    strategy = strategies.summary(plan, params.iterations)
    figures = summary.summarize(folder, params.iterations, tasks, strategy, params.seed)
    scores = [jsonl.read(Score, data(n, "reeval_scores.jsonl")) for n in figures["iterations"]]
    changed = changes.changes(split("test"), scores[0], scores[-1], tasks)
    one_a_task = {one.task: one for one in reversed(stories(Path("data"), figures["iterations"]))}
    shown = {
        "iterations": params.iterations,
        "target": params.target.model_dump(),
        "instructor": params.instructor.model_dump(),
        "price": params.instructor.pays(params.runtime.instructor.price),
    }
    found = told.gather(
        Path("data"), folder, figures, changed, tasks, list(one_a_task.values()), shown
    )
    for name, text in (("report.html", page.render(found)), ("radar.svg", page.radar(figures))):
        with jsonl.replacing(f"metrics/{name}") as file:
            file.write(text.encode())
    jsonl.write_json("metrics/summary.json", figures)
    good = gate_of(figures["iterations"][-1])["good"]
    jsonl.write_json("metrics/final.json", summary.final(figures, changed, good))
    return f"{len(figures['iterations'])} iterations -> metrics/report.html"


if __name__ == "__main__":
    run(main, "report", "seed", "strategy", "iterations", "target", "instructor")
