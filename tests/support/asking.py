"""What a child process runs in tests of the cache: ask a server through a store of replies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path

from lai.core.params.runtime import EndpointParams
from lai.core.records import Usage
from lai.engines.base import Reply, Request
from lai.engines.store.cache import Cached


def questions(count: int) -> list[Request]:
    """The same requests in every process."""
    return [
        Request(
            provider="test",
            model="model-1",
            messages=[{"role": "user", "content": f"question {number}"}],
            max_tokens=10,
        )
        for number in range(count)
    ]


def ask(
    url: str, path: str, count: int, concurrency: int, said: str, start: Barrier | None = None
) -> None:
    """Ask `count` questions once all are ready, then write replies, asked and cached to `said`."""
    from lai.engines.openai.engine import (
        OpenAIEngine,  # slow to import, and not wanted by all who ask
    )

    endpoint = EndpointParams(base_url=url, concurrency=concurrency, timeout=20.0)
    engine = Cached(OpenAIEngine(endpoint), path)
    if start:
        start.wait()
    replies = list(engine.generate(questions(count)))
    Path(said).write_text(f"{len(replies)} {engine.asked} {engine.cached}")


class Batches:
    """An engine that answers four at a time, and writes down each batch."""

    commit_every = 4

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Answer each question with its own words."""
        for start in range(0, len(requests), 4):
            batch = requests[start : start + 4]
            with self._journal.open("a") as file:
                file.write(" ".join(request.key[:8] for request in batch) + "\n")
            for request in batch:
                yield reply_to(request)


def ask_in_batches(path: str, count: int, journal: str, said: str, start: Barrier) -> None:
    """As `ask`, with an engine that works in batches and never saw a server."""
    engine = Cached(Batches(Path(journal)), path)
    start.wait()
    replies = list(engine.generate(questions(count)))
    Path(said).write_text(f"{len(replies)} {engine.asked} {engine.cached}")


def reply_to(request: Request) -> Reply:
    """A reply with a usage of 5 and 2 tokens."""
    text = f"re: {request.messages[-1]['content']}"
    usage = Usage(prompt_tokens=5, completion_tokens=2)
    return Reply(request_key=request.key, text=text, stop_reason="stop", usage=usage)
