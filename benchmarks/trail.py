"""How long `lai trace` takes in a large run: python benchmarks/trail.py

Writes the records of a run (20,000 pool questions and 20,000 test items over three iterations, two
in five answered wrongly) into a temporary folder, and asks for the story of a taught row, of an
error, of a test item that was fixed, and for the flips of an iteration. Prints seconds and the
greatest memory of each, start of Python included.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lai.core import jsonl  # noqa: E402
from lai.core.records import (  # noqa: E402
    Analysis,
    Completion,
    Error,
    Message,
    Sample,
    Score,
    Seed,
    SyntheticSample,
    TrainRow,
    Verdict,
)
from lai.engines.base import Exchange, Reply, Request  # noqa: E402

ITERATIONS = ("iter1", "iter2", "iter3")
FILLER = "It was a long day at the market, and nobody had counted the baskets before noon. " * 3


def sample(split: str, number: int) -> Sample:
    text = f"{FILLER}{number} baskets hold {number % 97} apples each. How many ({split})?"
    return Sample(task="math", split=split, input=text, reference=str(number * (number % 97)))


def chat(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


def answered(samples: list[Sample], model: str, wrong: int) -> tuple[list[Completion], list[Score]]:
    """An answer to each; every fifth group of them is wrong for `wrong` in five."""
    said = [
        Completion(parents=[one.id], sample=one.id, model=model, messages=chat(one.input),
                   completion=f"{FILLER}The answer is {one.reference}.", stop_reason="stop")
        for one in samples
    ]  # fmt: skip
    scores = [
        Score(parents=[one.id], sample=one.sample, scorer="number",
              value="I" if place % 5 < wrong else "C")
        for place, one in enumerate(said)
    ]  # fmt: skip
    return said, scores


def write(folder: Path, count: int) -> dict[str, str]:
    """Write the run and return what to ask for."""
    pool, test = ([sample(split, n) for n in range(count)] for split in ("pool", "test"))
    for split, samples in (("pool", pool), ("dev", []), ("test", test)):
        jsonl.write(folder / f"splits/{split}.jsonl", samples)
    task = {"family": "math", "role": "id", "scorer": "number", "prompt": "plain"}
    jsonl.write_json(folder / "splits/tasks.json", {"math": task})
    taught: list[TrainRow] = []
    errors: list[Error] = []
    for place, name in enumerate(("iter0", *ITERATIONS)):
        said, scores = answered(test, name, 3 - place)
        jsonl.write(folder / name / "reeval_completions.jsonl", said)
        jsonl.write(folder / name / "reeval_scores.jsonl", scores)
        jsonl.write_json(folder / name / "gate.json", {"good": name})
        if name == "iter0":
            continue
        said, scores = answered(pool, f"after {name}", 2)
        wrong = [one for one, score in zip(said, scores, strict=True) if score.value == "I"]
        errors = [
            Error(parents=[one.id], sample=one.sample, task="math", error="wrong", answer="1",
                  reference="2", completion=one.id)
            for one in wrong
        ]  # fmt: skip
        seeds = [
            Seed(parents=[one.id], strategy="le", task="math", sample=one.sample, error=one.id)
            for one in errors
        ]
        asked = [
            Request(
                provider="p", model="m", messages=chat(f"{name} {FILLER} {one.id}"), max_tokens=9
            )
            for one in seeds
        ]
        analyses = [
            Analysis(parents=[one.id], seed=one.id, strategy="le", task="math", skill="sums",
                     misconception=FILLER, explanation=FILLER, request_key=request.key)
            for one, request in zip(seeds, asked, strict=True)
        ]  # fmt: skip
        verdicts = [
            Verdict(parents=[one.id], sample=one, accepted=True, checks=[])
            for analysis in analyses
            for n in range(2)
            for one in [
                SyntheticSample(parents=[analysis.id], task="math", input=f"{FILLER} {n} {name}?",
                                reference="1", solution=FILLER, request_key=analysis.request_key)
            ]
        ]  # fmt: skip
        taught += [
            TrainRow(parents=[one.id], task="math", iteration=name, prompt=chat(one.sample.input),
                     completion=chat(one.sample.solution))
            for one in verdicts
        ]  # fmt: skip
        heard = [
            Exchange(request=one, reply=Reply(request_key=one.key, text=FILLER, stop_reason="stop"))
            for one in asked
        ]
        for file, records in {
            "completions": said, "scores": scores, "errors": errors, "seeds": seeds,
            "analyses": analyses, "verdicts": verdicts, "train": taught,
            "transcripts/analyze": heard,
        }.items():  # fmt: skip
            jsonl.write(folder / name / f"{file}.jsonl", records)
    fixed = test[2 + 5 * (count // 10)].id
    return {"a taught row": taught[-1].id, "an error, --raw": f"{errors[0].id} --raw",
            "a test item": fixed, "flips": "--flips iter2 --number 10"}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        questions = write(root / "data", arguments.count)
        shutil.copy(ROOT / "params.yaml", root)
        files = list((root / "data").rglob("*.jsonl"))
        lines = sum(path.read_bytes().count(b"\n") for path in files)
        size = sum(path.stat().st_size for path in files)
        print(f"{lines:,} records, {size / 1e6:,.0f} MB")
        for what, given in questions.items():
            started = time.monotonic()
            command = [sys.executable, "-m", "lai.cli", "trace", *given.split()]
            process = subprocess.Popen(
                command, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.monotonic() - started
            assert not status, given
            print(f"{what}: {seconds:.1f} s, {used.ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
