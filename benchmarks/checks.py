"""What the checks of arithmetic and language turn down that is right, and let pass that is wrong.

    python benchmarks/checks.py --solved train.jsonl test.jsonl --questions DIR

`--solved`: GSM8K's files, whose worked solutions are right but for a few slips, which are printed.
A wrong result is planted in each, beside the calculator's marks and without them. `--questions`:
a folder with JSONL files of English questions; each is taken for one that was written for another
one of its file, and the demo's are added.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lai.core import jsonl
from lai.demo import world
from lai.verification.arithmetic import wrong_equation
from lai.verification.language import other_language

RESULT = re.compile(r"=\s*\$?(\d[\d,]*(?:\.\d+)?)(?![\d,]*\s*[-+*/])")
MARKS = re.compile(r"<<[^<>]*>>")
COLUMNS = ("question", "input", "prompt", "text")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--solved", nargs="+", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    arguments = parser.parse_args()
    solved = [row["answer"].split("####")[0] for path in arguments.solved for row in rows(path)]
    alarms = [wrong for text in solved if (wrong := wrong_equation(text))]
    print(f"{len(alarms)} of {len(solved)} worked solutions turned down:")
    print("".join(f"  {wrong}\n" for wrong in alarms), end="")
    for what, texts in (("with", solved), ("without", [MARKS.sub("", one) for one in solved])):
        planted = [spoilt for one in texts if (spoilt := with_error(one))]
        found = sum(bool(wrong_equation(one)) for one in planted)
        print(f"{found} of {len(planted)} planted errors found {what} the calculator's marks")
    groups = [
        [str(row[column]) for row in rows(path) for column in COLUMNS if row.get(column)]
        for path in sorted(arguments.questions.rglob("*.jsonl"))
    ]
    for family in world.FAMILIES:
        groups += [[item.question for item in world.draw(family, "pool", False, 1000, 2)]]
    rng = random.Random(1)
    checked = [(one, other_language(one, rng.choice(group))) for group in groups for one in group]
    foreign = sum(bool(reason) for _, reason in checked)
    print(f"{foreign} of {len(checked)} English questions taken for another language")


def rows(path: Path) -> Iterable[dict[str, Any]]:
    """The objects of a JSONL file."""
    return (row for _, row in jsonl.rows(path))


def with_error(solution: str) -> str:
    """The solution with one result a little off, or "" where it has none."""
    results = list(RESULT.finditer(solution))
    if not results:
        return ""
    rng = random.Random(solution)
    at = rng.choice(results)
    value = float(at[1].replace(",", "")) + rng.choice([1, -1, 2, 10, -2, 5])
    return f"{solution[: at.start(1)]}{value:g}{solution[at.end(1) :]}"


if __name__ == "__main__":
    main()
