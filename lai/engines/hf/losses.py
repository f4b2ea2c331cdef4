"""How surprising the right answer is to the target: its loss on it, a token."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.engines import target as descriptors
from lai.engines.hf import chat, environment
from lai.engines.hf.batching import by_length
from lai.engines.hf.encoding import IGNORED, Chat, Encoded, encode
from lai.engines.hf.memory import Halving

LOGITS = 4
"""A token's logits take some times the memory of its states, so batches are that much smaller."""


def reference_losses(
    folder: Path, target: TargetParams, runtime: RuntimeParams, chats: Sequence[Chat]
) -> list[float]:
    """The mean loss in nats a token of each chat's answer, by the model of `folder` (models/iterN).

    Tokens beyond the model's context are left out; an answer wholly beyond it has loss 0.

    Raises: PipelineError when the target is served, the model cannot be loaded, or a single chat
    does not fit in memory.
    """
    if target.engine != "hf":
        raise PipelineError(
            f"strategy active reads the target's loss, which target.engine: {target.engine} does "
            "not show; take augment, or an hf target"
        )
    environment.prepare()
    from lai.engines.hf import loading

    model: Any
    model, tokenizer = loading.load_trained(folder, descriptors.read(folder), target, runtime)
    stops = chat.stop_ids(tokenizer, model.generation_config)
    context = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    rows = [
        Encoded(row.input_ids[:context], row.labels[:context])
        for row in encode(chats, tokenizer, target.chat_template_kwargs, stops)
    ]
    found = [0.0] * len(rows)
    tokens = max(1, runtime.batch_tokens // LOGITS)
    halving = Halving[Encoded]("text", lambda row: len(row.input_ids))
    for places in by_length([len(row.input_ids) for row in rows], tokens):
        losses = halving(partial(_losses, model), [rows[place] for place in places])
        for place, loss in zip(places, losses, strict=True):
            found[place] = loss
    return found


def _losses(model: Any, rows: Sequence[Encoded]) -> list[float]:
    longest = max(len(row.input_ids) for row in rows)
    gaps = [longest - len(row.input_ids) for row in rows]
    padded = zip(rows, gaps, strict=True)
    ids = torch.tensor([row.input_ids + [0] * gap for row, gap in padded])
    mask = torch.tensor([[1] * (longest - gap) + [0] * gap for gap in gaps])
    with torch.inference_mode():
        logits = model(input_ids=ids.to(model.device), attention_mask=mask.to(model.device)).logits
    found = []
    for row, scores in zip(rows, logits, strict=True):
        # What is predicted at a place is the token after it.
        labels = torch.tensor(row.labels[1:], device=scores.device)
        if bool((labels == IGNORED).all()):
            found.append(0.0)
            continue
        predicted = scores[: len(labels)].float()
        loss = torch.nn.functional.cross_entropy(predicted, labels, ignore_index=IGNORED)
        found.append(float(loss))
    return found
