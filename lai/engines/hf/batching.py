"""Which answers are decoded together, and how far in one go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lai.engines.base import Request

FIRST_STRETCH = 32
"""Tokens of the first stretch, at least; see `Job.stretch`."""


@dataclass
class Job:
    """A request under way. `limit`: new tokens that it may have, for its context's sake too."""

    request: Request
    prompt: list[int]
    limit: int
    thinking: bool = False
    produced: list[int] = field(default_factory=list)
    stopped: bool = False

    @property
    def done(self) -> bool:
        """Whether it has stopped by itself or reached its limit."""
        return self.stopped or len(self.produced) >= self.limit

    @property
    def stretch(self) -> int:
        """How many tokens to decode next: a quarter of the limit, then as many again as so far.

        Most answers end in the first stretch. The few that ramble on are then gathered in fewer,
        fuller batches, so that a batch does not wait at its full width for its longest answer.
        """
        wanted = len(self.produced) or max(FIRST_STRETCH, self.limit // 4)
        return min(wanted, self.limit - len(self.produced))

    @property
    def width(self) -> int:
        """Tokens that the next stretch holds in memory."""
        return len(self.prompt) + len(self.produced) + self.stretch

    @property
    def order(self) -> tuple[int, int, str]:
        """Longest first, so that what does not fit in memory shows at once; then by key."""
        return (-self.width, -self.stretch, self.request.key)


def batches(jobs: Sequence[Job], tokens: int) -> Iterator[list[Job]]:
    """Cut jobs, longest first, into batches of at most `tokens` tokens and of one stretch.

    A job that is wider than that is a batch of its own.
    """
    batch: list[Job] = []
    for job in sorted(jobs, key=lambda job: job.order):
        full = batch and (len(batch) + 1) * batch[0].width > tokens
        if full or (batch and batch[0].stretch != job.stretch):
            yield batch
            batch = []
        batch.append(job)
    if batch:
        yield batch


def by_length(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Places of texts, longest first, in batches of at most `tokens` tokens with padding."""
    found: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lambda at: (-lengths[at], at)):
        if not lengths[place]:
            break
        if found and (len(found[-1]) + 1) * lengths[found[-1][0]] <= tokens:
            found[-1].append(place)
        else:
            found.append([place])
    return found
