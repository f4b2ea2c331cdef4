"""The loss curve, written by DVCLive while a progress bar runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from dvclive.live import Live
from tqdm import tqdm
from transformers import TrainerCallback


class Curve(TrainerCallback):
    """Logs loss and learning rate into `folder`: values by step, no times, so equal runs agree.

    `losses`: each the mean since the one before.
    """

    def __init__(self, folder: Path) -> None:
        self.losses: list[float] = []
        # DVCLive would otherwise rewrite dvc.yaml and save an experiment of its own.
        self._live = Live(dir=str(folder), dvcyaml=None, save_dvc_exp=False)
        self._bar: tqdm | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._bar is not None:
            self._bar.close()
        self._live.end()  # type: ignore[no-untyped-call]

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Show a bar, unless stderr is not a terminal."""
        self._bar = tqdm(total=state.max_steps, desc="training", unit="step", disable=None)

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
        self.losses.append(logs["loss"])
        self._live.step = state.global_step
        self._live.log_metric("train/loss", round(logs["loss"], 6))
        self._live.log_metric("train/learning_rate", logs["learning_rate"])
