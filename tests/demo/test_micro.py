"""The demo's base model: what it is, and that it has gaps worth teaching."""

import json

import pytest
from safetensors import safe_open

from tests.support.closure import ROOT

MICRO = ROOT / "models/base/micro"


def test_the_weights_are_small_and_stored_in_bf16():
    assert (MICRO / "model.safetensors").stat().st_size < 5_000_000
    with safe_open(MICRO / "model.safetensors", "pt") as weights:
        tensors = [weights.get_tensor(name) for name in weights.keys()]  # noqa: SIM118
    assert {str(tensor.dtype) for tensor in tensors} == {"torch.bfloat16"}
    assert sum(tensor.numel() for tensor in tensors) <= 2_000_000


def test_it_loads_as_any_hub_model_does_and_any_text_round_trips():
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(MICRO)
    assert model.config.model_type == "llama"
    tokenizer = AutoTokenizer.from_pretrained(MICRO)
    for text in ("Plain English.", "עברית 日本 🙂", "\tdef f(x):\n\t\treturn  x\r\n", "\u2028\x00"):
        ids = tokenizer(text, add_special_tokens=False).input_ids
        assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text
    chat = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    prompt = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(
        [*chat, {"role": "assistant", "content": "a"}], tokenize=False
    )
    assert whole.startswith(prompt)
    assert model.generation_config.eos_token_id is not None


def test_its_committed_accuracy_leaves_something_to_teach():
    counts = json.loads((ROOT / "metrics/iterations/iter0.json").read_text())["counts"]
    tests = {row["task"]: row for row in counts if row["split"] == "test"}
    for name in ("math", "coding", "facts"):
        assert tests[name]["n"] >= 1000
        assert 0.4 <= tests[name]["accuracy"] <= 0.8


@pytest.mark.parametrize("family", ["math", "coding", "facts"])
def test_the_committed_accuracy_is_what_the_weights_give(family, tmp_path):
    from lai import evaluation
    from lai.core.params import load
    from lai.core.records import Sample
    from lai.engines import target
    from lai.engines.open_target import open_target
    from lai.tasks.loading import load as load_tasks

    params = load(ROOT / "params.yaml")
    task = params.tasks[family]
    tasks = {family: task}
    samples = load_tasks(tasks, params.prepare.model_copy(update={"test_size": 1000}), 1).test
    samples = sorted(samples, key=lambda sample: sample.id)[:150]
    assert all(isinstance(sample, Sample) for sample in samples)
    base = target.describe_base(str(MICRO), None)
    target.write(tmp_path / "iter0", base)
    engine = open_target(tmp_path / "iter0", params.target, params.runtime, tmp_path / "r.sqlite")
    completions = evaluation.answer(samples, engine, base, params.target, tasks)
    found = evaluation.tally(evaluation.score(samples, completions, tasks))["accuracy"]
    committed = json.loads((ROOT / "metrics/iterations/iter0.json").read_text())
    expected = committed["test"][family]
    # Four standard errors of a share of 150.
    assert found == pytest.approx(expected, abs=4 * (0.25 / 150) ** 0.5)
