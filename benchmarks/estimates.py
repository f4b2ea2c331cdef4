"""How near `lai estimate --probe 20` comes to what the run then takes.

    python benchmarks/estimates.py [--servers 1 2 3] [--strategies le lec augment]

The demo's tasks, the demo's target, one iteration. A server on loopback stands in for a real
instructor: its analyses and exercises have varied lengths (log-normal; how long, depends on the
server), it reasons before it answers (some servers do), it names few or many weaknesses of unequal
weight (Zipf), and some of its exercises are wrong; it solves whatever it is asked to solve, so that
no reference is contradicted. Of each server and strategy: a store without any reply, the estimate
before and after a probe of 20 calls, then the real stages, whose calls and tokens the server
counts. `cost` is at 1 for a prompt token and 4 for one of a reply.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lai.core import jsonl
from lai.core.records import Sample
from lai.estimation.places import Places
from lai.tasks.exemplars import worked
from tests.support import repository
from tests.support.openai_server import Answer, Server, digest

WORDS = "the sum of two digits is carried when a column passes nine so that each step adds".split()
PRICE = {"input": 1.0, "output": 4.0}


@dataclass
class Teacher:
    """A server's way to answer, drawn with `number`; `used` counts calls and tokens.

    `pool`: the questions that it can solve besides its own.
    """

    number: int
    pool: Places = field(default_factory=lambda: Places([]))
    used: list[int] = field(default_factory=lambda: [0, 0, 0])

    def __post_init__(self) -> None:
        dice = random.Random(self.number)
        self._lock = threading.Lock()
        self.characters = dice.uniform(3.2, 4.8)  # of a token
        self.length = dice.uniform(0.5, 2.5)  # texts, in proportion to a usual one
        self.reasons = dice.choice([0, 0, 250, 600])  # tokens before the answer
        self.skills = dice.choice([12, 40, 150])
        self.right = dice.uniform(0.6, 0.98)

    def __call__(self, body: dict[str, Any]) -> Answer:
        """One reply, always the same to the same request."""
        dice = random.Random(f"{self.number} {digest(body)}")
        prompt = "".join(message["content"] for message in body["messages"])
        schema = body["response_format"]["json_schema"]["schema"]
        text = json.dumps(self._answer(schema, prompt, dice))
        asked = round((len(prompt) + len(json.dumps(schema))) / self.characters)
        thought = round(self.reasons * dice.lognormvariate(0, 0.6))
        said = round(len(text) / self.characters) + thought
        with self._lock:
            for place, count in enumerate((1, asked, said)):
                self.used[place] += count
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": asked, "completion_tokens": said}
        told = json.dumps({"choices": [choice], "usage": usage})
        return Answer(body=told, headers={"content-type": "application/json"})

    def _answer(self, schema: dict[str, Any], prompt: str, dice: random.Random) -> dict[str, Any]:
        if set(schema["properties"]) == {"solution"}:
            known = self.pool.find(prompt)
            answer = _solved(prompt) or (_known(known) if known else "It cannot be told.")
            return {"solution": f"{self._text(250, dice)} {answer}"}
        if "samples" not in schema["properties"]:
            found = {name: self._text(300, dice) for name in schema["properties"]}
            weights = [1 / rank for rank in range(1, self.skills + 1)]
            [skill] = dice.choices(range(self.skills), weights)
            return found | {"skill": f"skill {digest({'skill': skill})[:12]}"}
        [wanted] = re.findall(r"Write (\d+) new", prompt)[:1]
        kinds = schema["$defs"]
        [shape] = [kind for kind in kinds.values() if "question" in kind["properties"]]
        return {"samples": [self._exercise(shape["properties"], dice) for _ in range(int(wanted))]}

    def _exercise(self, properties: dict[str, Any], dice: random.Random) -> dict[str, Any]:
        one, other = dice.randrange(1000), dice.randrange(1000)
        right = one + other if dice.random() < self.right else one + other + 1
        question = f"{self._text(120, dice)} What is {one} + {other} in all?"
        said = f"{self._text(250, dice)} The answer is"
        if "choices" in properties:
            options = [str(one + other + off) for off in (0, 1, 2, 3)]
            letter = "A" if right == one + other else "B"
            return {
                "question": question,
                "choices": options,
                "answer": "A",
                "solution": f"{said} {letter}.",
            }
        if "tests" in properties:
            name = f"add_{one}_{dice.randrange(10**6)}"
            program = f"def {name}(n):\n    return n + {right - other}"
            question = f"{self._text(120, dice)} Write {name}(n), which adds {one} to n."
            tests = [f"assert {name}({n}) == {n + one}" for n in (1, 2, 7)]
            solution = f"```python\n{program}\n```"
            return {"question": question, "answer": program, "solution": solution, "tests": tests}
        return {"question": question, "answer": str(one + other), "solution": f"{said} {right}."}

    def _text(self, characters: float, dice: random.Random) -> str:
        wanted = characters * self.length * dice.lognormvariate(0, 0.5)
        return " ".join(dice.choices(WORDS, k=max(1, round(wanted / 4.5))))


def _known(sample: Sample) -> str:
    """The data set's own solution, a program apart from the words before it."""
    solution = worked(sample)
    coded = "tests" in sample.metadata and "```" not in solution
    return f"```python\n{solution}\n```" if coded else solution


