"""The strategies, one explicit table: they differ in what stands here and in nothing else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Strategy:
    """`contrast`: show the nearest solved samples. `prompt`: the file under prompts/instructor."""

    contrast: bool
    prompt: str


STRATEGIES = {
    "le": Strategy(contrast=False, prompt="analyze_le"),
    "lec": Strategy(contrast=True, prompt="analyze_lec"),
}
