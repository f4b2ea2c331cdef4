"""Whether the rows that were trained on fit the model: the template's prefix, and the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lai.core.errors import PipelineError
from lai.core.params import Params
from lai.core.records import TrainRow
from lai.engines.hf import environment
from lai.engines.target import read


@dataclass(frozen=True)
class Rows:
    """How many rows there were, and how many tokens the longest has."""

    count: int
    longest: int


def check(params: Params, folder: Path, rows: Sequence[TrainRow]) -> Rows:
    """Tokenize `rows` as training does. `folder`: that of the base model's descriptor.

    Raises: PipelineError when a prompt's tokens do not begin those of prompt and completion, or
    when no label of a row is an end-of-sequence token.
    """
    environment.prepare()
    from lai.engines.hf import chat, encoding
    from lai.engines.hf.loading import load_tokenizer

    tokenizer, generation = load_tokenizer(read(folder))
    stops = chat.stop_ids(tokenizer, generation)
    options = params.target.chat_template_kwargs
    encoded = encoding.encode(
        [(row.prompt, row.completion) for row in rows], tokenizer, options, stops
    )
    prompts = chat.tokenize(
        tokenizer, [chat.render(tokenizer, row.prompt, options, True) for row in rows]
    )
    for row, prompt, one in zip(rows, prompts, encoded, strict=True):
        if one.input_ids[: len(prompt)] != prompt:
            raise PipelineError(
                f"target.model: the prompt of {row.id} has other tokens alone than before its "
                "completion: training would not match evaluation"
            )
        if one.labels[-1] not in stops:
            raise PipelineError(
                f"target.model: {row.id} ends without an end-of-sequence token, and the model "
                "would not learn to stop; look at its chat template"
            )
    return Rows(len(rows), max((len(one.input_ids) for one in encoded), default=0))