def _solved(prompt: str) -> str:
    """The solution of an exercise that a `Teacher` wrote; empty for any other question."""
    if added := re.search(r"Write (add_\w+)\(n\), which adds (\d+) to n", prompt):
        return f"```python\ndef {added[1]}(n):\n    return n + {added[2]}\n```"
    if asked := re.search(r"What is (\d+) \+ (\d+) in all\?", prompt):
        total = str(int(asked[1]) + int(asked[2]))
        letter = re.search(rf"([A-Z])\) {total}$", prompt, re.MULTILINE)
        return f"The answer is {letter[1] if letter else total}."
    return ""


def estimated(made: repository.Repository, *options: str) -> dict[str, Any]:
    """What `lai estimate` says."""
    printed = made.run(sys.executable, "-m", "lai.cli", "estimate", "--json", *options).stdout
    found: dict[str, Any] = json.loads(printed[printed.index("{") :])
    return found


def cost(prompt_tokens: float, completion_tokens: float) -> float:
    """Of so many tokens, at `PRICE`."""
    return (prompt_tokens * PRICE["input"] + completion_tokens * PRICE["output"]) / 1e6


def row(made: repository.Repository, number: int, strategy: str) -> tuple[str, float]:
    """One line of the table, and by how much the cost was missed after the probe."""
    shutil.rmtree(made.path / ".cache", ignore_errors=True)
    teacher = Teacher(number)
    with Server(teacher) as server:
        endpoint = {"base_url": server.url, "concurrency": 8, "price": PRICE}
        made.set(strategy=strategy, runtime={"instructor": endpoint})
        made.set(instructor={"engine": "openai", "provider": "loopback", "model": f"m{number}"})
        made.run("dvc", "repro", "contrast_pairs@iter1")
        teacher.pool = Places(jsonl.read(Sample, made.path / "data/splits/pool.jsonl"))
        before = estimated(made)["total"]
        after = estimated(made, "--probe", "20")["total"]["expected"]
        probe = list(teacher.used)
        made.run("dvc", "repro", "--no-run-cache", "synthesize@iter1")
    calls, prompt, completion = teacher.used
    took = cost(prompt, completion)
    told = cost(probe[1] + after["prompt_tokens"], probe[2] + after["completion_tokens"])
    shares = [
        (probe[0] + after["calls"]) / calls,
        (probe[1] + after["prompt_tokens"]) / prompt,
        (probe[2] + after["completion_tokens"]) / completion,
        told / took,
    ]
    used = {"calls": calls, "prompt_tokens": prompt, "completion_tokens": completion, "cost": took}
    missed = [
        name for name, one in used.items() if not before["low"][name] <= one <= before["high"][name]
    ]
    line = (
        f"| {number} | {strategy} | {before['low']['cost']:.2f} to {before['high']['cost']:.2f}"
        f"{f' (missed {missed})' if missed else ''} | {took:.3f} ({calls:,} calls) | "
        + " | ".join(f"{share:.2f}" for share in shares)
        + " |"
    )
    return line, told / took


def main() -> None:
    """Print a table, a row a server and strategy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--strategies", nargs="+", default=["le", "lec", "augment"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = repository.make(
            Path(folder) / "loop",
            iterations={"iter1": "iter0"},
            prepare={"pool_size": 400, "test_size": 50},
            synthesize={"budget": 100},
        )
        print("| server | strategy | range before | took | calls | prompt | completion | cost |")
        print("|---|---|---|---|---|---|---|---|")
        shares = []
        for number in given.servers:
            for strategy in given.strategies:
                line, share = row(made, number, strategy)
                shares.append(share)
                print(line, flush=True)
    good = sum(0.75 <= share <= 1.25 for share in shares)
    print(f"\nWithin 25 % of the cost after 20 calls: {good} of {len(shares)}")


if __name__ == "__main__":
    main()
