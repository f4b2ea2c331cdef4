"""What an estimate and a preview take of a repository, and when they cannot."""

import json
import os

import pytest

from lai.core.errors import PipelineError
from lai.estimation.workspace import changed
from tests.support import repository


def test_a_run_in_progress_is_to_be_waited_for(tmp_path, monkeypatch):
    made = repository.make(tmp_path / "loop")
    monkeypatch.chdir(made.path)
    assert "prepare" in changed()
    # As DVC notes what a stage that runs will write; this process is alive.
    held = {str(made.path / "data/splits"): {"pid": os.getpid(), "cmd": "dvc repro"}}
    (made.path / ".dvc/tmp/rwlock").write_text(json.dumps({"read": {}, "write": held}))
    with pytest.raises(PipelineError, match=r"a run is in progress here.*wait until it ends"):
        changed()
