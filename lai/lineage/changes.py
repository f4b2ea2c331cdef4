"""What the iterations changed on dev and test, and which taught rows are nearest to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from lai.attribution.flips import Flip, evaluated, flips
from lai.attribution.nearest import Near, nearest
from lai.attribution.taught import Taught, lessons, taught
from lai.core.errors import PipelineError
from lai.core.iterations import BASE, chain
from lai.core.jsonl import index, parse, read, read_json
from lai.core.params.tasks import Task
from lai.core.records import Pair, Sample, Score
from lai.lineage.catalog import ABSENT, Found
from lai.lineage.lines import line_at, mapped, parsed
from lai.lineage.tree import Consequence

SCORES = "reeval_scores.jsonl"


class Changes:
    """The iterations whose records are under `folder` (data/); `metrics`: that of iterN.json.

    `iterations`: each and the one before, as in params.yaml.
    """

    def __init__(
        self,
        folder: Path,
        metrics: Path,
        iterations: Mapping[str, str],
        tasks: Mapping[str, Task],
    ) -> None:
        self._folder = folder
        self._metrics = metrics
        self._iterations = iterations
        self._tasks = tasks
        self._added = cache(self._read_added)
        self._instead = cache(self._read_instead)

    def origin(self, iteration: str) -> str:
        """The iteration that this one started from: the last one before it that was taken over.

        Raises: PipelineError when there is no such iteration, or it has not run.
        """
        if iteration not in self._iterations:
            known = ", ".join(self._iterations)
            raise PipelineError(f"{iteration} is none of the iterations in params.yaml: {known}")
        return str(read_json(self._gate(iteration))["good"])

    def named(self, iteration: str) -> str:
        """Its name, and whether the gate took it back."""
        path = self._folder / iteration / "gate.json"
        back = path.exists() and read_json(path)["good"] != iteration
        return f"{iteration} (taken back by the gate)" if back else iteration

    def flips(self, iteration: str) -> list[Flip]:
        """The dev and test items that it fixed or broke, against the one that it started from.

        Raises: PipelineError when the records of either are not here.
        """
        before = self._folder / self.origin(iteration)
        after = self._folder / iteration
        for path in (before / SCORES, after / SCORES):
            if not path.exists():
                raise PipelineError(f"{path} does not exist; {ABSENT}")
        held = [
            sample
            for split in ("dev", "test")
            for sample in read(Sample, self._folder / f"splits/{split}.jsonl")
        ]
        return flips(held, evaluated(before, "reeval_"), evaluated(after, "reeval_"))

    def nearest(self, samples: Sequence[Sample], iteration: str) -> list[Near]:
        """For each item the rows nearest to it among those that this iteration added."""
        return nearest(samples, self._added(iteration), self._tasks)

    def consequences(self, found: Found) -> list[Consequence]:
        """Of a taught row or pair the model; of a dev or test item what it changed, see `Trees`."""
        if found.kind in ("train", "pair"):
            iteration = found.row["iteration"]
            taken = self._instead(iteration).get(found.id)
            if taken:
                return [("not taught: a pair took its place:", [taken])]
            return [(self._taught_to(iteration), ())]
        if found.kind != Sample.kind or found.row["split"] == "pool":
            return []
        sample = parse(Sample, found.row, str(found.path))
        changed: list[Consequence] = []
        for iteration in chain(self._iterations)[1:]:
            now = self._right(sample, iteration)
            was = None if now is None else self._right(sample, self.origin(iteration))
            if was is not None and was != now:
                (near,) = self.nearest([sample], iteration)
                way = f"{'fixed' if now else 'broken'} in {self.named(iteration)}"
                told = f"; nearest of what it taught ({near.how}):" if near.rows else ""
                changed.append((way + told, [row.id for row in near.rows]))
        return changed

    def _gate(self, iteration: str) -> Path:
        return self._folder / self._iterations[iteration] / "gate.json"

    def _right(self, sample: Sample, iteration: str) -> bool | None:
        """Whether the item was answered rightly after this iteration, None where nobody knows."""
        path = self._folder / iteration / SCORES
        if not path.exists():
            return None
        with mapped(path) as text:
            at = text.find(f'"sample": "{sample.id}"'.encode())
            if at < 0:
                return None
            return parse(Score, parsed(line_at(text, at), path), str(path)).value == "C"

    def _taught_to(self, iteration: str) -> str:
        """Which model a row was taught to, and what that model changed."""
        if iteration not in self._iterations:
            return f"taught to models/{iteration}, which is none of the iterations in params.yaml"
        path = self._metrics / f"{iteration}.json"
        if not (self._gate(iteration).exists() and path.exists()):
            return f"taught to models/{iteration}, of which no evaluation is here"
        origin = self.origin(iteration)
        total: Counter[str] = Counter()
        for row in read_json(path)["counts"]:
            total.update(row["flips"].get(origin, {}))
        return (
            f"taught to models/{self.named(iteration)}: {total['fixed']:,} dev and test items "
            f"fixed, {total['broken']:,} broken"
        )

    def _read_instead(self, iteration: str) -> dict[str, str]:
        """The pairs of an iteration by the row whose place each takes."""
        path = self._folder / iteration / "pairs.jsonl"
        pairs = read(Pair, path) if path.exists() else []  # synthesize comes before prefer
        return {pair.instead: pair.id for pair in pairs}

    def _read_added(self, iteration: str) -> list[Taught]:
        names = [iteration]
        while names[0] != BASE:
            names.insert(0, self._iterations[names[0]])
        pool = index(read(Sample, self._folder / "splits/pool.jsonl"))
        rows = taught(self._folder, names, lessons(self._folder, names), pool)
        return [row for row in rows if row.iteration == iteration]
