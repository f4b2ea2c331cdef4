"""Profiles are whole params files: this package reads them, and so does DVC."""

import re
from pathlib import Path

import pytest
import yaml
from ruamel.yaml import YAML

from lai.core import params

ROOT = Path(__file__).resolve().parents[2]
WHOLE = [ROOT / "params.yaml", *sorted((ROOT / "profiles").glob("*.yaml"))]


def sections():
    """The sections of params.yaml that some stage lists."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    return {name for stage in stages for name in stage.get("do", stage).get("params", [])}


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_a_profile_is_valid_and_holds_every_section_that_a_stage_lists(path):
    assert params.load(path).tasks
    # The parser of DVC, in C where it is installed: stricter than others.
    with path.open() as file:
        read = YAML(typ="safe").load(file)
    assert read == yaml.safe_load(path.read_text())
    assert sections() <= set(read)


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_the_keys_that_the_docs_set_by_dvc_exp_run_stand_there(path):
    """DVC refuses to set a key that the file lacks."""
    docs = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "".join(doc.read_text() for doc in docs)
    found = set(re.findall(r"-S '?([a-z_][\w.]*)=", text))
    assert {"strategy", "synthesize.budget", "train.objective", "train.dpo.share"} <= found
    for key in found:
        value = yaml.safe_load(path.read_text())
        for part in key.split("."):
            assert part in value, key
            value = value[part]


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_dvc_can_read_what_it_writes_for_an_experiment(path, tmp_path):
    """`-S` writes the whole file anew, without quotes: a URL in braces is lost by that."""
    from dvc.utils.serialize import load_yaml, modify_yaml

    copy = tmp_path / "params.yaml"
    copy.write_text(path.read_text())
    with modify_yaml(str(copy)) as params:
        params["strategy"] = "lec"
    assert load_yaml(str(copy)) == load_yaml(str(path)) | {"strategy": "lec"}
