"""`lai check` names what a strategy has nothing to teach of."""

import json

import pytest
import yaml

from lai import cli
from tests.support.closure import ROOT


@pytest.mark.parametrize("strategy", ["finetune", "replay"])
def test_a_task_of_tests_alone_has_no_answer_to_teach(tmp_path, monkeypatch, capsys, strategy):
    monkeypatch.chdir(tmp_path)
    for name in ("prompts", "models"):
        (tmp_path / name).symlink_to(ROOT / name)
    rows = [
        {"task_id": n, "prompt": f"def f():\n    # {n}\n", "entry_point": "f"}
        | {"test": f"def check(candidate):\n    assert candidate() == {n}\n"}
        for n in range(40)
    ]
    for name, part in {"pool": rows[:20], "test": rows[20:]}.items():
        text = "".join(json.dumps(row) + "\n" for row in part)
        (tmp_path / f"{name}.jsonl").write_text(text)
    given = yaml.safe_load((ROOT / "params.yaml").read_text()) | {"strategy": strategy}
    sources = {name: {"files": f"{name}.jsonl"} for name in ("pool", "test")}
    given["tasks"] = {"stubs": {"benchmark": "mbpp_stub", "dev_size": 5} | sources}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(given))
    monkeypatch.setattr("sys.argv", ["lai", "check"])
    cli.main()
    said = capsys.readouterr().out
    told = "note             finetune has nothing to teach of stubs: tests, and no solution\n"
    assert (told in said) == (strategy == "finetune")
