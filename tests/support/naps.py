"""How long a program sleeps before it tries again: no matter how slow the machine is."""

from pathlib import Path

HOOK = """
import time

real = time.sleep


def sleep(seconds):
    with open({file!r}, "a") as naps:
        naps.write(f"{{seconds}}\\n")
    real(seconds)


time.sleep = sleep
"""


def watch(folder: Path) -> dict[str, str]:
    """The environment in which a Python program's sleeps are written down in `folder`."""
    folder.mkdir(exist_ok=True)
    (folder / "naps").touch()
    (folder / "sitecustomize.py").write_text(HOOK.format(file=str(folder / "naps")))
    return {"PYTHONPATH": str(folder)}


def slept(folder: Path) -> float:
    """Seconds, all of them together."""
    return sum(map(float, (folder / "naps").read_text().split()))
