"""report: the figures of all iterations side by side, as JSON and as one HTML page."""

from pathlib import Path

from lai.core import jsonl, strategies
from lai.core.params import View
from lai.core.records import Score
from lai.core.stage import data, run, split
from lai.lineage import stories
from lai.report import changes, page, summary
from lai.tasks import kept


def main(params: View, iteration: str, previous: str) -> str:
    tasks = kept.read()
    strategy = strategies.summary(strategies.planned(params.strategy, params.iterations))
    figures = summary.summarize(
        Path("metrics/iterations"), params.iterations, tasks, strategy, params.seed
    )
    scores = [jsonl.read(Score, data(n, "reeval_scores.jsonl")) for n in figures["iterations"]]
    changed = changes.changes(split("test"), scores[0], scores[-1], tasks)
    told = {story.task: story for story in reversed(stories(Path("data"), figures["iterations"]))}
    html = page.render(figures, changed, list(told.values()), params.target, params.instructor)
    with jsonl.replacing("metrics/report.html") as file:
        file.write(html.encode())
    jsonl.write_json("metrics/summary.json", figures)
    jsonl.write_json("metrics/final.json", summary.final(figures, changed))
    return f"{len(figures['iterations'])} iterations -> metrics/report.html"


if __name__ == "__main__":
    run(main, "report", "seed", "strategy", "iterations", "target", "instructor")
