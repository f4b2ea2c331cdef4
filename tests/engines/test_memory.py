"""Memory that runs out where the target reads, and does not write: its losses and its states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import LlamaModel

from lai.core.errors import PipelineError
from lai.core.params.schema import TargetParams
from lai.engines.hf.embedding import HiddenStates
from lai.engines.hf.losses import reference_losses
from lai.engines.hf.memory import Halving
from tests.support.hf import RUNTIME

TEXTS = ["q" * (1 + number % 4) for number in range(9)]
Read = Callable[[Path], Any]


def losses(folder: Path) -> list[float]:
    chats: Any = [
        ([{"role": "user", "content": text}], [{"role": "assistant", "content": text}])
        for text in TEXTS
    ]
    return reference_losses(folder, TargetParams(model="-"), RUNTIME, chats)


def states(folder: Path) -> np.ndarray:
    return HiddenStates(folder, TargetParams(model="-"), RUNTIME)(TEXTS)


@pytest.mark.parametrize("read", [losses, states])
def test_memory_that_runs_out_halves_this_batch_and_those_after_it(
    iter0: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], read: Read
) -> None:
    whole, forward, rows = read(iter0), LlamaModel.forward, 2
    seen: list[tuple[int, int]] = []
    short: list[int] = []

    def small(self: Any, *, input_ids: torch.Tensor, **named: Any) -> Any:
        seen.append((input_ids.shape[0], input_ids.shape[1]))
        if input_ids.numel() > rows * seen[0][1]:
            short.append(len(input_ids))
            raise torch.OutOfMemoryError("out of memory")
        return forward(self, input_ids=input_ids, **named)

    monkeypatch.setattr(LlamaModel, "forward", small)
    np.testing.assert_allclose(read(iter0), whole, atol=1e-4)
    assert short == [9, 5, 3]
    assert "out of memory with 9 texts at a time: going on with 5" in capsys.readouterr().err
    rows = 0
    with pytest.raises(PipelineError, match=r"one text of \d+ tokens does not fit in memory; take"):
        read(iter0)


def test_what_fitted_are_tokens_and_not_rows() -> None:
    sizes: list[int] = []

    def work(rows: Sequence[str]) -> Sequence[str]:
        if len(rows) * max(map(len, rows)) > 40:
            raise torch.OutOfMemoryError("out of memory")
        sizes.append(len(rows))
        return rows

    halving = Halving("text", len)
    for rows in (["x" * 20] * 4, ["x" * 2] * 40):
        assert halving(work, rows) == rows
    assert sizes == [2, 2, 20, 20]
