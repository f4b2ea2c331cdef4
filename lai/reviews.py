"""What a person can look at in an iteration: suspects, rejected and accepted samples."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from lai.core import jsonl
from lai.core.errors import PipelineError
from lai.core.prompts import options
from lai.core.records import Analysis, Completion, Sample, SyntheticSample, Verdict
from lai.core.reviewing import (
    Decision,
    Edit,
    Suspect,
    Word,
    kept_at,
    learned_from,
    read,
    suspects,
)
from lai.core.text import shortened
from lai.instruction.shapes import ChoiceShape, CodeShape, SampleShape

Kind = Literal["suspect", "rejected", "accepted"]
WORDS: dict[Kind, tuple[Word, ...]] = {
    "suspect": ("right", "wrong"),
    "rejected": ("accept", "reject", "edit"),
    "accepted": ("accept", "reject", "edit"),
}


@dataclass(frozen=True)
class Item:
    """Something to decide on. `id`: by which a decision names it; `parts`: (label, text) to show.

    `sample`: a synthetic sample, if it is one.
    """

    id: str
    kind: Kind
    parts: list[tuple[str, str]]
    reason: str
    sample: SyntheticSample | None = None

    @property
    def words(self) -> tuple[Word, ...]:
        """What may be said of it. Of a solution to a pool question nothing but that is written."""
        own = self.sample is None or not self.sample.parents[0].startswith("sample_")
        return WORDS[self.kind] if own else ("accept", "reject")

    @property
    def ids(self) -> tuple[str, ...]:
        """Its own id, and that of the sample that a person made it from."""
        return (self.id, *(self.sample.parents[1:] if self.sample else ()))

    @property
    def title(self) -> str:
        """The question in a line."""
        return shortened(self.parts[0][1], 80)


def items(folder: Path, iteration: str) -> list[Item]:
    """Everything of `iteration`, suspects first and accepted samples last.

    `folder`: data/. Raises: PipelineError where the iteration has not come so far.
    """
    place = folder / iteration
    if not (place / "verdicts.jsonl").exists():
        raise PipelineError(
            f"{iteration} has no samples here; run `dvc repro synthesize@{iteration}` (or "
            "`dvc pull`) first"
        )
    pool = jsonl.index(jsonl.read(Sample, folder / "splits/pool.jsonl"))
    found = [_suspect(one, pool[one.sample]) for one in suspects(place)]
    sources = _sources(place, pool)
    for kind, name in (("rejected", "rejected.jsonl"), ("accepted", "verdicts.jsonl")):
        for verdict in jsonl.read(Verdict, place / name):
            found.append(_sample(kind, verdict, sources))  # type: ignore[arg-type]
    return found


def record(iteration: str, item: Item, word: Word, edit: Edit | None = None) -> Path:
    """Keep a decision, in place of one on the same item; returns the file."""
    path = kept_at(iteration)
    said = {one.sample: one for one in read(iteration)}
    said[item.id] = Decision(parents=[item.id], sample=item.id, word=word, edit=edit)
    jsonl.write(path, said.values())
    return path


def written(sample: SyntheticSample) -> str:
    """A sample as a text to be edited (YAML)."""
    fields: dict[str, Any] = {"question": sample.input}
    if sample.choices:
        fields["choices"] = sample.choices
    fields |= {"answer": sample.reference, "solution": sample.solution}
    if "tests" in sample.metadata:
        fields["tests"] = sample.metadata["tests"]
    return yaml.dump(fields, Dumper=_Blocks, sort_keys=False, allow_unicode=True, width=100)


def edited(text: str, sample: SyntheticSample) -> Edit:
    """The edit in a text of `written`, every value as it was typed: `12:30` is no number.

    Raises: PipelineError saying what is wrong with it.
    """
    shape: type[SampleShape] = CodeShape if "tests" in sample.metadata else SampleShape
    if sample.choices:
        shape = ChoiceShape
    try:
        fields = yaml.load(text, yaml.BaseLoader)
        wanted = set(shape.model_fields)
        if not isinstance(fields, dict) or set(fields) != wanted:
            raise PipelineError(f"the edited text has to have {', '.join(sorted(wanted))}")
        said = shape.model_validate(fields)
        tests = {"tests": said.tests} if isinstance(said, CodeShape) else {}
        return Edit(
            input=said.question,
            choices=said.choices if isinstance(said, ChoiceShape) else [],
            reference=said.answer,
            solution=said.solution,
            metadata={**sample.metadata, **tests},
        )
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise PipelineError(f"the edited text is not valid YAML: {problem}") from None
    except ValidationError as error:
        raise PipelineError(f"the edited text is no sample: {jsonl.first_problem(error)}") from None


class _Blocks(yaml.SafeDumper):
    """Writes texts of several lines as they are."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Blocks.add_representer(str, _block)


def _suspect(suspect: Suspect, sample: Sample) -> Item:
    found = " | ".join(one.answer for one in suspect.found) or "(nobody was asked)"
    parts = [
        (f"question ({suspect.task})", _question(sample.input, sample.choices)),
        ("reference answer", suspect.reference),
        ("answers found", found),
        ("why it is aside", suspect.reason),
    ]
    return Item(suspect.sample, "suspect", parts, suspect.reason)


def _sample(kind: Kind, verdict: Verdict, sources: dict[str, list[tuple[str, str]]]) -> Item:
    sample = verdict.sample
    checks = [
        f"{check.name}: {check.detail or 'passed' if check.passed else f'NO, {check.detail}'}"
        for check in verdict.checks
    ]
    parts = [
        (f"question ({sample.task})", _question(sample.input, sample.choices)),
        ("answer", sample.reference),
        ("solution", sample.solution),
        *([("tests", "\n".join(sample.metadata["tests"]))] if "tests" in sample.metadata else []),
        ("checks", "\n".join(checks)),
        *sources.get(sample.parents[0] if sample.parents else "", []),
    ]
    failed = [check for check in verdict.checks if not check.passed]
    reason = f"{failed[0].name}: {failed[0].detail}" if failed else ""
    return Item(sample.id, kind, parts, reason, sample)


def _sources(place: Path, pool: dict[str, Sample]) -> dict[str, list[tuple[str, str]]]:
    """What each sample was written for, by its first parent: an analysis, or a pool sample."""
    given, wrong = learned_from(place)
    seeds, errors = jsonl.index(given), jsonl.index(wrong)
    said = jsonl.index(jsonl.read(Completion, place / "completions.jsonl"))
    found: dict[str, list[tuple[str, str]]] = {
        sample.id: [("pool question", sample.input)] for sample in pool.values()
    }
    for analysis in jsonl.read(Analysis, place / "analyses.jsonl"):
        seed = seeds[analysis.seed]
        sample = pool[seed.sample]
        error = errors.get(seed.error or "")
        parts = [
            ("written for", _question(sample.input, sample.choices)),
            ("its reference", sample.reference),
        ]
        if error:
            parts.append(("the target said", said[error.completion].completion))
        misconception = f": {analysis.misconception}" if analysis.misconception else ""
        found[analysis.id] = [*parts, ("weakness", analysis.skill + misconception)]
    return found


def _question(text: str, choices: list[str]) -> str:
    return f"{text}\n{options(choices)}" if choices else text
