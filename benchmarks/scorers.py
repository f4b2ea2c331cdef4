"""LaI's scorers, lm-evaluation-harness's filters and math-verify on labelled responses.

    python benchmarks/scorers.py gsm8k RESPONSES.jsonl

Rows hold the benchmark's public columns, `response`, and `correct`, the true verdict. Prints how
often each way agrees with `correct` and how many responses a second it scores, on one core.

The filters are those of lm-evaluation-harness 0.4.13 (EleutherAI, MIT licence): `strict-match` and
`flexible-extract` of lm_eval/tasks/gsm8k/gsm8k.yaml, and for options the `multi_choice_regex`
pattern of its zero-shot chain-of-thought tasks, "(\\([A-Z]\\))" with the letter after a colon.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable

from lai.core.params.benchmarks import declarations
from lai.scorers import Question, get
from lai.scoring import logged

Way = Callable[[Question, str], bool]
_IGNORED = re.compile(r",|\$|(?s:.*)#### |\.$")


def _filtered(pattern: str, which: int) -> Way:
    compiled = re.compile(pattern)

    def way(question: Question, text: str) -> bool:
        found = compiled.findall(text)
        match = found[which] if found else "[invalid]"
        if isinstance(match, tuple):
            match = next((part for part in match if part), "[invalid]")
        ours, theirs = (_IGNORED.sub("", one.strip()) for one in (match, question.reference))
        return ours.lower() == theirs.lower()

    return way


def _letter(question: Question, text: str) -> bool:
    found = re.findall(r"\(([A-Z])\)", text) or re.findall(r":\s*([A-J])\b", text)
    return bool(found) and found[-1] == question.reference


def _ways(name: str) -> dict[str, Way]:
    scorer = get(name)
    ways: dict[str, Way] = {f"LaI {name}": lambda asked, text: scorer(asked, text).value == "C"}
    if name == "number":
        ways["lm-eval strict-match"] = _filtered(r"#### (\-?[0-9\.\,]+)", 0)
        ways["lm-eval flexible-extract"] = _filtered(r"(-?[$0-9.,]{2,})|(-?[0-9]+)", -1)
        symbolic = get("math")
        ways["math-verify"] = lambda asked, text: symbolic(asked, text).value == "C"
    if name == "choice":
        ways["lm-eval letter in brackets"] = _letter
    return ways


def main() -> None:
    """Print one line a way of scoring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("task", choices=sorted(declarations()))
    parser.add_argument("file")
    arguments = parser.parse_args()
    task, read = logged(arguments.task, arguments.file)
    asked = [(one.question, one.response) for one in read]
    print(f"{'scorer':28}{'agreement':>12}{'responses/s':>14}")
    for name, way in _ways(task.scorer).items():
        way(*asked[0])  # What is imported lazily is imported here.
        start = time.perf_counter()
        said = [way(*one) for one in asked]
        seconds = time.perf_counter() - start
        agreed = sum(right == one.label for right, one in zip(said, read, strict=True))
        print(f"{name:28}{agreed / len(read):12.1%}{len(read) / seconds:14.0f}")


if __name__ == "__main__":
    main()
