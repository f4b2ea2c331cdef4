"""What contrast pairs cost: `python benchmarks/contrast.py [--errors 20000] [--solved 50000]`.

Questions are drawn from a vocabulary whose words are as frequent as a language's (Zipf 1949), 45
words each, a grade-school word problem's length. Prints seconds and the most memory held.
"""

from __future__ import annotations

import argparse
import random
import resource
import time

from lai.contrast import pair
from lai.contrast.embedders import tfidf
from lai.core.records import Error, Sample, Solved

WORDS = 20_000
LENGTH = 45


def questions(count: int, seed: int = 0) -> list[str]:
    """`count` texts of `LENGTH` words and numbers."""
    drawn = random.Random(seed)
    letters = "eeeeaaaiiooutttnnnssrrhhlddccmmfpgybvkwjxqz"
    words = ["".join(drawn.choices(letters, k=drawn.randint(2, 9))) for _ in range(WORDS)]
    weights = [1 / rank for rank in range(1, WORDS + 1)]
    found = []
    for _ in range(count):
        text = drawn.choices(words, weights, k=LENGTH)
        for _ in range(4):
            text[drawn.randrange(LENGTH)] = str(drawn.randint(2, 500))
        found.append(" ".join(text))
    return found


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--errors", type=int, default=20_000)
    parser.add_argument("--solved", type=int, default=50_000)
    arguments = parser.parse_args()
    texts = questions(arguments.errors + arguments.solved)
    samples = [Sample(task="t", split="pool", input=text, reference="1") for text in texts]
    errors = [
        Error(sample=one.id, task="t", error="wrong", answer="2", reference="1", completion=one.id)
        for one in samples[: arguments.errors]
    ]
    solved = [
        Solved(sample=one.id, task="t", completion=one.id) for one in samples[arguments.errors :]
    ]
    start = time.perf_counter()
    sets = pair(errors, solved, samples, 3, tfidf)
    seconds = time.perf_counter() - start
    assert len(sets) == len(errors) and all(len(one.neighbors) == 3 for one in sets)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{len(errors)} errors, {len(solved)} solved: {seconds:.1f} s, {memory} MB")


if __name__ == "__main__":
    main()
