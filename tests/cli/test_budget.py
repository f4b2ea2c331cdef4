"""`lai budget`: what was spent, what is left, and a new count."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from lai.cli import main
from lai.core.params.runtime import BudgetParams
from lai.core.stage import ledger_path
from lai.engines.store.ledger import Ledger
from lai.engines.store.spending import Spending
from tests.support.closure import ROOT


def lai(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[str]]:
    """The words of each line that the command prints."""
    sys.argv = ["lai", *arguments]
    main()
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_spending_caps_and_what_is_left_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(sys, "argv", [])
    raw = yaml.safe_load((ROOT / "params.yaml").read_text())
    raw["runtime"]["budget"] = {"cost": 2.5, "calls": 2000}
    Path("params.yaml").write_text(yaml.safe_dump(raw))
    with Ledger(ledger_path(), BudgetParams()) as ledger:
        for _ in range(1200):
            ticket = ledger.reserve("key", Spending(1, 900, 0.002), "instructor big")
            assert ticket is not None
            ledger.settle(ticket, Spending(1, 500, 0.001))
        assert ledger.hold("lai-1", [("key", Spending(1, 100, 0.5))], "judge small") == 1
        free = ledger.reserve("key", Spending(1, 7, 0.0), "judge local")
        assert free is not None
        ledger.doubtful(free)
    printed = lai(capsys, "budget")
    assert ["instructor", "big", "1,200", "600,000", "1.2000"] in printed
    assert ["in", "all", "1,202", "600,107", "1.7000"] in printed
    assert ["cap", "2,000", "2.5000"] in printed
    assert ["left", "798", "0.8000"] in printed
    held = next(line for line in printed if line[:2] == ["judge", "small:"])
    assert held[-5:] == ["at", "most", "1", "100", "0.5000"]
    batches = ledger_path().with_name("batches")
    batches.mkdir()
    (batches / "lai-1.json").touch()
    doubtful = next(line for line in printed if line[:2] == ["judge", "local:"])
    assert " ".join(doubtful).endswith("no answer, or no usage told, at most 1 7 -")
    assert any("runtime.<who>.price" in " ".join(line) for line in printed)
    printed = lai(capsys, "budget", "--new")
    assert printed[0][:2] == ["Run", "2"]
    assert "1,201 calls, 600,007 tokens, cost 1.2000".split() == printed[2][-6:]
    assert ["left", "1,999", "2.0000"] in printed
