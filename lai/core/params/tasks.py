"""A task's block: where its rows come from, which column is what, how it is judged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from lai.core.params.names import checked_scorer
from lai.core.params.overlap import OverlapParams
from lai.core.params.section import Positive, Section


class Source(Section):
    """Where a split's rows come from: one of `hub`, `files` or `builtin`.

    `config`: of the Hub data set; several are read one after the other. `size`: how many items to
    draw, in place of what `prepare` says.
    """

    hub: str | None = None
    config: str | list[str] | None = None
    revision: str | None = None
    split: str = "train"
    files: str | list[str] | None = None
    builtin: str | None = None
    size: Positive | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Source:
        if sum(bool(kind) for kind in (self.hub, self.files, self.builtin)) != 1:
            raise ValueError("name exactly one of hub, files and builtin")
        return self

    @property
    def patterns(self) -> list[str]:
        """The patterns of `files`; none where it names none."""
        return [self.files] if isinstance(self.files, str) else self.files or []

    def same(self, other: Source) -> bool:
        """Whether both name the same rows, however many each draws of them."""
        return self.model_copy(update={"size": other.size}) == other


class Fields(Section):
    """Which column of the source holds what; `a.b` is the field `b` of the object in `a`.

    `choices`: a column with a list of options, or a list of columns with one each. `labels`: the
    options' own names, where `reference` uses them. `reference`: a column, or several to be put
    together (a stub and its body); null is for code, whose tests judge. `tests`: assert statements.
    `subject`: by which draws are stratified; `@origin` is the configuration or the file that a row
    comes from. `metadata`: further columns, kept by name.
    """

    id: str | None = None
    input: str | list[str] = "input"
    choices: str | list[str] | None = None
    labels: str | None = None
    reference: str | list[str] | None = "reference"
    tests: str | None = None
    subject: str | None = None
    metadata: dict[str, str] = {}


class FewShot(Section):
    """Solved examples before each question, the same for all questions of a subject.

    `source`: `pool` or `test` (items taken from there are not used otherwise), or the path of a
    JSONL file with `input`, `response` and, if they differ by subject, `subject`.
    """

    shots: Positive
    source: str = "test"


class Exemplar(Section):
    """A question as the target is asked it, and a response to learn the form from."""

    input: str
    choices: list[str] = []
    tests: list[str] = []
    response: str


class Task(Section):
    """What is done with a task's items, wherever they came from.

    `role`: `id` tasks are taught and tested, `ood` tasks are tested alone. A `guard` is never
    taught either; its items are a dev split, for the gate reads no test. `demo`: whether its tests
    are of the demo's world, which `prepare` finds out. `overlap`: how near to its items what is
    taught may come.
    """

    family: str
    role: Literal["id", "ood", "guard"]
    scorer: Annotated[str, AfterValidator(checked_scorer)]
    prompt: str
    rubric: str = "default"
    exemplars: dict[str, list[Exemplar]] = {}
    demo: bool = False
    overlap: OverlapParams = OverlapParams()


class TaskParams(Task):
    """A task: data, a scorer and a prompt.

    `benchmark`: one of the declarations in benchmarks.yaml, whose keys stand where the block has
    none of its own.
    """

    benchmark: str | None = None
    licence: str | None = None
    pool: Source | None = None
    dev: Source | None = None
    test: Source
    fields: Fields = Fields()
    dev_size: Positive = 200
    few_shot: FewShot | None = None

    @model_validator(mode="after")
    def _has_its_splits(self) -> TaskParams:
        if self.role == "id" and self.pool is None:
            raise ValueError("an in-domain task (role: id) needs a pool to find errors in")
        if self.role != "id" and (self.pool is not None or self.dev is not None):
            kind = "an out-of-domain task" if self.role == "ood" else "a guard task"
            raise ValueError(f"{kind} (role: {self.role}) has a test split alone")
        return self
