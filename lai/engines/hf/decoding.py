"""Batched decoding with transformers' `generate`: padding, stopping, sampling, lack of memory."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList

from lai.core.errors import PipelineError
from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.engines.base import Request
from lai.engines.hf import chat, loading
from lai.engines.hf.batching import Job
from lai.engines.hf.cores import side_by_side
from lai.engines.hf.memory import Halving
from lai.engines.target import Target

SIDE_BY_SIDE = 4
"""Batches at a time on a CPU, at most."""


class Draws(LogitsProcessor):
    """Turns the scores of each row with a temperature above 0 into one drawn token.

    A row's draws come from its own generator, seeded by its request, one number a token: they do
    not depend on the batch, nor on where a stretch begins.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._temperatures = [job.request.temperature for job in jobs]
        self._generators = [random.Random(job.request.key) for job in jobs]
        for generator, job in zip(self._generators, jobs, strict=True):
            for _ in job.produced:
                generator.random()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """`scores` [rows, vocabulary] with all but the drawn token of a sampled row at -inf."""
        numbers = [generator.random() for generator in self._generators]
        rows = [row for row, temperature in enumerate(self._temperatures) if temperature > 0]
        if not rows:
            return scores
        heat = torch.tensor([[self._temperatures[row]] for row in rows], device=scores.device)
        reached = torch.softmax(scores[rows].float() / heat, dim=-1).cumsum(dim=-1)
        drawn = torch.tensor([[numbers[row]] for row in rows], device=scores.device)
        # Scaled to what the sum reaches, so that rounding cannot draw a token past the last.
        chosen = (reached <= drawn * reached[:, -1:]).sum(dim=-1, keepdim=True)
        chosen = chosen.clamp(max=scores.shape[-1] - 1)
        certain = torch.full_like(scores[rows], -torch.inf).scatter(-1, chosen, 0.0)
        scores = scores.clone()
        scores[rows] = certain
        return scores


class Decoder:
    """A loaded model that continues prompts.

    `side_by_side`: as many threads may call `advance` at a time, with jobs of their own.

    Raises: PipelineError as `loading.load_trained`.
    """

    def __init__(
        self, folder: Path, model: Target, target: TargetParams, runtime: RuntimeParams
    ) -> None:
        loaded, self._tokenizer = loading.load_trained(folder, model, target, runtime)
        # Typed loosely: the methods of models come from mixins that type checkers cannot follow.
        self._model: Any = loaded
        self._stops = chat.stop_ids(self._tokenizer, self._model.generation_config)
        # Whatever is unset in a call is taken from here: penalties and the like are not wanted.
        self._model.generation_config = _settings()
        self._name = model.base
        config = self._model.config.get_text_config()
        self._context: int | None = getattr(config, "max_position_embeddings", None)
        self._halving = Halving[Job]("answer", lambda job: job.width, "lower target.max_tokens, ")
        self.side_by_side = side_by_side(self._model, SIDE_BY_SIDE)

    def jobs(self, requests: Sequence[Request]) -> list[Job]:
        """Render and tokenize requests. Raises: PipelineError when one fills the whole context."""
        texts = [
            chat.render(self._tokenizer, request.messages, request.options, True)
            for request in requests
        ]
        found = []
        for request, text, ids in zip(
            requests, texts, chat.tokenize(self._tokenizer, texts), strict=True
        ):
            limit = request.max_tokens
            if self._context is not None:
                limit = min(limit, self._context - len(ids))
            if limit < 1:
                raise PipelineError(
                    f"a prompt of {len(ids)} tokens leaves no room for an answer in the "
                    f"{self._context} tokens of {self._name}: "
                    f"{request.messages[-1]['content'][:80]!r}...; leave that item out of the "
                    "task, or take a model with a longer context"
                )
            found.append(Job(request, ids, limit, chat.opens_thinking(text)))
        return found

    def advance(self, jobs: Sequence[Job]) -> None:
        """Decode the next stretch of jobs that have the same one, in halves if memory runs out.

        Raises: PipelineError when a single job does not fit.
        """
        for job, tokens in zip(jobs, self._halving(self._continue, jobs), strict=True):
            self._extend(job, tokens)

    def _continue(self, jobs: Sequence[Job]) -> list[list[int]]:
        """New ids of each job, up to its next stretch; rows that stop early are padded."""
        rows = [job.prompt + job.produced for job in jobs]
        longest = max(map(len, rows))
        pad = int(self._tokenizer.pad_token_id or 0)
        ids = torch.tensor([[pad] * (longest - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
        sampled = any(job.request.temperature > 0 for job in jobs)
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=ids.to(self._model.device),
                attention_mask=mask.to(self._model.device),
                generation_config=_settings(
                    max_new_tokens=jobs[0].stretch, eos_token_id=self._stops, pad_token_id=pad
                ),
                logits_processor=LogitsProcessorList([Draws(jobs)] if sampled else []),
            )
        new: list[list[int]] = output[:, longest:].tolist()
        return new

    def _extend(self, job: Job, tokens: list[int]) -> None:
        for token in tokens[: job.stretch]:
            job.produced.append(token)
            if token in self._stops:
                job.stopped = True
                return

    def text(self, job: Job) -> tuple[str, str]:
        """(reasoning, answer) of a finished job."""
        ids = job.produced[:-1] if job.stopped else job.produced
        return chat.split_thinking(self._tokenizer, ids, job.thinking)


def _settings(**values: Any) -> GenerationConfig:
    return GenerationConfig(do_sample=False, **values)  # type: ignore[no-untyped-call]
