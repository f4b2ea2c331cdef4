"""The target in this process, through transformers: which requests run together, and for how long.

Greedy decoding is the plain argmax: penalties and sampling defaults that a model ships in its
generation config are left out. Above temperature 0 the request's key seeds the draws of its
answer, whatever else is in the batch. What remains is arithmetic: the same row in a batch of
another shape may round differently, and a near tie may then fall the other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from lai.core.params.runtime import RuntimeParams
from lai.core.params.schema import TargetParams
from lai.core.records import Usage
from lai.engines import target as descriptors
from lai.engines.base import Reply, Request
from lai.engines.hf import environment
from lai.engines.hf.batching import Job, batches

if TYPE_CHECKING:
    from lai.engines.hf.decoding import Decoder

GROUP = 4
"""How many batches' worth of requests is finished, and kept, together."""


class HfEngine:
    """The model of a folder `models/iterN/`, its adapter merged, on `runtime.device`.

    `model`: what it is, where no descriptor in the folder says so. Nothing heavy is imported or
    loaded before there is a request to answer.

    `commit_every` requests, longest first, are finished together, so that a cache which stores
    them together leaves a killed run with a rest that falls into the same groups and batches.

    Raises: PipelineError when the folder holds no descriptor.
    """

    def __init__(
        self,
        folder: Path,
        params: TargetParams,
        runtime: RuntimeParams,
        model: descriptors.Target | None = None,
    ) -> None:
        self._folder = folder
        self._model = model or descriptors.read(folder)
        self._params = params
        self._runtime = runtime
        self._loaded: Decoder | None = None
        self.commit_every = max(1, GROUP * runtime.batch_tokens // params.max_tokens)

    def generate(self, requests: Sequence[Request]) -> Iterator[Reply]:
        """Yield one reply a request, a group of `commit_every` at a time.

        A prompt that leaves less than `max_tokens` of the model's context gets what is left.

        Raises: PipelineError when the model cannot be loaded, when a prompt fills its whole
        context (before anything is answered), or when not even one request fits in memory.
        """
        if not requests:
            return
        decoder = self._decoder()
        jobs = sorted(decoder.jobs(requests), key=lambda job: job.order)
        # `disable=None`: no bar when stderr is not a terminal.
        with tqdm(total=len(jobs), desc="answering", unit="question", disable=None) as bar:
            for start in range(0, len(jobs), self.commit_every):
                group = jobs[start : start + self.commit_every]
                self._finish(decoder, group, bar)
                for job in group:
                    yield _reply(decoder, job)

    def _finish(self, decoder: Decoder, jobs: list[Job], bar: tqdm) -> None:
        def advance(batch: list[Job]) -> list[Job]:
            decoder.advance(batch)
            return batch

        with ThreadPoolExecutor(decoder.side_by_side) as pool:
            while jobs:
                for batch in pool.map(advance, batches(jobs, self._runtime.batch_tokens)):
                    bar.update(sum(job.done for job in batch))
                jobs = [job for job in jobs if not job.done]

    def _decoder(self) -> Decoder:
        if self._loaded is None:
            environment.prepare()
            from lai.engines.hf.decoding import Decoder

            self._loaded = Decoder(self._folder, self._model, self._params, self._runtime)
        return self._loaded


def _reply(decoder: Decoder, job: Job) -> Reply:
    reasoning, text = decoder.text(job)
    return Reply(
        request_key=job.request.key,
        text=text,
        reasoning=reasoning,
        stop_reason="stop" if job.stopped else "length",
        usage=Usage(prompt_tokens=len(job.prompt), completion_tokens=len(job.produced)),
    )
