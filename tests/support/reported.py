"""A small run as its record files have it, written by hand: two iterations, three test tasks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lai.core import jsonl
from lai.core.params.tasks import Task
from lai.core.record import Record
from lai.core.records import (
    Analysis,
    Check,
    Completion,
    Error,
    Failure,
    Sample,
    Score,
    Seed,
    SyntheticSample,
    TrainRow,
    Verdict,
    Weakness,
)
from lai.evaluation.measurement import measure
from lai.report import changes, page, summary, told

TASKS = {
    "sums": Task(family="math", role="id", scorer="number", prompt="plain"),
    "words": Task(family="facts", role="id", scorer="choice", prompt="plain"),
    "sums_ood": Task(family="math", role="ood", scorer="number", prompt="plain"),
}
NAMES = ["iter0", "iter1", "iter2"]
ITERATIONS = {"iter1": "iter0", "iter2": "iter1"}
POOL = [
    Sample(task="sums", split="pool", input=f"{number} + 2?", reference=str(number + 2))
    for number in range(4)
]
HOSTILE = (
    "</script><img src=x onerror=\"console.error('ran')\"><script>console.error('ran')</script>"
)
Question = Callable[[int], str]


def right(number: int, taught: bool) -> bool:
    """Of ten items four are right before and after, one is broken, two are fixed."""
    place = number % 10
    return place in (0, 1, 2, 3, 5, 6) if taught else place in (0, 1, 2, 3, 4)


def tests(count: int, question: Question, split: str = "test") -> list[Sample]:
    """`count` items, the tasks in turn. Items of `words` have options and are about a skill."""
    names = list(TASKS)
    return [
        Sample(
            task=names[number % 3],
            split=split,
            input=f"{question(number)} ({split} {number})",
            choices=["red", "green"] if number % 3 == 1 else [],
            reference="B" if number % 3 == 1 else str(number),
            metadata={"skill": "Sums"} if number == 4 else {},
        )
        for number in range(count)
    ]


def write(
    root: Path, count: int = 60, question: Question = str, answer: Question = str
) -> summary.Summary:
    """Write data/ and metrics/iterations/ under `root`; `count` test items, a tenth as many dev."""
    data, metrics = root / "data", root / "metrics/iterations"
    held = tests(count, question)
    dev = [one for one in tests(count // 10, question, "dev") if one.task != "sums_ood"]
    jsonl.write(data / "splits/pool.jsonl", POOL)
    jsonl.write(data / "splits/test.jsonl", held)
    jsonl.write(data / "splits/dev.jsonl", dev)
    for name in NAMES:
        scores = []
        said = []
        for number, sample in [*enumerate(held), *enumerate(dev)]:
            well = right(number, name != "iter0")
            said.append(completion(sample, f"{answer(number)} says {name}", name))
            scores.append(score(said[-1], "C" if well else "N" if number % 10 == 9 else "I"))
        jsonl.write(data / name / "reeval_completions.jsonl", said)
        jsonl.write(data / name / "reeval_scores.jsonl", scores)
        failed = ["sums"] if name == "iter2" else []
        measured = measure([*held, *dev], scores, {}, TASKS) | {"gate_failed": failed}
        jsonl.write_json(metrics / f"{name}.json", measured)
    check = {"task": "sums", "before": 0.5, "after": 0.25, "fixed": 1, "broken": 9, "p": 0.02}
    failed = {"good": "iter2", "checks": [check | {"passed": False}]}
    jsonl.write_json(data / "iter2/gate.json", failed)
    _taught(data)
    return summary.summarize(metrics, ITERATIONS, TASKS, "le", 1)


def completion(sample: Sample, text: str, model: str) -> Completion:
    """An answer to `sample`."""
    return Completion(
        parents=[sample.id], sample=sample.id, model=model, messages=[], completion=text,
        stop_reason="stop",
    )  # fmt: skip


def score(one: Completion, value: str, seen: bool = False) -> Score:
    """A verdict on an answer."""
    why = "" if value == "C" else "not so"
    return Score(
        parents=[one.id], sample=one.sample, scorer="number", value=value, explanation=why,
        truncated=value == "N", seen_in_training=seen,
    )  # fmt: skip


def _taught(data: Path) -> None:
    """The pool: 0 is mended; 1 stays wrong; 2 is spoilt; 3 is mended, but was trained on."""
    rows: list[Record] = []
    for name, wrong, named in (
        ("iter1", (0, 1, 3), {0: "Sums", 1: "sums", 3: "carrying"}),
        ("iter2", (1, 2), {1: "Sums", 2: "words"}),
    ):
        said = [completion(sample, f"{name} on {sample.input}", name) for sample in POOL]
        scores = [
            score(one, "I" if place in wrong else "C", place == 3 and name == "iter2")
            for place, one in enumerate(said)
        ]
        errors = [
            Error(
                parents=[said[place].id], sample=POOL[place].id, task="sums", error="wrong",
                answer="5", reference=POOL[place].reference, completion=said[place].id,
            )
            for place in wrong
        ]  # fmt: skip
        seeds = [
            Seed(parents=[one.id], strategy="le", task="sums", sample=one.sample, error=one.id)
            for one in errors
        ]
        analyses = [
            Analysis(
                parents=[seed.id], seed=seed.id, strategy="le", task="sums", skill=named[place],
                misconception="carries", explanation="counts", request_key=name,
            )
            for place, seed in zip(wrong, seeds, strict=True)
        ]  # fmt: skip
        grouped: dict[str, list[str]] = {}
        for analysis in analyses:
            grouped.setdefault(analysis.skill.casefold(), []).append(analysis.id)
        weaknesses = [
            Weakness(parents=ids, task="sums", strategy="le", skill=skill, errors=len(ids))
            for skill, ids in grouped.items()
        ]
        verdicts = [
            exercise(analysis, f"{number} + 2? Add for {name}, {place}.")
            for place, analysis in zip(wrong, analyses, strict=True)
            for number in range(2 if place == 0 else 1)
        ]
        rows += [
            TrainRow(
                parents=[one.id], task="sums", iteration=name,
                prompt=[{"role": "user", "content": one.sample.input}],
                completion=[{"role": "assistant", "content": one.sample.solution}],
            )
            for one in verdicts
        ]  # fmt: skip
        refused = exercise(analyses[0], "0 + 2?", "not_in_pool")
        failure = Failure(
            task="sums", step="analyze", reason="no JSON", reply="hm", request_key=name
        )
        folder = data / name
        for file, records in {
            "completions": said, "scores": scores, "errors": errors, "seeds": seeds,
            "analyses": analyses, "weaknesses": weaknesses, "verdicts": verdicts,
            "rejected": [refused], "train": rows, "pairs": [], "analysis_failures": [failure],
            "synthesis_failures": [],
        }.items():  # fmt: skip
            jsonl.write(folder / f"{file}.jsonl", records)
        usage = {"replies": 3, "prompt_tokens": 1000, "completion_tokens": 50}
        for file in ("suspects", "aside"):
            jsonl.write(folder / f"{file}.jsonl", [])
        jsonl.write(folder / "gold_suspects.jsonl", [])
        jsonl.write_json(
            folder / "synthesis.json",
            {
                "used": {"analyze": usage, "synthesize": usage},
                "tokens_per_accepted": 525.0,
                "cost_per_accepted": None,
            },
        )
        jsonl.write_json(folder / "train_metrics.json", {"rows": len(rows), "final_loss": 0.25})


def exercise(analysis: Analysis, question: str, failed: str = "") -> Verdict:
    """An exercise written for a finding; `failed`: the check that it did not pass."""
    sample = SyntheticSample(
        parents=[analysis.id], task="sums", input=question, reference="2", solution="It is 2.",
        request_key="k",
    )  # fmt: skip
    checks = [
        Check(name="answer", passed=True),
        Check(name=failed or "not_in_pool", passed=not failed),
    ]
    return Verdict(parents=[sample.id], sample=sample, accepted=not failed, checks=checks)


def gathered(root: Path, figures: summary.Summary) -> told.Told:
    """What the page tells of the run under `root`."""
    held = jsonl.read(Sample, root / "data/splits/test.jsonl")
    first, last = (
        jsonl.read(Score, root / "data" / name / "reeval_scores.jsonl")
        for name in (figures["iterations"][0], figures["iterations"][-1])
    )
    shown = {
        "iterations": ITERATIONS,
        "target": {"engine": "hf", "model": "small"},
        "instructor": {"engine": "openai", "model": "large"},
        "price": None,
    }
    changed = changes.changes(held, first, last, TASKS)
    return told.gather(
        root / "data", root / "metrics/iterations", figures, changed, TASKS, [], shown
    )


def rendered(root: Path, count: int, question: Question = str, answer: Question = str) -> str:
    """The page of such a run."""
    return page.render(gathered(root, write(root, count, question, answer)))


def flat(html: str) -> str:
    """The page with every run of blanks as one."""
    return " ".join(html.split())
