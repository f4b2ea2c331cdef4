"""What the target could do already, shown to it again, so that it does not forget it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

from lai.core import jsonl
from lai.core.drawing import grouped
from lai.core.params.training import ReplayParams
from lai.core.records import Completion, Message, Pair, Solved, TrainRow
from lai.overlap import HeldOut, Text


def replay_rows(
    solved: Sequence[Solved],
    completions: Iterable[Completion],
    params: ReplayParams,
    taught: int,
    seed: int,
    iteration: str,
    held_out: HeldOut | None = None,
) -> list[TrainRow]:
    """`params.ratio` rows for each of the `taught` ones, sorted by id; fewer if there are fewer.

    Solved samples are drawn evenly over tasks, each with the target's own messages and its own
    completion (parent: that completion). Rows of a file, when `params.source` names one, have no
    parents. Rows that hold a question held out for dev or test, or 13 words of one, are left out.

    Raises: PipelineError naming file and line for a row that has no prompt and completion messages.
    """
    count = round(params.ratio * taught)
    rng = random.Random(f"{seed} replay {iteration}")
    if count == 0:
        return []
    if params.source != "solved":
        rows = _from_file(params.source, iteration)
        return _drawn([row for row in rows if not _copies(row, held_out)], count, rng)
    completion_of = jsonl.index(completions)
    row_of = {one.id: _own(one, completion_of[one.completion], iteration) for one in solved}
    free = [one for one in solved if not _copies(row_of[one.id], held_out)]
    found = [row_of[one.id] for group in evenly(grouped(free), count, rng) for one in group]
    return sorted(found, key=lambda row: row.id)


def _copies(row: TrainRow, held_out: HeldOut | None) -> bool:
    """Whether a turn holds what is held out; of the target's own, solved examples aside.

    The last question goes with its answer, in which the right option may stand.
    """
    if held_out is None:
        return False
    turns = [*(row.prompt[-1:] if row.parents else row.prompt), *row.completion]
    asked = next((one["content"] for one in row.prompt[::-1] if one["role"] == "user"), "")
    answer = "\n".join(one["content"] for one in row.completion)
    texts = [Text(row.task, asked, (), answer), *(Text(row.task, one["content"]) for one in turns)]
    return any(map(held_out.copied, texts))


def trained_on(
    taught: Iterable[TrainRow | Pair],
    replay: Iterable[TrainRow],
    completions: Iterable[Completion],
) -> list[str]:
    """Ids of the pool samples in rows and pairs: of taught ones the parents that are samples."""
    sample_of = {completion.id: completion.sample for completion in completions}
    found = {sample_of[parent] for row in replay for parent in row.parents}
    found |= {parent for one in taught for parent in one.parents if parent.startswith("sample_")}
    return sorted(found)


def evenly(
    groups: dict[str, list[Solved]], count: int, rng: random.Random
) -> Iterable[list[Solved]]:
    """`count` in all, drawn from each group alike; what a small one lacks, the others make up."""
    # From the smallest group on, so that its lack is known before the larger ones are drawn from.
    waiting = sorted(groups.items(), key=lambda item: (len(item[1]), item[0]))
    for done, (_, group) in enumerate(waiting):
        share = min(len(group), count // (len(waiting) - done))
        count -= share
        yield rng.sample(group, share)


def _own(solved: Solved, completion: Completion, iteration: str) -> TrainRow:
    answer: Message = {"role": "assistant", "content": completion.taught}
    return TrainRow(
        parents=[completion.id],
        task=solved.task,
        iteration=iteration,
        prompt=completion.messages,
        completion=[answer],
    )


def _from_file(path: str, iteration: str) -> list[TrainRow]:
    rows = []
    for number, read in jsonl.rows(path):
        value = jsonl.mended(read)
        row: dict[str, Any] = {"task": "replay", "iteration": iteration}
        row |= {key: value[key] for key in ("task", "prompt", "completion") if key in value}
        rows.append(jsonl.parse(TrainRow, row, f"{path}:{number}"))
    return rows


def _drawn(rows: Sequence[TrainRow], count: int, rng: random.Random) -> list[TrainRow]:
    unique = sorted({row.id: row for row in rows}.values(), key=lambda row: row.id)
    return sorted(rng.sample(unique, min(count, len(unique))), key=lambda row: row.id)
