"""The records that stages exchange; docs/RECORDS.md shows how they point at each other.

Every record carries `id` and `parents`. The id is the kind, `_` and 16 hex digits of the SHA-256
of canonical JSON of (kind, content, parents): equal content has equal ids on every machine, and
the trail from a training row back to the question behind it is a walk over `parents`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from lai.core.record import Message as Message
from lai.core.record import Record
from lai.core.record import Usage as Usage

Split = Literal["pool", "dev", "test"]
Shelf = Literal["pool", "dev", "test", "undrawn"]
"""A split, or the rows of test sources that no split has: they are not taught either."""
StopReason = Literal["stop", "length", "content_filter", "refusal"]
Value = Literal["C", "I", "N"]
"""Correct, incorrect, or no answer given: the last is never recorded as a wrong answer."""


class Sample(Record):
    """A question with its reference answer; for code the canonical solution, tests in metadata."""

    kind: ClassVar[str] = "sample"
    task: str
    split: Shelf
    input: str
    choices: list[str] = []
    reference: str
    metadata: dict[str, Any] = {}

    @property
    def cluster(self) -> str:
        """What it stands or falls with: its `cluster` or `skill` in the metadata, else alone."""
        return str(self.metadata.get("cluster") or self.metadata.get("skill") or self.id)


class Completion(Record):
    """What a model answered to a sample. Reasoning ("thinking") is kept apart from the answer."""

    kind: ClassVar[str] = "completion"
    sample: str
    model: str
    epoch: int = 0
    messages: list[Message]
    reasoning: str = ""
    completion: str
    stop_reason: StopReason
    usage: Usage = Usage()

    @property
    def taught(self) -> str:
        """As it is taught to the model once more, with its own reasoning.

        Without that a thinking model would learn not to think. Chat templates that know of thinking
        find it between these marks.
        """
        thinking = f"<think>\n{self.reasoning}\n</think>\n\n" if self.reasoning else ""
        return thinking + self.completion


class Score(Record):
    """A scorer's verdict on one completion; `explanation` says why, the instructor reads it."""

    kind: ClassVar[str] = "score"
    sample: str
    scorer: str
    value: Value
    answer: str | None = None
    explanation: str = ""
    truncated: bool = False
    seen_in_training: bool = False


ErrorKind = Literal["wrong", "no_answer", "truncated"]


class Error(Record):
    """A pool sample that the target did not get right. Parent: the completion."""

    kind: ClassVar[str] = "error"
    sample: str
    task: str
    error: ErrorKind
    answer: str | None
    reference: str
    completion: str
    explanation: str = ""


class Solved(Record):
    """A pool sample that the target got right. Parent: the completion."""

    kind: ClassVar[str] = "solved"
    sample: str
    task: str
    completion: str


class Neighbor(BaseModel):
    """A solved sample near an error. Similarity is a cosine."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sample: str
    completion: str
    similarity: float


class ContrastSet(Record):
    """The solved samples nearest to one error, nearest first. Parents: the error, completions."""

    kind: ClassVar[str] = "contrast"
    error: str
    neighbors: list[Neighbor]


class Seed(Record):
    """What one lesson starts from: an error, or a pool question that a baseline chose.

    `completion` is the response that the instructor is shown, if any. `others`: further errors of
    the same pattern. Parents: the error and the others, or the sample (and the completion, which
    is then that of an error to another sample).
    """

    kind: ClassVar[str] = "seed"
    strategy: str
    task: str
    sample: str
    error: str | None = None
    completion: str | None = None
    others: list[str] = []


class Analysis(Record):
    """What the instructor found about one seed. Parents: the seed, its contrast set if any.

    `misconception` is empty where the instructor was shown no response.
    """

    kind: ClassVar[str] = "analysis"
    seed: str
    strategy: str
    task: str
    skill: str
    misconception: str
    explanation: str
    request_key: str


class Weakness(Record):
    """What several analyses of a task and strategy are about. Parents: the analyses.

    `errors`: how many errors are behind them (questions, for a baseline that looks at no error).
    """

    kind: ClassVar[str] = "weakness"
    task: str
    strategy: str
    skill: str
    errors: int


class SyntheticSample(Record):
    """A new question with its worked solution, written by the instructor. Parent: the analysis."""

    kind: ClassVar[str] = "synthetic"
    task: str
    input: str
    choices: list[str] = []
    reference: str
    solution: str
    request_key: str
    metadata: dict[str, Any] = {}


class Check(BaseModel):
    """One test that a synthetic sample went through."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    passed: bool
    detail: str = ""


class Verdict(Record):
    """Whether a synthetic sample may be taught, and why. Parent: the synthetic sample."""

    kind: ClassVar[str] = "verdict"
    sample: SyntheticSample
    accepted: bool
    checks: list[Check]


class TrainRow(Record):
    """A row in TRL's prompt/completion form: loss on the completion alone.

    Parents: the verdict of a synthetic sample, or the completion that a replayed row repeats.
    """

    kind: ClassVar[str] = "train"
    task: str
    iteration: str
    prompt: list[Message]
    completion: list[Message]


class Pair(Record):
    """Two responses to one question, the right one `chosen` over the target's own wrong one.

    `instead`: the training row whose place it takes. Parents: the error, and the pool sample whose
    worked reference is chosen.
    """

    kind: ClassVar[str] = "pair"
    task: str
    iteration: str
    instead: str
    prompt: list[Message]
    chosen: list[Message]
    rejected: list[Message]


class Failure(Record):
    """An instructor reply that could not be used. Parents: what was asked about."""

    kind: ClassVar[str] = "failure"
    task: str
    step: Literal["analyze", "synthesize"]
    reason: str
    reply: str
    request_key: str
