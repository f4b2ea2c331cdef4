"""LaI's scorers, lm-evaluation-harness and math-verify on the same labelled responses.

    pip install -c constraints.txt -e '.[benchmarks]'
    python benchmarks/scorers.py gsm8k RESPONSES.jsonl [--responses 100000]

Rows hold the benchmark's public columns, `response`, and `correct`, the true verdict. Prints how
often each way agrees with `correct` and how many responses a second it scores, on one core;
`--responses` goes round the file until it has scored so many with LaI alone.

Filters and metric are the harness's own, set up as its task files say that come with it.
"""

from __future__ import annotations

import argparse
import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lm_eval.tasks
import yaml
from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.filters import get_filter

from lai.core.params.benchmarks import declarations
from lai.scorers import get
from lai.scoring import Logged, logged

Way = Callable[[list[Logged]], list[bool]]
TASK_FILES = {
    "number": "gsm8k/gsm8k-cot.yaml",
    "choice": "mmlu/flan_cot_zeroshot/_mmlu_flan_cot_zeroshot_template_yaml",
}


def ours(name: str) -> Way:
    """One of LaI's scorers."""
    scorer = get(name)
    return lambda asked: [scorer(one.question, one.response).value == "C" for one in asked]


def harness(scorer: str) -> dict[str, Way]:
    """The harness's filters for tasks of this kind, each followed by the task's metric."""
    declared = yaml.safe_load(Path(lm_eval.tasks.__path__[0], TASK_FILES[scorer]).read_text())
    (metric,) = declared["metric_list"]
    options = {key: value for key, value in metric.items() if key.startswith(("ignore", "regexes"))}

    def way(steps: list[dict[str, Any]]) -> Way:
        chain = [
            get_filter(step["function"])(**{k: v for k, v in step.items() if k != "function"})
            for step in steps
        ]

        def judged(asked: list[Logged]) -> list[bool]:
            said: Any = [[one.response] for one in asked]
            for step in chain:
                said = step.apply(said, [_document(one) for one in asked])
            return [
                bool(exact_match_hf_evaluate([text], [_target(one)], **options)["exact_match"])
                for text, one in zip(said, asked, strict=True)
            ]

        return judged

    return {f"lm-eval {f['name']}": way(f["filter"]) for f in declared["filter_list"]}


def _document(one: Logged) -> dict[str, Any]:
    return {"choices": list(one.question.choices or ())}


def _target(one: Logged) -> str:
    return f"({one.question.reference})" if one.question.choices else one.question.reference


def main() -> None:
    """Print one line a way of scoring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("task", choices=sorted(declarations()))
    parser.add_argument("file")
    parser.add_argument("--responses", type=int, default=0)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    task, asked = logged(arguments.task, arguments.file)
    ways = {f"LaI {task.scorer}": ours(task.scorer)}
    if arguments.responses:
        asked = list(itertools.islice(itertools.cycle(asked), arguments.responses))
    else:
        ways |= harness(task.scorer) if task.scorer in TASK_FILES else {}
        ways |= {"math-verify": ours("math")} if task.scorer == "number" else {}
    print(f"{'scorer':28}{'agreement':>12}{'responses/s':>14}{'seconds':>10}")
    for name, way in ways.items():
        way(asked[:1])  # What is imported lazily is imported here.
        start = time.perf_counter()
        said = way(asked)
        seconds = time.perf_counter() - start
        agreed = sum(right == one.label for right, one in zip(said, asked, strict=True))
        print(f"{name:28}{agreed / len(asked):12.1%}{len(asked) / seconds:14.0f}{seconds:10.2f}")


if __name__ == "__main__":
    main()
