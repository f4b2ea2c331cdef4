"""A target whose responses are in files already: logs of any model, mined without asking it again.

A row holds the response and says what it answers: by sample id (`sample`), or by any of its texts
being the question, as rows of a benchmark with a `response` beside its own columns are, and the
files that lm-evaluation-harness writes with `--log_samples` (`doc`, `resps`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.record import digest
from lai.core.text import normalized
from lai.engines.base import Reply, Request
from lai.engines.target import fingerprint_file

SHOWN = 3
"""How many questions without a response a message names."""


@dataclass(frozen=True)
class _Recorded:
    where: str
    response: str
    options: frozenset[str]
    truncated: bool


class ReplayEngine:
    """Recorded responses of the JSONL files `paths`.

    Raises: PipelineError for a file that is absent or a row without a response (file and line).
    """

    commit_every = 4096

    def __init__(self, paths: Sequence[str]) -> None:
        self._by_id: dict[str, _Recorded] = {}
        self._by_text: dict[str, list[_Recorded]] = {}
        for path in paths:
            for number, row in jsonl.rows(path):
                self._add(jsonl.mended(row), f"{path}:{number}")

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply a request.

        Raises: PipelineError before the first reply when a response is missing (how many, and
        which first), or when two different ones answer the same question.
        """
        found = [(request, self._find(request)) for request in requests]
        missing = [request for request, recorded in found if recorded is None]
        if missing:
            named = "; ".join(
                f"{request.about.get('id')} {request.about.get('input', '')[:60]!r}"
                for request in missing[:SHOWN]
            )
            more = f"; and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
            raise PipelineError(
                f"target.responses holds no response to {len(missing)} of {len(requests)} "
                f"questions: {named}{more}; record them, or leave these items out of the task"
            )
        for request, recorded in found:
            assert recorded is not None
            yield Reply(
                request_key=request.key,
                text=recorded.response,
                stop_reason="length" if recorded.truncated else "stop",
            )

    def _add(self, row: dict[str, Any], where: str) -> None:
        response = _response(row)
        if response is None:
            raise PipelineError(
                f"{where} has no text in `response`, `completion` or `resps` "
                f"(it has {', '.join(sorted(row))})"
            )
        texts, options = _texts(row)
        truncated = "length" in (row.get("stop_reason"), row.get("finish_reason"))
        recorded = _Recorded(where, response, options, truncated)
        identity = row.get("sample")
        if isinstance(identity, str):
            self._by_id[identity] = _one_of([self._by_id.get(identity), recorded])
            return
        for text in texts:
            self._by_text.setdefault(text, []).append(recorded)

    def _find(self, request: Request) -> _Recorded | None:
        """By id, else by the question; where several have its text, by the options too."""
        if request.about.get("id") in self._by_id:
            return self._by_id[request.about["id"]]
        found = self._by_text.get(normalized(str(request.about.get("input", ""))), [])
        if len({one.response for one in found}) > 1:
            options = frozenset(map(normalized, request.about.get("choices", [])))
            found = [one for one in found if one.options == options]
        return _one_of(list(found)) if found else None


def _one_of(found: Sequence[_Recorded | None]) -> _Recorded:
    known = [one for one in found if one is not None]
    if len({one.response for one in known}) > 1:
        raise PipelineError(
            f"{known[1].where} and {known[0].where} hold different responses to one question; "
            "keep one of them"
        )
    return known[0]


def _response(row: dict[str, Any]) -> str | None:
    for name in ("response", "completion"):
        if isinstance(row.get(name), str):
            return str(row[name])
    found = row.get("resps")
    # lm-evaluation-harness: a list a request, of a text a repeat; the first is taken.
    while isinstance(found, list) and found:
        found = found[0]
    return found if isinstance(found, str) else None


def _texts(row: dict[str, Any]) -> tuple[set[str], frozenset[str]]:
    """The normalised texts of a row's columns, and those of its list of options."""
    columns = row["doc"] if isinstance(row.get("doc"), dict) else row
    texts = {
        normalized(value)
        for name, value in columns.items()
        if isinstance(value, str) and name not in ("response", "completion")
    }
    options: frozenset[str] = frozenset()
    for name in ("choices", "options"):
        value = columns.get(name)
        if isinstance(value, dict):
            value = value.get("text")
        if isinstance(value, list):
            options = frozenset(normalized(str(one)) for one in value)
    return texts - {""}, options


def fingerprint(paths: Sequence[str]) -> str:
    """SHA-256 of the files' contents, in hex. Raises: PipelineError when one is absent."""
    for path in paths:
        if not Path(path).is_file():
            raise PipelineError(f"target.responses: {path} does not exist")
    return digest([fingerprint_file(Path(path)) for path in paths])
