"""The loss curve, written by DVCLive while a progress bar runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from dvclive.live import Live
from tqdm import tqdm
from transformers import TrainerCallback

LOGGED = {
    "loss": "loss",
    "rewards/margins": "reward_margin",
    "rewards/accuracies": "reward_accuracy",
}
"""What is kept of what a trainer logs, and its name here."""


class Curve(TrainerCallback):
    """Logs values and learning rate into `folder`, by step and without times, so equal runs agree.

    They stand under the name of the `phase`, and its steps are counted on from those `before` it.
    `last`: the values of `LOGGED` that were logged last, each the mean since the time before.
    """

    def __init__(self, folder: Path, phase: str = "train", before: int = 0) -> None:
        self.last: dict[str, float] = {}
        self._phase = phase
        self._before = before
        # DVCLive would otherwise rewrite dvc.yaml and save an experiment of its own.
        self._live = Live(dir=str(folder), dvcyaml=None, save_dvc_exp=False, resume=before > 0)
        self._bar: tqdm | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._bar is not None:
            self._bar.close()
        self._live.end()  # type: ignore[no-untyped-call]

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Show a bar, unless stderr is not a terminal."""
        what = "training" if self._phase == "train" else f"training ({self._phase})"
        self._bar = tqdm(total=state.max_steps, desc=what, unit="step", disable=None)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """One step further."""
        if self._bar is not None:
            self._bar.update()

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any
    ) -> None:
        """Keep the values that were logged."""
        if logs is None or "loss" not in logs:
            return
        self.last = {name: round(logs[key], 6) for key, name in LOGGED.items() if key in logs}
        self._live.step = self._before + state.global_step
        for name, value in self.last.items():
            self._live.log_metric(f"{self._phase}/{name}", value)
        self._live.log_metric(f"{self._phase}/learning_rate", logs["learning_rate"])
