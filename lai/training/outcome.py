"""From training rows to the folder `models/iterN/`, which appears whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lai.core.errors import PipelineError
from lai.core.text import counted
from lai.engines import target as descriptors
from lai.engines.hf import environment
from lai.engines.target import ADAPTER
from lai.training.lesson import Lesson

CONFIG = "adapter_config.json"
CURVE = Path("plots/metrics/train/loss.tsv")
"""The loss curve, in DVCLive's layout."""
FEW = 10
"""Optimizer steps below which hardly anything is learnt."""


def train(lesson: Lesson, folder: Path, curve: Path) -> dict[str, Any]:
    """Train an adapter and write it, with its descriptor, into `folder`.

    `curve`: the folder of the loss curve. One seed gives the same bytes of every file on the same
    machine's CPU.

    Returns the metrics: counts of rows, of tokens in them, and of steps; the loss of the last
    steps. Of pairs, where there are any, under `dpo`; with the difference of rewards (in nats times
    beta) and how often the chosen response has the greater one. Without rows and pairs there is
    nothing to learn, and the model is carried over.

    Raises: PipelineError when the model cannot be loaded, its chat template does not fit training,
    no row is short enough, memory runs out or the loss diverges. Then `folder` is left as it was.
    """
    if not lesson.rows and not lesson.pairs:
        carry_over(lesson.source, folder, lesson.iteration)
        _empty_curve(curve)
        return _metrics()
    if lesson.target.engine != "hf":
        raise PipelineError(
            f"target.engine is {lesson.target.engine}, whose model is not here to be trained; name "
            "its weights with `engine: hf`, or stop before train: dvc repro synthesize@iter1"
        )
    environment.prepare()
    # Only here, so that whoever has nothing to train does not wait for torch.
    from lai.training import lora

    model = descriptors.read(lesson.source)
    descriptors.check_base(model)
    with _replacing(folder) as partial:
        fitted = lora.fit(lesson, model, partial, curve)
        seen = set(lesson.trained_on)
        if lesson.params.start_from == "previous":
            seen.update(model.trained_on)
        descriptors.write(
            partial,
            model.model_copy(
                update={
                    "iteration": lesson.iteration,
                    "adapter": descriptors.fingerprint_file(partial / ADAPTER),
                    "carried_over": False,
                    "trained_on": sorted(seen),
                }
            ),
        )
    return _metrics(**fitted)


def carry_over(source: Path, folder: Path, iteration: str) -> None:
    """Make the model of `source` that of `iteration` too, its adapter (if any) unchanged.

    Raises: PipelineError when `source` lacks its descriptor or its adapter.
    """
    model = descriptors.read(source)
    with _replacing(folder) as partial:
        for name in (ADAPTER, CONFIG) if model.adapter else ():
            try:
                shutil.copyfile(source / name, partial / name)
            except FileNotFoundError:
                raise PipelineError(
                    f"{source / name} does not exist; run `dvc repro` (or `dvc pull`)"
                ) from None
        descriptors.write(
            partial, model.model_copy(update={"iteration": iteration, "carried_over": True})
        )


def sentence(metrics: Mapping[str, Any], previous: str) -> str:
    """What `train` returned, in words. `previous`: the iteration that was started from."""
    pairs = metrics.get("dpo")
    if not metrics["rows"] and not pairs:
        return f"nothing new to learn -> the model of {previous} is carried over"
    short = metrics["replayed"] < metrics["replay_wanted"]
    wanted = f" of {metrics['replay_wanted']} wanted" if short else ""
    once = metrics["replayed_once"]
    from_rows = f" ({once} rows, repeated)" if once < metrics["replayed"] else ""
    return (
        f"{metrics['rows']} taught, {metrics['replayed']}{wanted} replayed{from_rows}, "
        f"{metrics['too_long']} too long -> {metrics['steps']} steps, "
        f"final loss {metrics['final_loss']}{_of_pairs(pairs) if pairs else ''}"
        f"{_few(metrics['steps'] + (pairs or {}).get('steps', 0))}"
    )


def _few(steps: int) -> str:
    if steps >= FEW:
        return ""
    return (
        f"; only {counted(steps, 'optimizer step')}: lower train.batch_size x "
        "gradient_accumulation, or raise synthesize.budget or train.epochs"
    )


def _of_pairs(found: Mapping[str, Any]) -> str:
    counts = f"; {found['pairs']} pairs, {found['too_long']} too long"
    if not found["pairs"]:
        return counts
    return (
        f"{counts} -> {found['steps']} steps, final loss {found['loss']}, reward margin "
        f"{found['reward_margin']}, {found['reward_accuracy']:.1%} preferred"
    )


def _metrics(**values: Any) -> dict[str, Any]:
    empty = {
        "rows": 0,
        "replayed": 0,
        "replayed_once": 0,
        "replay_wanted": 0,
        "too_long": 0,
        "tokens": 0,
        "completion_tokens": 0,
        "steps": 0,
        "final_loss": None,
        "trainable_parameters": 0,
    }
    return empty | values


def _empty_curve(curve: Path) -> None:
    path = curve / CURVE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("step\tloss\n")


@contextlib.contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of `folder` when the block ends, or is removed."""
    # Beside it, for a rename needs the same file system; and named so that git ignores it too.
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        yield partial
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(partial, folder)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        raise PipelineError(
            f"cannot write {error.filename or folder}: {error.strerror}; nothing was half-written, "
            "free some space or mend the permissions and run again"
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
