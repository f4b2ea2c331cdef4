"""Memory that runs out where the target reads, and does not write: its losses and its states."""

from __future__ import annotations

from collections.abc import Callable
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
def test_memory_that_runs_out_halves_the_batch(
    iter0: Path, monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    whole, forward, most, sizes = read(iter0), LlamaModel.forward, 2, []

    def small(self: Any, *, input_ids: torch.Tensor, **named: Any) -> Any:
        sizes.append(len(input_ids))
        if len(input_ids) > most:
            raise torch.OutOfMemoryError("out of memory")
        return forward(self, input_ids=input_ids, **named)

    monkeypatch.setattr(LlamaModel, "forward", small)
    np.testing.assert_allclose(read(iter0), whole, atol=1e-4)
    assert sizes == [9, 4, 2, 2, 5, 2, 3, 1, 2]
    most = 0
    with pytest.raises(PipelineError, match=r"one text does not fit in memory; take a smaller"):
        read(iter0)
