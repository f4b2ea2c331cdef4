"""params.yaml: what is wrong in it is named, with the nearest right name."""

import copy

import pytest
import yaml

from lai.core import params
from lai.core.errors import PipelineError

SMALL = {
    "seed": 1,
    "iterations": {"iter1": "iter0"},
    "target": {"model": "models/base/micro"},
    "tasks": {
        "sums": {
            "family": "math",
            "role": "id",
            "scorer": "number",
            "prompt": "number",
            "pool": {"files": "a.jsonl"},
            "test": {"files": "b.jsonl"},
        }
    },
}


def changed(path, value):
    raw = copy.deepcopy(SMALL)
    *folders, key = path.split(".")
    place = raw
    for folder in folders:
        place = place.setdefault(folder, {})
    place[key] = value
    return raw


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("synthesise", {}, "unknown parameter synthesise; did you mean synthesize?"),
        ("train.lora.rnk", 8, "unknown parameter train.lora.rnk; did you mean rank?"),
        ("tasks.sums.fields.inputt", "q", "tasks.sums.fields.inputt; did you mean input?"),
        ("judge", {"modl": "m"}, "unknown parameter judge.modl; did you mean model?"),
        ("judge", {}, "judge.model is missing; add it"),
        ("iterations", ["iter1"], "iterations: .*dictionary"),
        ("instructor.extra_body", {"n": 50}, "instructor: .*n is set by LaI"),
        ("instructor.extra_body", {"max_tokens": None}, "max_tokens is set by LaI"),
        ("runtime.instructor.qqq", 1, "known here: api_key_env, api_version, base_url, conc"),
        ("strategy", "lecc", r"strategy: 'lecc' is no strategy, .* \(did you mean lec\?\)"),
        ("strategy", {}, "strategy: expected a strategy such as le, or weights such as"),
        ("strategy", {"le": 0}, "strategy: the weight of le is no positive number"),
        ("strategy", {"le": 1e308, "lec": 1e308}, "strategy: the weights are too great to add up"),
        ("strategy", {"le": 10**400, "lec": 1}, "strategy: the weights are too great to add up"),
        ("strategy", {"le": 1, "iter1": 1}, "strategy: 'iter1' is no strategy"),
        ("strategy", {"iter1": {"iter2": "le"}}, "strategy: iter1 names iterations in turn"),
        ("strategy", {"iter1": "le", "iter9": "le"}, "strategy: iter9 is none of the iterations"),
        ("seed", "1", r"seed: .*integer \(it is '1'\)"),
        ("seed", True, "seed: .*integer"),
        ("seed", -1, "seed: .*greater than or equal to 0"),
        ("seed", 2**32, "seed: .*less than or equal to 4294967295"),
        ("train.learning_rate", "fast", "train.learning_rate: .*number"),
        ("train.learning_rate", "2e-3", "train.learning_rate: .*write 2.0e-3, for YAML"),
        ("train.epochs", 0, "train.epochs: .*greater than 0"),
        ("tasks.sums.dev_size", 0, "tasks.sums.dev_size: .*greater than 0"),
        ("iterations", {"iter2": "iter1"}, "iterations.iter2 follows iter1, which does not exist"),
        ("iterations", {"iter1": "iter2", "iter2": "iter1"}, "iter1 follows itself"),
        ("iterations", {"iter0": "iter0"}, "iter0 is the base model"),
        ("iterations", {1: 0}, "iterations.1 is no iteration name: DVC makes no stage"),
        ("iterations", {1: "iter0"}, "iterations.1 is no iteration name: DVC makes no stage"),
        ("iterations", {}, "iterations is empty"),
        ("tasks.sums.pool", None, "tasks.sums: an in-domain task .* needs a pool"),
        ("tasks.sums.role", "ood", "has a test split alone"),
        ("tasks.sums.test", {"files": "a", "hub": "b"}, "exactly one of hub, files and builtin"),
        ("instructor", {"engine": "builtin", "model": "gpt-4o"}, "has the models tutor and"),
        ("instructor", {"mode": "batch"}, "`mode: batch` needs a provider: `engine: openai`"),
        ("instructor", {"engine": "openai", "provider": "builtin"}, "`provider: builtin` is"),
        ("judge", {"model": "m", "provider": "builtin"}, "judge: `provider: builtin`"),
        ("target", {"engine": "openai", "model": "m", "provider": "builtin"}, "target: `provider:"),
        ("judge", {"model": "m", "mode": "batch"}, "judge.mode is 'batch', expected 'live'"),
        ("runtime.budget.calls", 1.5, r"runtime\.budget\.calls: .*integer"),
        ("runtime.budget.costs", 5, "unknown parameter runtime.budget.costs; did you mean cost?"),
        ("runtime.budget.cost", 1e300, r"budget\.cost: .*less than or equal to 1000000000 \(it is"),
        ("runtime.judge.price", {"input": 1e13, "output": 0}, "price.input: .*less than or equal"),
        ("runtime.judge.concurrency", 10**400, r"judge\.concurrency: .*less than or equal"),
        ("tasks", {"a.b": {}}, "tasks.a.b: a name starts with a letter"),
    ],
)
def test_mistakes_are_named(path, value, message):
    with pytest.raises(PipelineError, match=message):
        params.parse(changed(path, value))


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abc",
        "sk_abcdefghijklmnopqrst",
        "gsk_4fQ8zT1aB3cD5eF7gH9i",
        "deadbeef" * 4,
        "my key",
        "$KEY",
        "",
    ],
)
def test_a_key_in_the_place_of_its_variables_name_is_refused_and_not_shown(key):
    raw = changed("runtime.judge.api_key_env", key)
    with pytest.raises(PipelineError, match=r"runtime\.judge: api_key_env is the name") as caught:
        params.parse(raw)
    assert not key or key not in str(caught.value)
    for name in (
        "OPENAI_API_KEY",
        "_key2",
        "SKYLAB_ACCOUNT_TWO_KEY",
        "my_key_of_the_openai_account",
        "MyCompany_OpenAI_Key2",
        "OpenRouterKey2024Prod",
        "sk_prod_openai_key_name",
    ):
        params.parse(changed("runtime.judge.api_key_env", name))


def test_the_committed_params_are_valid_and_name_every_section():
    committed = params.load()
    assert committed.tasks
    assert list(committed.iterations) == ["iter1", "iter2", "iter3"]


def test_a_stage_sees_only_what_it_declares(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(SMALL))
    monkeypatch.chdir(tmp_path)
    view = params.view("seed")
    assert view.seed == 1
    assert view.runtime.device == "auto"
    with pytest.raises(AttributeError, match=r"params\.tasks but does not declare it"):
        view.tasks  # noqa: B018


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "seed: 1\nseed: {"])
def test_broken_files_are_one_error(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(PipelineError, match=r"params\.yaml"):
        params.load(path)


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(SMALL) + "runtime:\n  budget: {calls: 999, calls: null}\n")
    line = path.read_text().count("\n")
    with pytest.raises(PipelineError, match="calls stands twice in one mapping") as refused:
        params.load(path)
    assert f"line {line}" in str(refused.value)


def test_what_is_merged_in_may_be_overridden(tmp_path):
    path = tmp_path / "params.yaml"
    head = "runtime:\n  target: &here {concurrency: 2}\n"
    path.write_text(
        yaml.safe_dump(SMALL) + head + "  instructor: {<<: *here, concurrency: 3, max_retries: 4}\n"
    )
    runtime = params.load(path).runtime
    assert (runtime.target.concurrency, runtime.instructor.concurrency) == (2, 3)
