"""Items that were mended and items that were spoilt, with both answers, small enough for a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lai.attribution.flips import Flip
from lai.attribution.nearest import Near, nearest
from lai.attribution.taught import Taught
from lai.core.jsonl import mended
from lai.core.params.tasks import Task
from lai.core.prompts import letter
from lai.core.records import Completion, Score

BUDGET = 3_800_000
"""Bytes of the items as JSON: the page with them stays well below 5 MB."""
MOST = 4_000
CUT = {"question": 900, "option": 160, "reference": 500, "said": 700, "why": 240}
MANY = 12
Pairs = Counter[tuple[str, str]]


def payload(
    found: Sequence[Flip], rows: Sequence[Taught], tasks: Mapping[str, Task], budget: int = BUDGET
) -> dict[str, Any]:
    """What the page's script shows: `items`, the `taught` rows that they point at, and counts.

    Broken items go first, then fixed ones, dev and test before pool, in the order of their ids,
    which is as good as drawn; what is beyond the budget is left out. `total` and `kept` count both
    by (split, direction).
    """
    order = sorted(found, key=lambda one: (one.fixed, one.sample.split == "pool", one.sample.id))
    order = order[:MOST]
    near = nearest([one.sample for one in order], rows, tasks)
    items: list[dict[str, Any]] = []
    taught: list[list[str]] = []
    places: dict[str, int] = {}
    size = 0
    for flip, one in zip(order, near, strict=True):
        new = [row for row in one.rows if row.id not in places]
        added = [_row(row) for row in new]
        item = _item(flip, one)
        size += _bytes([item, *added])
        if size > budget:
            break
        for row, shown in zip(new, added, strict=True):
            places[row.id] = len(taught)
            taught.append(shown)
        items.append(item | {"near": [places[row.id] for row in one.rows]})
    kept: Pairs = Counter((item["split"], item["way"]) for item in items)
    total: Pairs = Counter((str(one.sample.split), _way(one)) for one in found)
    return {
        "items": sorted(items, key=lambda item: (item["task"], item["split"], item["id"])),
        "taught": taught,
        "total": _table(total),
        "kept": _table(kept),
    }


def _item(flip: Flip, near: Near) -> dict[str, Any]:
    sample = flip.sample
    options = [
        f"{letter(place)}) {cut(choice, CUT['option'])}"
        for place, choice in enumerate(sample.choices[:MANY])
    ]
    return {
        "id": sample.id,
        "task": sample.task,
        "split": sample.split,
        "way": _way(flip),
        "question": cut(sample.input, CUT["question"]),
        "options": [*options, *(["..."] if len(sample.choices) > MANY else [])],
        "reference": cut(sample.reference, CUT["reference"]),
        "before": _answer(flip.before),
        "after": _answer(flip.after),
        "how": cut(near.how, CUT["option"]),
    }


def _answer(one: tuple[Completion, Score]) -> list[str]:
    completion, score = one
    state = {"C": "right", "I": "wrong", "N": "no answer"}[score.value]
    if score.truncated and score.value != "C":
        state += ", cut off"
    why = "" if score.value == "C" else cut(score.explanation, CUT["why"])
    return [state, cut(completion.completion, CUT["said"]), why]


def _row(row: Taught) -> list[str]:
    options = "\n".join(
        f"{letter(place)}) {choice}" for place, choice in enumerate(row.choices[:MANY])
    )
    question = f"{row.question}\n{options}" if options else row.question
    return [row.iteration, cut(question, CUT["question"]), cut(row.solution, CUT["said"])]


def _way(flip: Flip) -> str:
    return "fixed" if flip.fixed else "broken"


def _table(counted: Pairs) -> list[list[Any]]:
    return [[split, way, count] for (split, way), count in sorted(counted.items())]


def _bytes(value: Any) -> int:
    return len(embedded(value).encode())


def embedded(value: Any) -> str:
    """JSON that may stand within a script element: nothing in it can end the element."""
    text = json.dumps(mended(value), ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def cut(text: str, most: int) -> str:
    """`text`, or its beginning with a note of how much is missing."""
    if len(text) <= most:
        return text
    return f"{text[:most].rstrip()} [... {len(text) - most:,} more characters]"
