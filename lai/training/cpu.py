"""A trainer that keeps the cores of a CPU busy with a small model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from transformers import Trainer
from trl.trainer.sft_trainer import SFTTrainer

from lai.engines.hf.cores import SMALL, side_by_side

PARTS = 2
"""Parts of a batch, however many cores there are: the sum of their gradients depends on them."""


class CpuTrainer(SFTTrainer):
    """An SFTTrainer with the loss that the model itself computes, and a small model's batch halved.

    The loss is the same number. TRL's saves memory where a vocabulary is large and the GPU small,
    by computing most of it twice; on a CPU a step takes a third longer with it.

    The shorter and the longer rows of a batch go through a small model side by side, for its
    operations are too short for several cores to share one. The gradient is that of the batch.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        model: Any = self.model
        self._halved = self.model_accepts_loss_kwargs and model.num_parameters() < SMALL
        self._trained = [one for one in model.parameters() if one.requires_grad]
        self._pool = None
        # Random numbers are drawn from one stream: with dropout, one part after the other.
        if self._halved and not _drops(model) and side_by_side(model, PARTS) == PARTS:
            self._pool = ThreadPoolExecutor(PARTS)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """As transformers' Trainer: the mean over all labels of the accumulated batch."""
        return Trainer.compute_loss(self, model, inputs, return_outputs, num_items_in_batch)

    def training_step(
        self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None
    ) -> Any:
        """The loss of a batch; its gradients are added to those of the parameters."""
        if not self._halved or num_items_in_batch is None:
            return super().training_step(  # type: ignore[no-untyped-call]
                model, inputs, num_items_in_batch
            )
        model.train()

        def gradients(part: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
            loss = self.compute_loss(model, part, num_items_in_batch=num_items_in_batch)
            return loss.detach(), torch.autograd.grad(loss, self._trained)

        run: Callable[..., Iterable[Any]] = self._pool.map if self._pool else map
        losses, found = zip(*run(gradients, _parts(self._prepare_inputs(inputs))), strict=True)
        for one, *several in zip(self._trained, *found, strict=True):
            gradient = torch.stack(several).sum(dim=0)
            one.grad = gradient if one.grad is None else one.grad + gradient
        return torch.stack(losses).sum()


def _parts(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """A batch in parts, the short rows apart, each only as wide as its longest row."""
    lengths = inputs["attention_mask"].sum(dim=1)
    rows = torch.argsort(lengths, stable=True)
    return [
        {name: value[some, : int(lengths[some].max())] for name, value in inputs.items()}
        for some in rows.tensor_split(PARTS)
        if len(some)
    ]


def _drops(model: Any) -> bool:
    """Whether anything in a model is dropped at random in training."""
    settings = model.config.get_text_config().to_dict()
    rates = [value for name, value in settings.items() if "drop" in name]
    rates += [part.p for part in model.modules() if isinstance(part, torch.nn.Dropout)]
    return any(isinstance(rate, float) and rate > 0 for rate in rates)
