"""Records in words: one line each, or all that stands in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from lai.core.prompts import letter
from lai.core.records import Completion, Score
from lai.core.text import printable
from lai.engines.base import Exchange
from lai.lineage.catalog import Found

Row = Mapping[str, Any]
VALUES = {"C": "right", "I": "wrong", "N": "no answer"}
LONGEST = 400
"""Characters of a field in a line: the line is cut further to what the terminal holds."""


def line(found: Found) -> str:
    """Iteration and content of a record in one line that is safe to print."""
    try:
        told = _LINES.get(found.kind, _any)(found.row)
    except KeyError:  # a record of another version of LaI
        told = _any(found.row)
    return " ".join(printable(f"{found.iteration}  {told}").split())


def body(found: Found) -> list[tuple[str, str]]:
    """All that stands in a record, as (name, text) pairs that are safe to print.

    What it was made of is left out: it is a record of its own.
    """
    pairs = []
    for name, value in found.row.items():
        nested = isinstance(value, dict) and "id" in value
        if name not in ("id", "parents") and value not in ("", [], {}, None) and not nested:
            pairs.append((name, printable(_whole(value))))
    return pairs


def told(exchange: Exchange) -> str:
    """What was asked and what was replied, safe to print."""
    asked, reply = exchange.request, exchange.reply
    tokens = f"{reply.usage.prompt_tokens} + {reply.usage.completion_tokens} tokens"
    parts = [f"request {asked.key} to {asked.model} ({asked.provider})"]
    parts += [f"[{turn['role']}]\n{turn['content']}" for turn in asked.messages]
    parts += [f"[thinking]\n{reply.reasoning}"] if reply.reasoning else []
    parts.append(f"[reply: {reply.stop_reason}, {tokens}]\n{reply.text}")
    return printable("\n".join(parts))


def answer(completion: Completion, score: Score) -> str:
    """An answer and how it was judged, in one line that is safe to print."""
    said = " ".join(printable(completion.completion[:LONGEST]).split())
    return f"{VALUES[score.value]}: {said}"


def keys(value: Any) -> list[str]:
    """The request keys that stand anywhere in a record."""
    if isinstance(value, list):
        return [key for one in value for key in keys(one)]
    if not isinstance(value, dict):
        return []
    mine = value.get("request_key")
    return [*([mine] if mine else []), *(key for one in value.values() for key in keys(one))]


def _short(value: Any) -> str:
    return " ".join(str(value)[:LONGEST].split())


def _any(row: Row) -> str:
    """Of a kind that has no words of its own: its plain fields by name."""
    plain = {
        name: value
        for name, value in row.items()
        if isinstance(value, str | int | float) and name not in ("id", "request_key")
    }
    return ", ".join(f"{name}: {_short(value)}" for name, value in plain.items())


def _sample(row: Row) -> str:
    choices = dict(zip(map(letter, range(len(row["choices"]))), row["choices"], strict=True))
    reference = f"{row['reference']}) {choices[row['reference']]}" if choices else row["reference"]
    return f"{row['task']} {row['split']}: {_short(row['input'])} -> {_short(reference)}"


def _completion(row: Row) -> str:
    cut = "" if row["stop_reason"] == "stop" else f" ({row['stop_reason']})"
    return f"{row['model']}{cut}: {_short(row['completion'])}"


def _score(row: Row) -> str:
    why = f"; {_short(row['explanation'])}" if row.get("explanation") else ""
    seen = ", was trained on" if row.get("seen_in_training") else ""
    return f"{VALUES.get(row['value'], row['value'])}{seen}{why}"


def _error(row: Row) -> str:
    said = "nothing" if row["answer"] is None else _short(row["answer"])
    why = f"; {_short(row['explanation'])}" if row.get("explanation") else ""
    kind = row["error"].replace("_", " ")
    return f"{kind}: answered {said}, reference {_short(row['reference'])}{why}"


def _contrast(row: Row) -> str:
    near = [f"{one['similarity']:.2f}" for one in row["neighbors"]]
    return f"{len(near)} solved neighbors, cosine {', '.join(near)}" if near else "no neighbor"


def _seed(row: Row) -> str:
    more = f", with {len(row['others'])} errors like it" if row.get("others") else ""
    return f"{row['strategy']} on {row['task']}{more}"


def _analysis(row: Row) -> str:
    found = row["misconception"] or row["explanation"]
    return f"{row['strategy']}, {_short(row['skill'])}: {_short(found)}"


def _weakness(row: Row) -> str:
    return f"{_short(row['skill'])} ({row['strategy']} on {row['task']}), errors: {row['errors']}"


def _synthetic(row: Row) -> str:
    return f"{_short(row['input'])} -> {_short(row['solution'])}"


def _verdict(row: Row) -> str:
    if row["accepted"]:
        return f"accepted: {', '.join(check['name'] for check in row['checks'])}"
    why = [f"{one['name']}: {one['detail']}" for one in row["checks"] if not one["passed"]]
    return f"rejected by {_short('; '.join(why))}"


def _train(row: Row) -> str:
    asked, said = row["prompt"][-1]["content"], row["completion"][-1]["content"]
    return f"{_short(asked)} -> {_short(said)}"


def _pair(row: Row) -> str:
    chosen, rejected = row["chosen"][-1]["content"], row["rejected"][-1]["content"]
    return f"{_short(row['prompt'][-1]['content'])} -> {_short(chosen)}; not: {_short(rejected)}"


def _failure(row: Row) -> str:
    return f"{row['step']}: {_short(row['reason'])}"


def _exchange(row: Row) -> str:
    request, reply = row["request"], row["reply"]
    return f"{request['model']} ({request['provider']}): {_short(reply['text'])}"


_LINES: dict[str, Callable[[Row], str]] = {
    "sample": _sample,
    "completion": _completion,
    "score": _score,
    "error": _error,
    "solved": lambda row: f"solved {row['task']}",
    "contrast": _contrast,
    "seed": _seed,
    "analysis": _analysis,
    "weakness": _weakness,
    "synthetic": _synthetic,
    "verdict": _verdict,
    "train": _train,
    "pair": _pair,
    "failure": _failure,
    "exchange": _exchange,
}


def _whole(value: Any) -> str:
    """A field's value: a text as it is, a list of texts or chat turns one below the other."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    if isinstance(value, list) and all(isinstance(one, dict) and "role" in one for one in value):
        return "\n".join(f"[{one['role']}]\n{one['content']}" for one in value)
    return json.dumps(value, ensure_ascii=False)
