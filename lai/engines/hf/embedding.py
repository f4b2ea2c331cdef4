"""Texts as the target's own mean-pooled hidden states."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.engines import target as descriptors
from lai.engines.hf import loading
from lai.engines.hf.batching import by_length
from lai.engines.hf.memory import Halving


class HiddenStates:
    """The model of `folder`, its adapter merged, as an embedder of bare texts.

    Raises: PipelineError when the model cannot be loaded.
    """

    def __init__(self, folder: Path, target: TargetParams, runtime: RuntimeParams) -> None:
        model: Any
        model, self._tokenizer = loading.load_trained(
            folder, descriptors.read(folder), target, runtime
        )
        self._body = model.base_model
        config = self._body.config.get_text_config()
        self._context: int | None = getattr(config, "max_position_embeddings", None)
        self._width = int(config.hidden_size)
        self._tokens = runtime.batch_tokens
        self._halving = Halving[list[int]]("text", len)

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Texts x width, float32: the mean over a text's tokens of the last hidden state.

        Without a chat template, and cut at the model's context; a text without tokens is zeros.

        Raises: PipelineError when a single text does not fit in memory.
        """
        rows = [
            self._tokenizer(text, add_special_tokens=False)["input_ids"][: self._context]
            for text in texts
        ]
        pooled = np.zeros((len(rows), self._width), dtype=np.float32)
        for places in by_length([len(row) for row in rows], self._tokens):
            pooled[places] = self._halving(self._means, [rows[place] for place in places])
        return pooled

    def _means(self, rows: Sequence[list[int]]) -> np.ndarray:
        longest = max(map(len, rows))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows])
        device = self._body.device
        with torch.inference_mode():
            states = self._body(input_ids=ids.to(device), attention_mask=mask.to(device))
        hidden = states.last_hidden_state.float()
        weights = mask.to(device, hidden.dtype).unsqueeze(-1)
        means: np.ndarray = ((hidden * weights).sum(dim=1) / weights.sum(dim=1)).cpu().numpy()
        return means
