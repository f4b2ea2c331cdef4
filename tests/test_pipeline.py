"""dvc.yaml names exactly what each stage reads: its code, its params, its records."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.closure import ROOT, closure

PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
STAGES = {name: stage.get("do", stage) for name, stage in PIPELINE.items()}


def script(stage):
    return re.search(r"python -m stages\.(\w+)", stage["cmd"])[1]


def code(stage):
    """The code among a stage's deps: files, and packages that it needs most of."""
    return {path for path in stage["deps"] if path.startswith(("lai/", "stages/"))}


def covers(entry, path):
    return path == entry or path.startswith(f"{entry}/")


def declared_sections(name):
    """The sections that stages/NAME.py passes to run(main, NAME, *sections)."""
    for node in ast.walk(ast.parse((ROOT / "stages" / f"{name}.py").read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "run":
            values = [argument.value for argument in node.args[1:]]
            assert values[0] == name
            return set(values[1:])
    raise AssertionError(f"stages/{name}.py never calls run")


def used_sections(name):
    """The attributes of `params` that stages/NAME.py reads."""
    tree = ast.parse((ROOT / "stages" / f"{name}.py").read_text())
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "params"
    }


@pytest.mark.parametrize("name", STAGES)
def test_the_code_of_a_stage_is_what_it_imports(name):
    imported = closure(f"stages.{script(STAGES[name])}")
    listed = code(STAGES[name])
    missing = [path for path in imported if not any(covers(entry, path) for entry in listed)]
    assert not missing, "imported, but no dep: a change would leave a stale result"
    idle = [
        entry
        for entry in listed
        if not entry.endswith(".jinja") and not any(covers(entry, path) for path in imported)
    ]
    assert not idle, "a dep that is not imported: a change would rerun the stage for nothing"


@pytest.mark.parametrize("name", STAGES)
def test_the_params_of_a_stage_are_what_it_reads(name):
    listed = set(STAGES[name].get("params", []))
    assert "runtime" not in listed
    assert declared_sections(script(STAGES[name])) == listed
    assert used_sections(script(STAGES[name])) - {"runtime"} == listed


@pytest.mark.parametrize("name", STAGES)
def test_every_tracked_file_exists_or_is_made_by_a_stage(name):
    made = {path for stage in STAGES.values() for path in outputs(stage)}
    for path in STAGES[name]["deps"]:
        path = path.replace("${item}", "${key}")
        forms = (path, path.replace("iter0", "${key}"), str(Path(path).parent))
        known = any(form in made for form in forms) or (ROOT / path).exists()
        assert known or any(other.startswith(f"{path}/") for other in made), path


def outputs(stage):
    for kind in ("outs", "metrics", "plots"):
        for entry in stage.get(kind, []):
            yield entry if isinstance(entry, str) else next(iter(entry))


@pytest.mark.parametrize("name", STAGES)
def test_what_is_committed_never_stands_for_a_run(name):
    """A stage whose outputs all lie in git would be skipped in a fresh clone."""
    uncached = [
        entry
        for kind in ("outs", "metrics", "plots")
        for entry in STAGES[name].get(kind, [])
        if isinstance(entry, dict) and next(iter(entry.values())).get("cache") is False
    ]
    assert len(uncached) < len(list(outputs(STAGES[name])))
    if name in ("eval", "analyze", "synthesize", "train"):
        assert not uncached, "an output outside the cache keeps a stage from a remote run cache"


def test_prompts_are_tracked_by_the_stages_that_render_them():
    rendering = {
        name
        for name in STAGES
        if "lai/tasks/prompting.py" in closure(f"stages.{script(STAGES[name])}")
    }
    for name in rendering:
        assert "prompts/target" in STAGES[name]["deps"], name
    for name in ("analyze", "synthesize"):
        assert {f"prompts/{name}", "prompts/verify"} <= set(STAGES[name]["deps"])


def test_stage_scripts_are_short():
    for path in Path(ROOT / "stages").glob("*.py"):
        assert len(path.read_text().splitlines()) <= 48, path.name


HEAVY = {"torch", "transformers", "peft", "trl", "datasets", "sklearn", "openai", "dvc"}


LIGHT = ["prepare", "mine_errors", "contrast_pairs", "analyze", "prefer", "report"]


@pytest.mark.parametrize("name", LIGHT)
def test_heavy_libraries_are_not_imported_by_stages_that_may_not_need_them(name):
    asked = f"import stages.{name}, sys, json; print(json.dumps(list(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, check=True
    ).stdout
    assert not HEAVY & {module.split(".")[0] for module in json.loads(loaded)}
