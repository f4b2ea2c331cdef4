"""`lai show` in a clone: whose figures these are."""

import shutil
import sys

import yaml

from lai import cli
from tests.support.closure import ROOT


def test_figures_of_a_run_with_other_params_say_so(tmp_path, monkeypatch, capsys):
    for name in ("summary.json", "final.json"):
        (tmp_path / "metrics").mkdir(exist_ok=True)
        shutil.copy(ROOT / "metrics" / name, tmp_path / "metrics")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    given = yaml.safe_load((ROOT / "params.yaml").read_text())
    made = {name: given[name] for name in ("seed", "strategy", "target", "instructor")}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["lai", "show"])

    def shown(**others):
        stages = {"report": {"params": {"params.yaml": made | others}}}
        (tmp_path / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}))
        cli.main()
        return capsys.readouterr().out

    assert "These are the committed figures" in shown()
    assert "They are of" not in shown()
    told = shown(target={"engine": "hf", "model": "other"}, strategy="lec")
    assert "They are of a run with another strategy, target than params.yaml has now." in told
    (tmp_path / "dvc.lock").unlink()
    cli.main()
    assert "They are of" not in capsys.readouterr().out
