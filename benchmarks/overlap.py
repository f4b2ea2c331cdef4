"""What looking for copies costs, what it finds, and what it turns down.

`python benchmarks/overlap.py`: 10,000 word problems about as long as GSM8K's go through every
check of `lai.overlap` against 20,000 held-out ones, and through the index of near-duplicates;
prints the seconds of each part and the peak of resident memory. Then how many of 200 planted items
are found, by disguise, and how many of 5,000 problems that are no copies.

`--rows FOLDER`: the same of real rows, as FOLDER/gsm8k/train.jsonl and test.jsonl in the columns of
the public releases; likewise mmlu (validation and test) and arc_challenge (test).

`--demo`, after `make demo` or `dvc repro synthesize@iter1`: what each limit would turn down of the
exercises of its tutor.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lai.core import jsonl
from lai.core.params import parse
from lai.core.params.overlap import OverlapParams
from lai.core.records import Analysis, Sample, Seed, SyntheticSample, Verdict
from lai.core.stage import split
from lai.overlap import HeldOut, Taught, Text, copied_share
from lai.tasks.loading import load
from tests.support.word_problems import DISGUISES, problems

LIMITS = {
    "copies and 13 words": (None, None),
    **{f"share {limit}": (limit, None) for limit in (0.5, 0.7, 0.9)},
    **{f"cosine {limit}": (None, limit) for limit in (0.65, 0.7, 0.75, 0.8, 0.9, 0.95)},
    "both by default": (OverlapParams().share, OverlapParams().cosine),
}
"""The share and the cosine that are switched on, by the name of the column."""


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--rows", type=Path, metavar="FOLDER")
    parser.add_argument("--demo", action="store_true")
    arguments = parser.parse_args()
    if arguments.demo:
        demo()
    elif arguments.rows:
        real(arguments.rows)
    else:
        cost(arguments.candidates, arguments.items)
        made()


def cost(candidates: int, items: int) -> None:
    """Seconds and memory of all checks."""
    held = [_sample(f"task{n % 4}", text) for n, text in enumerate(problems(items, "held"))]
    written = problems(candidates, "written")
    started = time.monotonic()
    held_out = HeldOut(held)
    # The first text pays for the indexes of the items.
    held_out.found([Text("task0", written[0])])
    built = time.monotonic()
    held_out.found([Text("task0", text, (), text) for text in written])
    compared = time.monotonic()
    repeated(written, 0.9)
    done = time.monotonic()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    words = sum(len(text.split()) for text in written) / candidates
    print(f"{candidates} candidates of {words:.0f} words against {items} held-out items:")
    print(f"indexes of the items {built - started:.1f} s, comparing {compared - built:.1f} s,")
    print(f"near-duplicates {done - compared:.1f} s; {done - started:.1f} s in all, {peak:.0f} MB")


def made() -> None:
    """Written items in disguise, and others that are none."""
    print("\nPercent turned down:")
    held = [_sample("test", text) for text in problems(200, "test")]
    columns = checks(held)
    planted(held, columns)
    row("no copies", [Text("test", text, (), text) for text in problems(5000, "clean")], columns)


def real(folder: Path) -> None:
    """Real test items in disguise, and the pools that go with them."""
    tasks = {}
    for name, pool in {"gsm8k": "train", "mmlu": "validation", "arc_challenge": None}.items():
        tasks[name] = {"benchmark": name, "test": {"files": f"{folder / name}/test.jsonl"}}
        if pool:
            tasks[name] |= {"pool": {"files": f"{folder / name / pool}.jsonl"}, "dev_size": 1}
    given = {"seed": 1, "iterations": {"iter1": "iter0"}, "target": {"model": "m"}}
    params = parse({**given, "tasks": tasks})
    splits = load(params.tasks, params.prepare, 1)
    columns = checks(splits.test)
    for name in tasks:
        print(f"\n{name}: percent turned down")
        planted([one for one in splits.test if one.task == name], columns)
        row("its pool", [Text.of(one, "") for one in splits.pool if one.task == name], columns)


def demo() -> None:
    """The exercises that the demo's tutor wrote in all iterations of this repository."""
    columns = checks([*split("dev"), *split("test")])
    written: dict[str, list[SyntheticSample]] = defaultdict(list)
    source: dict[str, str] = {}
    questions = {sample.id: sample.input for sample in split("pool")}
    for folder in sorted(Path("data").glob("iter[1-9]*")):
        seeds = {one.id: one.sample for one in jsonl.read(Seed, folder / "seeds.jsonl")}
        for analysis in jsonl.read(Analysis, folder / "analyses.jsonl"):
            source[analysis.id] = questions[seeds[analysis.seed]]
        for name in ("verdicts.jsonl", "rejected.jsonl"):
            for verdict in jsonl.read(Verdict, folder / name):
                written[verdict.sample.task].append(verdict.sample)
    for task, samples in written.items():
        print(f"\n{task}: percent turned down")
        row("exercises", [Text.of(one, one.solution) for one in samples], columns)
        texts = ["\n".join([one.input, *one.choices]) for one in samples]
        for limit in (0.7, 0.8, 0.9):
            copies = sum(
                copied_share(one.input, source[one.parents[0]]) >= limit for one in samples
            )
            print(f"  at {limit} {_percent(copies, samples)} copied from the source,", end=" ")
            print(f"{_percent(repeated(texts, limit), samples)} (nearly) equal to an earlier one")


def repeated(texts: Sequence[str], threshold: float) -> int:
    """How many of `texts` nearly equal an earlier one."""
    taught, count = Taught(threshold), 0
    for text in texts:
        count += taught.like(text) is not None
        taught.add(text)
    return count


def planted(items: Sequence[Sample], columns: Mapping[str, HeldOut]) -> None:
    """How many of `items`, put in disguise, each set of limits finds."""
    for name, disguise in DISGUISES.items():
        rng = random.Random(1)
        copies = []
        for item in items:
            text, options = disguise(item.input, rng), [disguise(one, rng) for one in item.choices]
            if name == "verbatim" or text != item.input:
                copies.append(Text(item.task, text, options))
        row(name, copies, columns)


def checks(held: Sequence[Sample]) -> Mapping[str, HeldOut]:
    """What looks for `held`, with each set of limits."""
    tasks = {one.task for one in held}
    return {
        name: HeldOut(held, dict.fromkeys(tasks, OverlapParams(share=share, cosine=cosine)))
        for name, (share, cosine) in LIMITS.items()
    }


def row(name: str, texts: Sequence[Text], columns: Mapping[str, HeldOut]) -> None:
    """A line: what was looked at, and the percentage that each set of limits turns down."""
    found = {limit: sum(map(bool, one.found(texts))) for limit, one in columns.items()}
    shares = [f"{limit} {_percent(count, texts)}" for limit, count in found.items()]
    print(f"  {name} ({len(texts)}):", ", ".join(shares), flush=True)


def _percent(count: int, of: Sequence[object]) -> str:
    return f"{100 * count / max(len(of), 1):.1f}"


def _sample(task: str, text: str) -> Sample:
    return Sample(task=task, split="test", input=text, reference="1")


if __name__ == "__main__":
    main()
