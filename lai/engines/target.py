"""The descriptor of a model in `models/iterN/`: a base model and, after training, an adapter."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lai.core.errors import PipelineError
from lai.core.jsonl import first_problem, read_json, write_json

DESCRIPTOR = "model.json"
ADAPTER = "adapter_model.safetensors"


class Target(BaseModel):
    """`models/iterN/model.json`. `trained_on`: ids of the pool samples that were trained on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    iteration: str
    base: str
    revision: str | None = None
    base_fingerprint: str
    adapter: str | None = None
    carried_over: bool = False
    trained_on: list[str] = []

    @property
    def name(self) -> str:
        """A short identity of the weights, equal on every machine that has the same ones."""
        base = Path(self.base).name
        return f"{base}@{self.base_fingerprint[:12]}" + (
            f"+{self.adapter[:12]}" if self.adapter else ""
        )


def read(folder: str | Path) -> Target:
    """Read the descriptor. Raises: PipelineError when it is absent or of another shape."""
    path = Path(folder) / DESCRIPTOR
    try:
        return Target.model_validate(read_json(path))
    except ValidationError as error:
        raise PipelineError(
            f"{path}: {first_problem(error)}; rerun the stage that made it"
        ) from None


def write(folder: str | Path, target: Target) -> None:
    """Write the descriptor into `folder`."""
    write_json(Path(folder) / DESCRIPTOR, target.model_dump())


def describe_base(model: str, revision: str | None, named: str = "target.model") -> Target:
    """The descriptor of an untrained model: a local folder, or a Hub id (pin a commit).

    `named`: the param that says so, for messages.

    Raises: PipelineError when a local path does not exist or holds no model.
    """
    folder = Path(model)
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise PipelineError(f"{named}: {model} has no config.json, so it is no model folder")
        fingerprint = fingerprint_folder(folder)
    elif is_path(model):
        raise PipelineError(missing(model, named))
    else:
        fingerprint = hashlib.sha256(f"{model}@{revision}".encode()).hexdigest()
    return Target(iteration="iter0", base=model, revision=revision, base_fingerprint=fingerprint)


def is_path(model: str) -> bool:
    """Whether the name of a model, which is no folder here, can only be that of a folder."""
    hub_like = not model.startswith((".", "/", "~")) and model.count("/") == 1
    return not hub_like or Path(model).parent.is_dir()


def missing(model: str, named: str = "target.model") -> str:
    """What to say of a folder that is not there."""
    return f"{named}: {model} does not exist; give a folder or a Hub id such as org/name"


def check_base(model: Target) -> None:
    """Raises: PipelineError when the base in a local folder is not the one that was described."""
    folder = Path(model.base)
    if folder.is_dir() and fingerprint_folder(folder) != model.base_fingerprint:
        raise PipelineError(
            f"target.model: the files in {model.base} have changed since `prepare` described them, "
            "and answers of the old ones are kept under its name; run `dvc repro -f prepare`"
        )


def fingerprint_folder(folder: Path) -> str:
    """SHA-256 over names and contents of a model folder's files, hidden ones left out."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            total.update(f"{path.name}\0{fingerprint_file(path)}\0".encode())
    return total.hexdigest()


def fingerprint_file(path: Path) -> str:
    """SHA-256 of one file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
