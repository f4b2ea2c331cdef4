"""Direct preference optimization (Rafailov et al. 2023) of the adapter, with TRL's DPOTrainer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasets import Dataset
from peft import PeftModel
from transformers import PreTrainedTokenizerBase
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer

from lai.engines.hf.encoding import IGNORED, Encoded
from lai.training import phases
from lai.training.lesson import Lesson


@dataclass(frozen=True)
class EncodedPair:
    """Two responses to one prompt, in tokens, each up to the token that ends it."""

    prompt_ids: list[int]
    chosen_ids: list[int]
    rejected_ids: list[int]

    @property
    def tokens(self) -> int:
        """Of both sequences, each with the prompt."""
        return 2 * len(self.prompt_ids) + self.completion_tokens

    @property
    def completion_tokens(self) -> int:
        """Of both responses."""
        return len(self.chosen_ids) + len(self.rejected_ids)


def join(chosen: Encoded, rejected: Encoded) -> EncodedPair:
    """Two chats with one prompt as a pair."""
    start = chosen.labels.count(IGNORED)
    return EncodedPair(
        chosen.input_ids[:start], chosen.input_ids[start:], rejected.input_ids[start:]
    )


class EncodedDPOTrainer(DPOTrainer):
    """A DPOTrainer of pairs that are in tokens already, as evaluation renders them."""

    def _prepare_dataset(self, dataset: Dataset, *_: object) -> Dataset:
        return dataset


def make_trainer(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    pairs: Sequence[EncodedPair],
    lesson: Lesson,
    scratch: str,
) -> DPOTrainer:
    """The trainer of a fresh adapter, or of the one that `model` has.

    The reference, which the model is held to, is the model as it is given: TRL switches a fresh
    adapter off to ask it, and of one that is there keeps a frozen copy. Nothing is dropped at
    random, so that the two differ in what was learnt alone.
    """
    params = lesson.params.dpo
    arguments = DPOConfig(
        beta=params.beta,
        **phases.settings(
            model,
            lesson,
            params.epochs or lesson.params.epochs,
            params.learning_rate,
            len(pairs),
            scratch,
        ),
    )
    return EncodedDPOTrainer(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list([vars(pair) for pair in pairs]),
        processing_class=tokenizer,
        peft_config=None if isinstance(model, PeftModel) else phases.adapter(lesson.params),
    )
